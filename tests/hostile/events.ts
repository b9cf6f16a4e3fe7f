import type { AuditEvent } from '../../server/evidence/audit.ts'
import { auditPlace } from '../../server/evidence/audit.ts'
import type { Deps } from '../../server/platform/deps.ts'
import { unsealText } from '../../server/platform/seal.ts'

export type Recorded = AuditEvent & { id: string; at: Date }

/** Every event of the store, opened, oldest first. */
export async function readEvents({ store, keys }: Deps): Promise<Recorded[]> {
  const rows = await store.owner
    .selectFrom('audit_event')
    .innerJoin('data_key', (join) =>
      join.onRef('data_key.owner', '=', 'audit_event.key_owner').onRef('data_key.class', '=', 'audit_event.key_class'),
    )
    .selectAll('audit_event')
    .select('data_key.wrapped')
    .orderBy('audit_event.seq')
    .execute()
  return rows.map(({ id, at, operation, outcome, subject, body, key_owner, key_class, wrapped }) => ({
    id,
    at,
    operation: operation as AuditEvent['operation'],
    outcome,
    subject,
    ...(JSON.parse(unsealText(keys.unwrap(wrapped as Buffer, key_owner, key_class), body, auditPlace(id))) as Omit<
      AuditEvent,
      'operation' | 'outcome' | 'subject'
    >),
  }))
}

/** The events that an act gave rise to. */
export async function eventsOf(deps: Deps, act: () => Promise<unknown>): Promise<Recorded[]> {
  const before = (await readEvents(deps)).length
  await act()
  return (await readEvents(deps)).slice(before)
}
