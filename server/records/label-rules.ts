import { rulesVersion } from '../../shared/labels/label.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { Deps } from '../platform/deps.ts'

/** `label-rules`: by which rules records are labelled that come in. `labelled-by`: by which all that are there were labelled. */
type Mark = 'label-rules' | 'labelled-by'

/** The rules of this process: another profile or another rule set is another text. */
export const rulesOf = ({ profile }: Pick<Deps, 'profile'>): string =>
  `${rulesVersion} ${profile.id} ${[...profile.viewing.hiddenClasses].sort().join(',')}`

export async function readMark(db: Db | Tx, name: Mark): Promise<string | null> {
  return (await db.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst())?.value ?? null
}

export async function writeMark(db: Db | Tx, name: Mark, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

/** This process has other label rules than the store by now: what it brought in would be labelled by what no longer holds. */
export class OtherRules extends Error {
  readonly code = 'ZQ_OTHER_RULES'
  constructor() {
    super(
      'the store is labelled by the rules of another version or profile: start this version with `zhiqing serve` first, or use that one',
    )
  }
}

/** Within the ingest lock. A store without a mark was never served: its first start labels everything. */
export async function checkRules(tx: Tx, deps: Pick<Deps, 'profile'>): Promise<void> {
  const inForce = await readMark(tx, 'label-rules')
  if (inForce !== null && inForce !== rulesOf(deps)) throw new OtherRules()
}
