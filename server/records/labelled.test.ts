import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { findProfile, type Profile } from '../../shared/policy/profile.ts'
import { generatePair } from '../../tests/support/hospitals.ts'
import { readEntries } from './import/read.ts'
import { isHidden, type Node, ownLabel, type StoredLabel, settleAlong } from './labelled.ts'
import { linksOf } from './links.ts'

const cn = findProfile('CN') as Profile
const now = new Date('2026-05-31T07:30:00Z')
const refOf = ({ resourceType, id }: FhirResource) => `${resourceType}/${id}`

/** What a hospital sends, with every reference resolved as the import resolves it. */
async function resolved(sent: FhirResource[]): Promise<FhirResource[]> {
  const all: FhirResource[] = []
  for (const one of sent) {
    const bytes = (async function* () {
      yield Buffer.from(JSON.stringify(one))
    })()
    for await (const { entries } of readEntries(bytes, 'sent.json')) all.push(...entries.map(({ resource }) => resource))
  }
  return all
}

function decisions(resources: FhirResource[]): Map<string, boolean> {
  const byRef = new Map(resources.map((resource) => [refOf(resource), resource]))
  const nodes = new Map<string, Node>()
  for (const [ref, resource] of byRef) {
    const links = linksOf(resource)
    const to = (role: string) => links.filter((link) => link.role === role).map((link) => link.to)
    const drugs = to('drug').flatMap((drug) => byRef.get(drug) ?? [])
    nodes.set(ref, { label: ownLabel(resource, cn, drugs), containers: to('container'), follows: to('follows'), reports: [] })
  }
  for (const [ref, resource] of byRef) {
    for (const { role, to } of linksOf(resource)) if (role === 'member') nodes.get(to)?.reports.push(ref)
  }
  const along = settleAlong(nodes, () => undefined)
  return new Map([...nodes].map(([ref, { label }]) => [ref, isHidden({ ...label, along: along.get(ref) ?? false })]))
}

test('[VW-3] adding or removing any sensitive records changes no decision on a record that is not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 5000, max: 9000 }),
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      async (seed, kept) => {
        const pair = generatePair(seed, now)
        const all = await resolved(pair.with)
        const sensitive = new Set(pair.sensitiveRefs)
        const ordinary = all.map(refOf).filter((ref) => !sensitive.has(ref))
        const dropped = new Set(pair.sensitiveRefs.filter((_, index) => !kept[index % kept.length]))
        const [full, fewer] = [decisions(all), decisions(all.filter((resource) => !dropped.has(refOf(resource))))]
        const changed = ordinary.filter((ref) => full.get(ref) !== fewer.get(ref))
        expect(changed, `seed ${seed}`).toEqual([])
        expect(
          pair.sensitiveRefs.filter((ref) => full.get(ref) === false),
          `seed ${seed}: sensitive and visible`,
        ).toEqual([])
      },
    ),
    { numRuns: process.env.ZHIQING_PROVE === '1' ? 1000 : 300 },
  )
}, 600_000)

test('[VW-3] the order of records decides nothing, references in a circle included', () => {
  const label = (kind: boolean): Omit<StoredLabel, 'along'> => ({
    classes: [],
    proxies: [],
    unknown: false,
    because: [],
    own: kind,
    kind,
  })
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          kind: fc.boolean(),
          containers: fc.array(fc.nat(7), { maxLength: 2 }),
          reports: fc.array(fc.nat(7), { maxLength: 2 }),
        }),
        {
          minLength: 8,
          maxLength: 8,
        },
      ),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8, maxLength: 8 }),
      (drawn, order) => {
        const build = (indices: number[]) =>
          new Map(
            indices.map((index): [string, Node] => {
              const { kind, containers, reports } = drawn[index] as (typeof drawn)[number]
              return [
                String(index),
                { label: label(kind), containers: containers.map(String), follows: [], reports: reports.map(String) },
              ]
            }),
          )
        const one = settleAlong(build([0, 1, 2, 3, 4, 5, 6, 7]), () => undefined)
        const other = settleAlong(build(order), () => undefined)
        expect([...one].sort()).toEqual([...other].sort())
      },
    ),
  )
})
