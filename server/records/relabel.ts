import { sql } from 'kysely'
import { append, localEvent } from '../evidence/audit.ts'
import type { Deps } from '../platform/deps.ts'
import { lockIngest } from './ingest.ts'
import { readMark, rulesOf, writeMark } from './label-rules.ts'
import { rewriteReadings } from './readings.ts'
import { type Held, Settling, settle } from './settle.ts'

const perBatch = 500

/** True when not every label of the store is of today's rules. */
export async function needsRelabel(deps: Deps): Promise<boolean> {
  return (await readMark(deps.store.owner, 'labelled-by')) !== rulesOf(deps)
}

/**
 * Labels every record again, person by person, and puts it where it now belongs. Runs before the gateway answers patients:
 * a record that a new rule hides must not be read in the meantime. It may be broken off; the next start goes over it again.
 */
export async function relabel(deps: Deps, tell: (people: number) => void): Promise<void> {
  const { owner } = deps.store
  // From here on whoever still has other rules brings nothing in: it would be labelled by what no longer holds.
  await owner.transaction().execute(async (tx) => {
    await lockIngest(tx, 'alone')
    await writeMark(tx, 'label-rules', rulesOf(deps))
  })
  let after = ''
  let people = 0
  for (;;) {
    const { rows } = await sql<{ patient_id: string }>`
      select patient_id from (select patient_id from record union select patient_id from record_in_person) as p
      where patient_id > ${after} order by patient_id limit 1`.execute(deps.store.owner)
    const patientId = rows[0]?.patient_id
    if (patientId === undefined) break
    after = patientId
    await relabelPerson(deps, patientId)
    people += 1
    if (people % 100 === 0) tell(people)
  }
  await writeMark(owner, 'labelled-by', rulesOf(deps))
}

async function relabelPerson(deps: Deps, patientId: string): Promise<void> {
  await deps.store.owner.transaction().execute(async (tx) => {
    await lockIngest(tx, 'alone')
    const { rows } = await sql<{ id: string }>`
      select id from record where patient_id = ${patientId}
      union all select id from record_in_person where patient_id = ${patientId}`.execute(tx)
    for (let from = 0; from < rows.length; from += perBatch) {
      const work = new Settling(tx, deps)
      const held = await work.held(rows.slice(from, from + perBatch).map(({ id }) => id))
      const changed = new Map<string, Held>(held.map((one) => [one.id, { ...one, changed: true }]))
      await rewriteReadings(work, await settle(work, changed), { people: [], groups: [] })
    }
    await append(tx, deps, localEvent('relabelled', 'gateway', { detail: `${rows.length}` }))
  })
}
