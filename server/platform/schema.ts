import type { Generated } from 'kysely'

type Bytes = Buffer

interface RecordRow {
  id: string
  patient_id: string
  type: string
  body: Bytes
  label: Bytes
  fingerprint: Bytes
  version: number
  updated_at: Date
}

/** The tables of migrations/, as Kysely sees them. */
export interface Schema {
  meta: { name: string; value: string }
  system_key: { name: string; wrapped: Bytes }
  data_key: { owner: string; class: string; wrapped: Bytes | null; created_at: Date; destroyed_at: Date | null }
  patient: { id: string; identity: Bytes; updated_at: Date }
  patient_lookup: { kind: 'phone' | 'identity-number'; hash: Bytes; patient_id: string }
  record: RecordRow
  record_in_person: RecordRow
  record_reference: {
    from_id: string
    to_id: string
    role: 'member' | 'container' | 'follows' | 'drug' | 'group'
    patient_id: string
    position: number
  }
  reading: {
    id: string
    patient_id: string
    kind: 'report' | 'medication'
    at: Date
    card: Bytes
    detail: Bytes | null
    points: Bytes | null
  }
  account: {
    id: string
    patient_id: string
    phone_hash: Bytes
    phone: Bytes
    password_hash: string
    password_set_at: Date
    created_at: Date
  }
  session: {
    id_hash: Bytes
    public_id: string
    state: 'anonymous' | 'code' | 'signed-in'
    account_id: string | null
    patient_id: string | null
    created_at: Date
    seen_at: Date
    expires_at: Date
  }
  one_time_code: {
    id: string
    session_hash: Bytes
    purpose: 'registration' | 'sign-in'
    phone_hash: Bytes
    code_hash: Bytes | null
    account_id: string | null
    tries_left: number
    expires_at: Date
    used_at: Date | null
  }
  desk_code: { id: string; patient_id: string; code_hash: Bytes; expires_at: Date; used_at: Date | null }
  limit_window: { key: Bytes; hits: number[]; expires_at: Date }
  job: { id: string; kind: string; payload: Bytes; due_at: Date; tries: Generated<number> }
  outbox: {
    id: string
    channel: 'sms' | 'push' | 'desk'
    purpose: string
    message: Bytes
    created_at: Date
    sent_at: Date | null
  }
  audit_event: {
    seq: Generated<number>
    id: string
    at: Date
    operation: string
    outcome: 'done' | 'refused'
    subject: string | null
    key_owner: string
    key_class: string
    body: Bytes
  }
  question: { event_id: string; patient_id: string; text: Bytes | null; asked_at: Date }
  ingest_token_seen: { hash: Bytes; expires_at: Date }
}
