import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { storeOnPostgres } from '../../server/platform/db.ts'
import type { Deps } from '../../server/platform/deps.ts'
import { migrate } from '../../server/platform/migrate.ts'
import { needsRelabel, relabel } from '../../server/records/relabel.ts'
import { bringIn, startGateway } from '../support/gateway.ts'
import { testDatabases } from '../support/postgres.ts'
import { stores } from '../support/stores.ts'

const withoutClasses = (deps: Deps): Deps => ({
  ...deps,
  profile: { ...deps.profile, viewing: { ...deps.profile.viewing, hiddenClasses: [] } },
})

for (const maker of stores) {
  test.skipIf(maker.absent !== null)(
    `[VW-2] on ${maker.kind}, once the rules have changed, an older gateway brings nothing in (needs PostgreSQL)`,
    async () => {
      const place = await maker.make()
      try {
        const { deps } = await startGateway(place.store)
        const older = withoutClasses(deps)
        const person = { resourceType: 'Patient', id: 'p', birthDate: '1985-06-15', name: [{ text: '林嘉慧' }] }
        await relabel(older, () => {})
        await bringIn(older, [person])
        await relabel(deps, () => {})
        expect(await needsRelabel(deps)).toBe(false)
        const hiv = {
          resourceType: 'Observation',
          id: 'o',
          status: 'final',
          code: { text: 'HIV抗体' },
          subject: { reference: 'Patient/p' },
        }
        await expect(bringIn(older, [hiv])).rejects.toThrow('labelled by the rules of another version')
        await bringIn(deps, [hiv])
        expect(await place.store.owner.selectFrom('record').select('id').where('type', '=', 'Observation').execute()).toEqual([])
      } finally {
        await place.drop()
      }
    },
  )
}

const databases = testDatabases()

test.skipIf('absent' in databases)(
  '[SE-6] gateways that start at once on an empty database all start (needs PostgreSQL)',
  async () => {
    if ('absent' in databases) return
    for (let round = 0; round < 5; round += 1) {
      const { url, drop } = await databases.createDatabase()
      const several = Array.from({ length: 4 }, () => storeOnPostgres(url, 2))
      try {
        await Promise.all(several.map(({ owner }) => migrate(owner)))
        const { rows } = await sql`select name from migration`.execute(several[0]!.owner)
        expect(rows.length).toBeGreaterThan(0)
        expect(await several[0]!.owner.selectFrom('record').select('id').execute()).toEqual([])
      } finally {
        for (const store of several) await store.close()
        await drop()
      }
    }
  },
)
