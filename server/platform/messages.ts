import type { Tx } from './db.ts'
import { type Deps, randomId } from './deps.ts'
import { dataKey } from './keys.ts'
import { seal, unsealText } from './seal.ts'
import type { MessageKey } from './words.ts'
import { type languages, translate } from './words.ts'

export interface Message {
  channel: 'sms' | 'push' | 'desk'
  purpose: MessageKey
  /** E.164 number, or the person a desk slip is for. */
  to: string
  language: (typeof languages)[number]
  values?: Record<string, string | number>
}

const place = (id: string) => `outbox|message|${id}`

/** Puts a message in the outbox with the transaction that gives rise to it. */
export async function post(tx: Tx, deps: Deps, message: Message): Promise<void> {
  const id = randomId(deps, 'message')
  const text = translate(message.language, message.purpose, { hospital: deps.hospital.name[message.language], ...message.values })
  const key = await dataKey(tx, deps, `message:${id}`, 'message')
  await tx
    .insertInto('outbox')
    .values({
      id,
      channel: message.channel,
      purpose: message.purpose,
      message: seal(key, JSON.stringify({ to: message.to, text }), place(id), deps.random('nonce', 12)),
      created_at: deps.now(),
      sent_at: null,
    })
    .execute()
}

/** The newest messages, opened: for the demo's outbox page, and for senders. */
export async function readOutbox(deps: Deps, most: number) {
  const rows = await deps.store.owner.selectFrom('outbox').selectAll().orderBy('created_at', 'desc').limit(most).execute()
  const opened: { id: string; at: string; channel: string; to: string; purpose: string; text: string }[] = []
  for (const row of rows) {
    const key = await dataKey(deps.store.owner, deps, `message:${row.id}`, 'message')
    const { to, text } = JSON.parse(unsealText(key, row.message, place(row.id))) as { to: string; text: string }
    opened.push({ id: row.id, at: row.created_at.toISOString(), channel: row.channel, to, purpose: row.purpose, text })
  }
  return opened
}
