import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { Medication } from '../../shared/contract/reports.ts'
import { check, someId } from '../../tests/support/composed.ts'
import { build } from '../../tests/support/shaped.ts'
import { composeGroup, composeReport } from './compose.ts'
import { composeMedication } from './compose-medication.ts'
import { checkShape } from './import/shape.ts'

const zone = 'Asia/Shanghai'
const woman = { sex: 'female', birthDate: '1990-06-15' }
const types = ['DiagnosticReport', 'Observation', 'DocumentReference', 'ImagingStudy', 'MedicationRequest', 'MedicationStatement']
const others = [null, {}, [], [null], '', 'x', 0, true, '2026']

type Choose = (most: number) => number
type Place = [holder: Record<string, unknown>, key: string]

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [[value as Place[0], key], ...placesIn(inner)])
}

/** One to three elements, at any depth, left out, under another name, twice, or another thing. */
function spoilt(resource: FhirResource, choose: Choose): FhirResource {
  const copy = structuredClone(resource)
  for (let turn = choose(3); turn >= 0; turn--) {
    const places = placesIn(copy)
    const [holder, key] = places[choose(places.length)]!
    const [other, otherKey] = places[choose(places.length)]!
    const given = structuredClone(holder[key])
    const rename = (name: string, value: unknown) => {
      delete holder[key]
      holder[name] = value
    }
    const changes = [
      () => delete holder[key],
      () => rename(`_${key}`, given),
      () => rename(`_${key}`, { extension: [{ url: 'x' }] }),
      () => rename(otherKey, given),
      () => Object.assign(holder, { [otherKey]: given }),
      () => Object.assign(other, { [otherKey]: given }),
      () => Object.assign(holder, { [key]: Array.isArray(given) ? [...given, ...given] : [given, given] }),
      () => Object.assign(holder, { [key]: others[choose(others.length)] }),
      () => Object.assign(copy, { contained: [copy.contained, structuredClone(holder)].flat() }),
    ]
    changes[choose(changes.length)]!()
  }
  // Holes of lists become nulls, and what a list has by name is lost, as in any file.
  return JSON.parse(JSON.stringify(copy)) as FhirResource
}

test('no element left out, renamed, doubled or exchanged makes composing throw, if the check lets it pass', () => {
  let passed = 0
  let refused = 0
  const isSound = (resource: FhirResource) => {
    const sound = checkShape(resource).length === 0
    if (sound) passed++
    else refused++
    return sound
  }
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (type, seed) => {
      let state = seed
      const choose = (most: number) => {
        state = (state * 48_271) % 2_147_483_647
        return state % most
      }
      // What has no contained results by chance gets one: they are read like those outside, and spoil as well.
      const spoil = (kind: string) => {
        const inner = build('Observation', choose, 2)
        return spoilt({ contained: [inner], ...(build(kind, choose, 3) as FhirResource) } as FhirResource, choose)
      }
      const container = spoil(type)
      const members = ['a', 'b'].map((name) => ({ ...spoil('Observation'), id: name })).filter(isSound)
      check(composeGroup(members, 'vitals', woman, zone))
      if (!isSound(container)) return
      check(composeReport(container, members, woman, zone))
      const drug = spoil('Medication')
      const composed = composeMedication(container, isSound(drug) ? drug : null, zone)
      if (composed !== null) v.parse(Medication, { id: someId, ...composed })
    }),
    { numRuns: 1500 },
  )
  expect(passed).toBeGreaterThan(500)
  expect(refused).toBeGreaterThan(500)
})

test('neither a long chain of panels nor a long list of ranges ends the stack', () => {
  const panel = (at: number, more: object = {}): FhirResource => ({
    resourceType: 'Observation',
    id: `p${at}`,
    status: 'final',
    code: { text: `p${at}` },
    effectiveDateTime: '2026-03-01',
    hasMember: [{ reference: `${at < 20_000 ? '#' : 'Observation/'}p${at + 1}` }],
    ...more,
  })
  const inside = Array.from({ length: 20_000 }, (_, at) => panel(at + 1))
  const outside = Array.from({ length: 20_000 }, (_, at) => panel(at + 20_001, { valueInteger: at }))
  const referenceRange = Array.from({ length: 200_000 }, (_, at) => ({ text: `${at}` }))
  const container = panel(0, { contained: inside, valueInteger: 1, referenceRange })
  expect(checkShape(container)).toEqual([])
  expect(composeReport(container, outside, woman, zone)?.card.lines).toBe(20_001)
})
