import type { LanguageCode } from '../../shared/contract/session.ts'
import { ageOn } from '../../shared/policy/ages.ts'
import { type AuditEvent, append } from '../evidence/audit.ts'
import type { Tx } from '../platform/db.ts'
import { type Deps, randomId } from '../platform/deps.ts'
import { dataKey } from '../platform/keys.ts'
import { post } from '../platform/messages.ts'
import { seal, unsealText } from '../platform/seal.ts'
import { useDeskCode } from './desk.ts'
import { identityPlace, normaliseIdentityNumber, normaliseName, type PersonIdentity } from './person.ts'

/** What waits for matching after the answer has left; sealed in its job. */
export interface Registration {
  phone: string
  name: string
  identityNumber: string
  passwordHash: string
  deskCode: string | null
  language: LanguageCode
  address: string
  device: string
}

export const phonePlace = (accountId: string): string => `account|phone|${accountId}`

/** The job that opens an account, or tells the number's holder that none could be opened; both texts go to that number alone. */
export function matchRegistration(deps: Deps) {
  return async (tx: Tx, payload: unknown): Promise<void> => {
    const asked = payload as Registration
    const patientId = await findMatch(tx, deps, asked)
    const accountId = patientId === null ? null : await openAccount(tx, deps, asked, patientId)
    const event: AuditEvent = {
      operation: accountId === null ? 'registration-refused' : 'registered',
      outcome: accountId === null ? 'refused' : 'done',
      subject: accountId === null ? null : patientId,
      actor: accountId,
      purpose: 'own-use',
      address: asked.address,
      device: asked.device,
      session: null,
    }
    await append(tx, deps, event)
    const purpose = accountId === null ? 'sms.registration-not-opened' : 'sms.registration-opened'
    const values = { phone: deps.hospital.inPersonPhone }
    await post(tx, deps, { channel: 'sms', purpose, to: asked.phone, language: asked.language, values })
  }
}

async function identityOf(tx: Tx, deps: Deps, patientId: string): Promise<PersonIdentity | null> {
  const row = await tx.selectFrom('patient').select('identity').where('id', '=', patientId).executeTakeFirst()
  if (!row) return null
  const key = await dataKey(tx, deps, patientId, 'clinical')
  return JSON.parse(unsealText(key, row.identity, identityPlace(patientId))) as PersonIdentity
}

async function patientsBy(tx: Tx, deps: Deps, kind: 'phone' | 'identity-number', value: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('patient_lookup')
    .select('patient_id')
    .where('kind', '=', kind)
    .where('hash', '=', deps.keys.lookup(kind, value))
    .execute()
  return rows.map(({ patient_id }) => patient_id)
}

const accountOf = (tx: Tx, deps: Deps, phone: string) =>
  tx
    .selectFrom('account')
    .select(['id', 'patient_id'])
    .where('phone_hash', '=', deps.keys.lookup('phone', phone))
    .executeTakeFirst()

/**
 * ID-1: name, identity number and number together name one person of the index. A number that several persons or anyone
 * under age have in the index proves nothing; then, and for whoever has an account already, only a desk code does.
 */
async function findMatch(tx: Tx, deps: Deps, asked: Registration): Promise<string | null> {
  const now = deps.now()
  const { zone, ages } = deps.profile
  const named: string[] = []
  for (const id of await patientsBy(tx, deps, 'identity-number', normaliseIdentityNumber(asked.identityNumber))) {
    const identity = await identityOf(tx, deps, id)
    if (identity?.name && normaliseName(identity.name) === normaliseName(asked.name)) named.push(id)
  }
  const [patientId] = named
  if (patientId === undefined || named.length > 1) return null
  const ageOf = async (id: string) => {
    const born = (await identityOf(tx, deps, id))?.birthDate
    return born ? ageOn(born, zone, now) : null
  }
  const age = await ageOf(patientId)
  if (age === null || age < (ages.consent as number)) return null
  // A number that another account has is no way in, and must not cost the desk code.
  const account = await accountOf(tx, deps, asked.phone)
  if (account && account.patient_id !== patientId) return null
  if (asked.deskCode !== null) return (await useDeskCode(tx, deps, patientId, asked.deskCode)) ? patientId : null
  const existing = await tx.selectFrom('account').select('id').where('patient_id', '=', patientId).executeTakeFirst()
  if (existing) return null
  const holders = await patientsBy(tx, deps, 'phone', asked.phone)
  if (!holders.includes(patientId) || holders.length > 1) return null
  return age >= (ages.majority as number) ? patientId : null
}

/** Opens the account, or, at the desk, gives an existing one new credentials and ends its sessions. Null where the number is taken. */
export async function openAccount(
  tx: Tx,
  deps: Deps,
  asked: Pick<Registration, 'phone' | 'passwordHash'>,
  patientId: string,
): Promise<string | null> {
  const phoneHash = deps.keys.lookup('phone', asked.phone)
  const taken = await accountOf(tx, deps, asked.phone)
  if (taken && taken.patient_id !== patientId) return null
  const existing = await tx.selectFrom('account').select('id').where('patient_id', '=', patientId).forUpdate().executeTakeFirst()
  const id = existing?.id ?? randomId(deps, 'account')
  const key = await dataKey(tx, deps, id, 'account')
  const credentials = {
    phone_hash: phoneHash,
    phone: seal(key, asked.phone, phonePlace(id), deps.random('nonce', 12)),
    password_hash: asked.passwordHash,
    password_set_at: deps.now(),
  }
  if (existing) {
    await tx.updateTable('account').set(credentials).where('id', '=', id).execute()
    await tx.deleteFrom('session').where('account_id', '=', id).execute()
    // A code that the old password asked for must not open the account after all.
    await tx.deleteFrom('one_time_code').where('account_id', '=', id).execute()
  } else {
    await tx
      .insertInto('account')
      .values({ id, patient_id: patientId, created_at: deps.now(), ...credentials })
      .execute()
  }
  return id
}
