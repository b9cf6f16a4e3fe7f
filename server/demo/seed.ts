import { Readable } from 'node:stream'
import { makeDeskCode } from '../identity/desk.ts'
import { hashPassword } from '../identity/password.ts'
import { normalisePhone } from '../identity/person.ts'
import { openAccount } from '../identity/registration.ts'
import type { Deps } from '../platform/deps.ts'
import { post } from '../platform/messages.ts'
import { importStream } from '../records/import/run.ts'
import { demoHospital } from './hospital.ts'
import type { DemoPerson } from './people.ts'

export const demoSource = 'demo'

export const patientIdOf = (deps: Pick<Deps, 'keys'>, person: DemoPerson): string | null =>
  person.patientRef === null ? null : deps.keys.publicId(demoSource, ...(person.patientRef.split('/') as [string, string]))

/** When the demo was seeded, or null where it is not yet. */
export async function seededAt(deps: Deps): Promise<Date | null> {
  const row = await deps.store.owner.selectFrom('meta').select('value').where('name', '=', 'seeded-at').executeTakeFirst()
  return row ? new Date(row.value) : null
}

/** Fills an empty demo store: the hospital's records, accounts of the registered, desk codes on slips. */
export async function seedDemo(deps: Deps): Promise<void> {
  const at = deps.now()
  const { people, bundles } = demoHospital(at)
  const origin = { source: demoSource, actor: 'demo', operation: 'imported' } as const
  for (const bundle of bundles) {
    const body = Readable.from([Buffer.from(JSON.stringify(bundle))])
    await importStream(deps, origin, body, { name: 'demo.json', shiftDays: 0 }, ({ path, code }) => {
      throw new Error(`the demo hospital was refused: ${path} ${code}`)
    })
  }
  for (const person of people) await admit(deps, person)
  await deps.store.owner
    .insertInto('meta')
    .values({ name: 'seeded-at', value: at.toISOString() })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

async function admit(deps: Deps, person: DemoPerson): Promise<void> {
  const patientId = patientIdOf(deps, person)
  if (patientId === null) return
  const { password, registered, deskCode } = person
  const phone = normalisePhone(person.phone, deps.profile)
  if (phone === null) throw new Error(`demo person ${person.id} has no mobile number of the profile`)
  await deps.store.owner.transaction().execute(async (tx) => {
    if (registered && password !== null)
      await openAccount(tx, deps, { phone, passwordHash: await hashPassword(password) }, patientId)
    if (deskCode) {
      const code = await makeDeskCode(tx, deps, patientId, 'demo')
      const days = deps.profile.codes.deskDays as number
      await post(tx, deps, {
        channel: 'desk',
        purpose: 'desk.code',
        to: person.name,
        language: 'zh-Hans',
        values: { code, days },
      })
    }
  })
}
