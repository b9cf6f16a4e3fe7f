import { timingSafeEqual } from 'node:crypto'
import { append, localEvent } from '../evidence/audit.ts'
import type { Tx } from '../platform/db.ts'
import { type Deps, randomId } from '../platform/deps.ts'

/** Crockford's base 32: no I, L, O, U. 32^10 = 50 bits. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

const plain = (code: string): string =>
  code.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')

const hashOf = (deps: Deps, patientId: string, code: string): Buffer => deps.keys.codeHash('desk', patientId, plain(code))

/** A code that staff hand over in person against the identity card; the last one made is the one that counts. */
export async function makeDeskCode(tx: Tx, deps: Deps, patientId: string, actor: string): Promise<string> {
  const code = Array.from(deps.random('desk-code', 10), (byte) => alphabet[byte % 32]).join('')
  await tx.deleteFrom('desk_code').where('patient_id', '=', patientId).where('used_at', 'is', null).execute()
  await tx
    .insertInto('desk_code')
    .values({
      id: randomId(deps, 'desk-code'),
      patient_id: patientId,
      code_hash: hashOf(deps, patientId, code),
      expires_at: new Date(deps.now().getTime() + (deps.profile.codes.deskDays as number) * 24 * 3_600_000),
      used_at: null,
    })
    .execute()
  await append(tx, deps, localEvent('desk-code-made', actor, { subject: patientId }))
  return `${code.slice(0, 5)}-${code.slice(5)}`
}

/** Spends a desk code of this patient; false where it is not theirs, used or too old. */
export async function useDeskCode(tx: Tx, deps: Deps, patientId: string, given: string): Promise<boolean> {
  const rows = await tx
    .selectFrom('desk_code')
    .selectAll()
    .where('patient_id', '=', patientId)
    .where('used_at', 'is', null)
    .where('expires_at', '>', deps.now())
    .forUpdate()
    .execute()
  const hash = hashOf(deps, patientId, given)
  const row = rows.find(({ code_hash }) => timingSafeEqual(code_hash, hash))
  if (!row) return false
  await tx.updateTable('desk_code').set({ used_at: deps.now() }).where('id', '=', row.id).execute()
  return true
}
