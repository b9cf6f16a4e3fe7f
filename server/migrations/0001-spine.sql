-- The spine. Times are timestamptz; public ids are 22 characters of base64url (128 keyed or random bits);
-- bytea columns are ciphertext under a data key, or keyed hashes. Nothing readable about a person stands outside a key.

create table meta (
  name text primary key,
  value text not null
);

-- Keys of the store itself (ids, look-ups, sessions, cursors, codes), wrapped by the master key: rotating that keeps look-ups.
create table system_key (
  name text primary key,
  wrapped bytea not null
);

-- One data key per owner and retention class; destroying it is how deletion works.
create table data_key (
  owner text not null,
  class text not null,
  wrapped bytea,
  created_at timestamptz not null,
  destroyed_at timestamptz,
  primary key (owner, class),
  check ((wrapped is null) = (destroyed_at is not null))
);

create table patient (
  id text primary key,
  identity bytea not null,
  updated_at timestamptz not null
);

-- Keyed hashes of numbers. Several patients may share a phone.
create table patient_lookup (
  kind text not null check (kind in ('phone', 'identity-number')),
  hash bytea not null,
  patient_id text not null references patient,
  primary key (kind, hash, patient_id)
);
create index patient_lookup_by_patient on patient_lookup (patient_id);

-- FHIR text of records that are not hidden. Records whose patient has not arrived yet wait here unseen.
create table record (
  id text primary key,
  patient_id text not null,
  type text not null,
  body bytea not null,
  label bytea not null,
  fingerprint bytea not null,
  version integer not null,
  updated_at timestamptz not null
);
create index record_by_patient on record (patient_id, type);

-- FHIR text of records that are told in person only. The role of the patient routes has no right on it.
create table record_in_person (
  id text primary key,
  patient_id text not null,
  type text not null,
  body bytea not null,
  label bytea not null,
  fingerprint bytea not null,
  version integer not null,
  updated_at timestamptz not null
);
create index record_in_person_by_patient on record_in_person (patient_id);

-- member: a report and its results; container: a record and its visit or order; follows: a dispense and its prescription;
-- drug: a prescription and its medication; group: a standalone observation and the group it is read in.
create table record_reference (
  from_id text not null,
  to_id text not null,
  role text not null check (role in ('member', 'container', 'follows', 'drug', 'group')),
  patient_id text not null,
  position integer not null,
  primary key (from_id, role, to_id)
);
create index record_reference_to on record_reference (to_id, role);

-- What a patient reads, composed from visible records alone.
create table reading (
  id text primary key,
  patient_id text not null,
  kind text not null check (kind in ('report', 'medication')),
  at timestamptz not null,
  card bytea not null,
  detail bytea,
  points bytea
);
create index reading_by_patient on reading (patient_id, kind, at desc, id);

create table account (
  id text primary key,
  patient_id text not null unique references patient,
  phone_hash bytea not null unique,
  phone bytea not null,
  password_hash text not null,
  password_set_at timestamptz not null,
  created_at timestamptz not null
);

create table session (
  id_hash bytea primary key,
  -- Random name of the session in the log; says nothing of its secret.
  public_id text not null,
  state text not null check (state in ('anonymous', 'code', 'signed-in')),
  account_id text references account on delete cascade,
  patient_id text,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  check ((state = 'signed-in') = (account_id is not null and patient_id is not null))
);
create index session_by_account on session (account_id);
create index session_by_expiry on session (expires_at);

create table one_time_code (
  id text primary key,
  session_hash bytea not null,
  purpose text not null check (purpose in ('registration', 'sign-in')),
  phone_hash bytea not null,
  -- Null where no code was sent: the row is there all the same.
  code_hash bytea,
  account_id text references account on delete cascade,
  tries_left integer not null check (tries_left >= 0),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index one_time_code_by_session on one_time_code (session_hash, purpose);
create index one_time_code_by_expiry on one_time_code (expires_at);

create table desk_code (
  id text primary key,
  patient_id text not null references patient,
  code_hash bytea not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index desk_code_by_patient on desk_code (patient_id);

-- Exact sliding windows: the instants (ms) of the hits that still count.
create table limit_window (
  key bytea primary key,
  hits bigint[] not null,
  expires_at timestamptz not null
);
create index limit_window_by_expiry on limit_window (expires_at);

create table job (
  id text primary key,
  kind text not null,
  payload bytea not null,
  due_at timestamptz not null,
  tries integer not null default 0
);
create index job_by_due on job (due_at);

create table outbox (
  id text primary key,
  channel text not null check (channel in ('sms', 'push', 'desk')),
  purpose text not null,
  message bytea not null,
  created_at timestamptz not null,
  sent_at timestamptz
);

create table audit_event (
  seq bigint generated always as identity primary key,
  id text not null unique,
  at timestamptz not null,
  operation text not null,
  outcome text not null check (outcome in ('done', 'refused')),
  subject text,
  key_owner text not null,
  key_class text not null,
  body bytea not null
);
create index audit_event_by_subject on audit_event (subject, at desc, id);

-- Append-only: for everyone, the owner of the tables included.
create function audit_event_is_append_only() returns trigger language plpgsql as
  $$ begin raise exception 'audit_event is append-only' using errcode = 'insufficient_privilege'; end $$;
create trigger audit_event_no_change before update or delete on audit_event
  for each row execute function audit_event_is_append_only();
create trigger audit_event_no_truncate before truncate on audit_event
  for each statement execute function audit_event_is_append_only();

create table question (
  event_id text primary key references audit_event (id),
  patient_id text not null,
  text bytea,
  asked_at timestamptz not null
);

create table ingest_token_seen (
  hash bytea primary key,
  expires_at timestamptz not null
);

grant select on meta, system_key, data_key, patient, reading, account, session, one_time_code, limit_window, audit_event, question
  to zhiqing_patient;
grant insert on data_key, session, one_time_code, limit_window, job, audit_event, question to zhiqing_patient;
grant update (seen_at) on session to zhiqing_patient;
grant update (tries_left, used_at) on one_time_code to zhiqing_patient;
grant update (hits, expires_at) on limit_window to zhiqing_patient;
grant delete on session to zhiqing_patient;
