import { Readable } from 'node:stream'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Deps } from '../../server/platform/deps.ts'
import { dataKey } from '../../server/platform/keys.ts'
import { unsealText } from '../../server/platform/seal.ts'
import { importStream } from '../../server/records/import/run.ts'
import { readingPlace } from '../../server/records/readings.ts'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { startGateway } from '../support/gateway.ts'
import { generatePair } from '../support/hospitals.ts'
import { stores, type TestStore } from '../support/stores.ts'

const now = new Date('2026-11-20T02:00:00.000Z')
const origin = { source: 'hospital', actor: 'test', operation: 'imported' } as const

function bring(deps: Deps, resources: FhirResource[]) {
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) }
  return bringText(deps, JSON.stringify(bundle))
}

const bringText = (deps: Deps, text: string) =>
  importStream(deps, origin, Readable.from([Buffer.from(text)]), { name: 'x.json', shiftDays: 0 }, (error) => {
    throw new Error(JSON.stringify(error))
  })

/** What patients read: ids and opened texts, in the order of the ids. */
async function readings(deps: Deps): Promise<string[]> {
  const rows = await deps.store.owner.selectFrom('reading').selectAll().orderBy('id').execute()
  return Promise.all(
    rows.map(async ({ id, patient_id, at, card, detail }) => {
      const key = await dataKey(deps.store.owner, deps, patient_id, 'clinical')
      const open = (sealed: Buffer, column: 'card' | 'detail') => unsealText(key, sealed, readingPlace(id, column))
      return [id, at.toISOString(), open(card, 'card'), detail === null ? '' : open(detail, 'detail')].join('\n')
    }),
  )
}

async function hiddenIds(deps: Deps): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select id from record_in_person`.execute(deps.store.owner)
  return new Set(rows.map(({ id }) => id))
}

async function empty({ store }: TestStore): Promise<void> {
  await sql`truncate record, record_in_person, record_reference, reading, patient_lookup, patient cascade`.execute(store.owner)
}

const subject = { reference: 'Patient/p' }
const patient: FhirResource = {
  resourceType: 'Patient',
  id: 'p',
  name: [{ text: 'Lin' }],
  gender: 'female',
  birthDate: '1980-01-01',
}
const visit = (department: string): FhirResource => ({
  resourceType: 'Encounter',
  id: 'v',
  status: 'finished',
  class: { code: 'AMB' },
  serviceType: { text: department },
  subject,
})
const glucose = (id: string, more: object = {}): FhirResource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7', display: 'Glucose' }], text: 'Glucose' },
  subject,
  effectiveDateTime: '2026-11-01T08:00:00+08:00',
  valueQuantity: { value: 5.1, unit: 'mmol/L' },
  ...more,
})
const panel = (result: string[], more: object = {}): FhirResource => ({
  resourceType: 'DiagnosticReport',
  id: 'r',
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
  code: { text: 'Basic metabolic panel' },
  subject,
  effectiveDateTime: '2026-11-01T08:00:00+08:00',
  result: result.map((id) => ({ reference: `Observation/${id}` })),
  ...more,
})

describe.each(stores)('$kind: imports that race, and records that come late', ({ make, absent }) => {
  let opened: TestStore
  let deps: Deps
  beforeAll(async () => {
    if (absent !== null) return
    opened = await make()
    deps = (await startGateway(opened.store, { now })).deps
  })
  afterAll(() => opened?.drop())

  test('the same bundle twice at once is stored once', async (context) => {
    context.skip(absent !== null, 'needs PostgreSQL')
    await empty(opened)
    const bundle = [patient, visit('General'), glucose('a'), panel(['a'])]
    const done = await Promise.all([1, 2, 3].map(() => bring(deps, bundle)))
    expect(done.map(({ stored }) => stored).sort()).toEqual([0, 0, 4])
    expect(done.map(({ unchanged }) => unchanged).sort()).toEqual([0, 4, 4])
    expect(await bring(deps, bundle)).toEqual({ stored: 0, unchanged: 4, skipped: 0, rejected: 0 })
    const versions = await sql<{ version: number }>`
      select version from record union all select version from record_in_person`.execute(opened.store.owner)
    expect(versions.rows.map(({ version }) => version)).toEqual([1, 1, 1, 1])
  })

  test('imports of one person at once end as one after the other', async (context) => {
    context.skip(absent !== null, 'needs PostgreSQL')
    await empty(opened)
    const ids = Array.from({ length: 12 }, (_, index) => `o${index}`)
    const parts = [[patient], [panel(ids)], ...ids.map((id) => [glucose(id)])]
    for (const part of parts) await bring(deps, part)
    const wanted = await readings(deps)
    expect(wanted.length).toBe(1)
    expect(JSON.parse(wanted[0]?.split('\n')[2] ?? '').lines).toBe(ids.length)
    await empty(opened)
    await Promise.all(parts.map((part) => bring(deps, part)))
    expect(await readings(deps)).toEqual(wanted)
  })

  test('[VW-3] a sensitive visit that comes late hides its records, and shows them again once it is ordinary', async (context) => {
    context.skip(absent !== null, 'needs PostgreSQL')
    await empty(opened)
    await bring(deps, [patient, glucose('a', { encounter: { reference: 'Encounter/v' } })])
    const shown = await readings(deps)
    expect(shown.length).toBe(1)
    await bring(deps, [visit('Psychiatry')])
    expect(await readings(deps)).toEqual([])
    expect(await hiddenIds(deps)).toContain(deps.keys.publicId('hospital', 'Observation', 'a'))
    await bring(deps, [visit('General medicine')])
    expect(await readings(deps)).toEqual(shown)
    expect(await hiddenIds(deps)).not.toContain(deps.keys.publicId('hospital', 'Observation', 'a'))
  })

  test('a report before its results and after them, across files, reads the same', async (context) => {
    context.skip(absent !== null, 'needs PostgreSQL')
    const seen: string[][] = []
    for (const order of [
      [patient, glucose('a'), glucose('b'), panel(['a', 'b'])],
      [panel(['a', 'b']), glucose('b'), glucose('a'), patient],
    ]) {
      await empty(opened)
      for (const resource of order) await bring(deps, [resource])
      seen.push(await readings(deps))
    }
    expect(seen[0]?.length).toBe(1)
    expect(seen[1]).toEqual(seen[0])
  })

  test('[VW-3] a drug that comes after its prescription names it, and hides it where it tells', async (context) => {
    context.skip(absent !== null, 'needs PostgreSQL')
    await empty(opened)
    const request = {
      resourceType: 'MedicationRequest',
      id: 'm',
      status: 'active',
      intent: 'order',
      medicationReference: { reference: 'Medication/d' },
      subject,
      authoredOn: '2026-11-01',
    }
    const drug = (text: string) => ({ resourceType: 'Medication', id: 'd', code: { text } })
    await bring(deps, [patient, request])
    await bring(deps, [drug('Amlodipine 5 mg')])
    expect((await readings(deps)).join()).toContain('Amlodipine 5 mg')
    await bring(deps, [drug('Zidovudine 300 mg')])
    expect(await readings(deps)).toEqual([])
  })

  test('[VW-3] any order and any split of a hospital ends in the same readings', async (context) => {
    context.skip(absent !== null, 'needs PostgreSQL')
    const whole = (seed: number) =>
      generatePair(seed, now).with.flatMap((one) =>
        one.resourceType === 'Bundle' && one.type !== 'transaction'
          ? (one.entry as { resource: FhirResource }[]).map(({ resource }) => resource)
          : [one],
      )
    const split = fc.record({
      seed: fc.integer({ min: 0, max: 50 }),
      cut: fc.integer({ min: 1, max: 9 }),
      order: fc.infiniteStream(fc.nat()),
    })
    await fc.assert(
      fc.asyncProperty(split, async ({ seed, cut, order }) => {
        const resources = whole(seed)
        await empty(opened)
        for (const resource of resources) await bringText(deps, JSON.stringify(resource))
        const wanted = [await readings(deps), [...(await hiddenIds(deps))].sort()]
        await empty(opened)
        const shuffled = resources.map((resource) => ({ resource, at: order.next().value as number })).sort((a, b) => a.at - b.at)
        for (let from = 0; from < shuffled.length; from += cut) {
          const part = shuffled.slice(from, from + cut).map(({ resource }) => resource)
          if (part.every(({ resourceType }) => resourceType !== 'Bundle')) await bring(deps, part)
          else for (const one of part) await bringText(deps, JSON.stringify(one))
        }
        expect([await readings(deps), [...(await hiddenIds(deps))].sort()]).toEqual(wanted)
      }),
      { numRuns: 4, seed: 20261120 },
    )
  }, 90_000)
})
