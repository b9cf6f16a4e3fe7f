import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { Medication } from '../../shared/contract/reports.ts'
import { check, someId } from '../../tests/support/composed.ts'
import { build, dates } from '../../tests/support/shaped.ts'
import { composeGroup, composeReport } from './compose.ts'
import { composeMedication } from './compose-medication.ts'
import { readEntries } from './import/read.ts'
import { checkShape } from './import/shape.ts'

const zone = 'Asia/Shanghai'
const woman = { sex: 'female', birthDate: '1990-06-15' }

test('whatever passes the check composes to what the contract says, without markup', () => {
  let composed = 0
  fc.assert(
    fc.property(
      fc.constantFrom(
        'DiagnosticReport',
        'Observation',
        'DocumentReference',
        'ImagingStudy',
        'MedicationRequest',
        'MedicationStatement',
        'Condition',
      ),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.dictionary(
        fc.constantFrom('result', 'series', 'content', 'type', 'context', 'dosage', 'contained', 'note'),
        fc.jsonValue(),
      ),
      (type, seed, strays) => {
        let state = seed
        const choose = (most: number) => {
          state = (state * 48_271) % 2_147_483_647
          return state % most
        }
        const known = build(type, choose, 4) as FhirResource
        const stray = { ...strays, ...known } as FhirResource
        const container = checkShape(stray).length === 0 ? stray : known
        expect(checkShape(container)).toEqual([])
        const members = ['a', 'b'].map((name) => ({ ...(build('Observation', choose, 3) as FhirResource), id: name }))
        const result = check(composeReport(container, members, { sex: 'male', birthDate: dates[choose(3)]! }, zone))
        if (result !== null) composed++
        expect(JSON.stringify(result?.detail ?? '')).not.toMatch(/<(script|b>|div)/i)
        check(composeGroup(members, 'vitals', woman, zone))
        const drug = composeMedication(container, build('Medication', choose, 2) as FhirResource, zone)
        if (drug !== null) expect(v.parse(Medication, { id: someId, ...drug })).toEqual({ id: someId, ...drug })
      },
    ),
    { numRuns: 400 },
  )
  expect(composed).toBeGreaterThan(50)
})

const data = new URL('../../../shared/data/fhir/', import.meta.url)
test.skipIf(!existsSync(data))('every sample report composes (needs ../shared/data)', async () => {
  const files = ['shift', 'cdc', 'synthea'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, data))
      .filter((name) => name.endsWith('.json'))
      .slice(0, 10)
      .map((name) => new URL(`${folder}/${name}`, data)),
  )
  let shown = 0
  for (const file of files) {
    async function* bytes() {
      yield readFileSync(file)
    }
    for await (const { entries } of readEntries(bytes(), file.pathname)) {
      const sound = entries.map(({ resource }) => resource).filter((resource) => checkShape(resource).length === 0)
      const observations = new Map(
        sound.filter(({ resourceType }) => resourceType === 'Observation').map((one) => [`Observation/${one.id}`, one]),
      )
      for (const resource of sound) {
        const results = (resource.resourceType === 'DiagnosticReport' ? (resource.result ?? []) : []) as { reference?: string }[]
        const members = results.flatMap(({ reference }) => observations.get(reference ?? '') ?? [])
        if (check(composeReport(resource, members, woman, zone)) !== null) shown++
        const drug = composeMedication(resource, null, zone)
        if (drug !== null) v.parse(Medication, { id: someId, ...drug })
      }
    }
  }
  expect(shown).toBeGreaterThan(500)
})
