import { randomInt, timingSafeEqual } from 'node:crypto'
import { sql } from 'kysely'
import type { LanguageCode } from '../../shared/contract/session.ts'
import type { Tx } from '../platform/db.ts'
import { type Deps, randomId } from '../platform/deps.ts'
import { enqueue } from '../platform/jobs.ts'
import { post } from '../platform/messages.ts'
import type { Session } from './sessions.ts'

export type CodePurpose = 'registration' | 'sign-in'

/** What the job that sends a code is told; `code` null = nothing is sent, in the same steps. */
interface CodeToSend {
  purpose: CodePurpose
  phone: string
  code: string | null
  language: LanguageCode
}

/** 6 digits, bound to session, purpose and number. `real` false leaves a row that no code opens. */
export async function makeCode(
  tx: Tx,
  deps: Deps,
  session: Session,
  what: { purpose: CodePurpose; phone: string; language: LanguageCode; accountId: string | null; real: boolean },
): Promise<void> {
  const { purpose, phone, language, accountId, real } = what
  const code = String(randomInt(0, 1_000_000)).padStart(6, '0')
  await tx
    .insertInto('one_time_code')
    .values({
      id: randomId(deps, 'code'),
      session_hash: session.idHash,
      purpose,
      phone_hash: deps.keys.lookup('phone', phone),
      code_hash: real ? hashOf(deps, session, purpose, phone, code) : null,
      account_id: accountId,
      tries_left: deps.profile.codes.tries as number,
      expires_at: new Date(deps.now().getTime() + (deps.profile.codes.minutes as number) * 60_000),
      used_at: null,
    })
    .execute()
  await enqueue(tx, deps, 'send-code', { purpose, phone, code: real ? code : null, language } satisfies CodeToSend)
}

const hashOf = (deps: Deps, session: Session, purpose: CodePurpose, phone: string, code: string): Buffer =>
  deps.keys.codeHash(session.idHash.toString('hex'), purpose, deps.keys.lookup('phone', phone).toString('hex'), code)

export function sendCode(deps: Deps) {
  return async (tx: Tx, payload: unknown): Promise<void> => {
    const { purpose, phone, code, language } = payload as CodeToSend
    if (code === null) return
    const minutes = deps.profile.codes.minutes as number
    await post(tx, deps, { channel: 'sms', purpose: `sms.${purpose}-code`, to: phone, language, values: { code, minutes } })
  }
}

/**
 * Spends one try, and the code itself when it is right. One answer for wrong, expired, used, foreign and never sent. The
 * row's lock lets one of two racing callers through.
 */
export async function useCode(
  tx: Tx,
  deps: Deps,
  session: Session,
  purpose: CodePurpose,
  given: { phone: string | null; code: string },
): Promise<{ accountId: string | null; madeAt: Date } | null> {
  const now = deps.now()
  const { rows } = await sql<{
    id: string
    code_hash: Buffer | null
    phone_hash: Buffer
    account_id: string | null
    expires_at: Date
  }>`
    update one_time_code set tries_left = tries_left - 1
    where session_hash = ${session.idHash} and purpose = ${purpose} and tries_left > 0 and used_at is null and expires_at > ${now}
    returning id, code_hash, phone_hash, account_id, expires_at`.execute(tx)
  const row = rows[0]
  if (!row) return null
  const phoneHash = given.phone === null ? row.phone_hash : deps.keys.lookup('phone', given.phone)
  const expected = row.code_hash ?? Buffer.alloc(32)
  const hash = deps.keys.codeHash(session.idHash.toString('hex'), purpose, phoneHash.toString('hex'), given.code)
  if (!timingSafeEqual(hash, expected)) return null
  await tx.updateTable('one_time_code').set({ used_at: now }).where('id', '=', row.id).execute()
  const madeAt = new Date(row.expires_at.getTime() - (deps.profile.codes.minutes as number) * 60_000)
  return { accountId: row.account_id, madeAt }
}
