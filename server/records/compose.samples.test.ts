import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { Medication } from '../../shared/contract/reports.ts'
import { check, someId } from '../../tests/support/composed.ts'
import { composeGroup, composeReport } from './compose.ts'
import { composeMedication } from './compose-medication.ts'
import r4 from './import/r4.json' with { type: 'json' }
import { readEntries } from './import/read.ts'
import { checkShape } from './import/shape.ts'

const zone = 'Asia/Shanghai'
const woman = { sex: 'female', birthDate: '1990-06-15' }

const hostile = [
  '',
  ' ',
  'NaN',
  '-0',
  '<script>alert(1)</script>',
  '阳性',
  '3.5-9.5',
  '↑',
  'H',
  'male',
  'a\u202e',
  '检查所见：<b>x</b>',
  '__proto__',
  'constructor',
  '5.6',
  'text/html',
]
const dates = ['2026', '2026-02', '2024-02-29', '1850-01-01T00:00:00+14:00', '2100-12-31T23:59:60.999999999-13:59']
const shapes = r4.types as Record<string, string>

/** Any resource that R4's definitions allow, from a stream of choices. */
function build(type: string, choose: (most: number) => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[choose(list.length)]!
  if (type === 'boolean') return choose(2) === 1
  if (type === 'decimal') return pick([0, -0, 1, 5.6, -3, 1e308, -1e308, 5e-324, Number.MAX_SAFE_INTEGER])
  if (['integer', 'positiveInt', 'unsignedInt'].includes(type)) return 1 + choose(9)
  if (type === 'date') return pick(dates.slice(0, 3))
  if (type === 'dateTime') return pick(dates)
  if (type === 'instant') return pick(dates.slice(3))
  if (type === 'time') return '08:30:00'
  if (type === 'id') return pick(['a', 'b', 'c'])
  if (type === 'base64Binary') return Buffer.from(pick(hostile)).toString('base64')
  if (type === 'Resource') return build(pick(['Observation', 'Medication']), choose, depth - 1)
  if (type === 'Reference')
    return { reference: pick(['Observation/a', 'Observation/b', '#c', 'Organization/1']), display: pick(hostile).trim() || 'x' }
  const text = shapes[type]
  if (text === undefined) return pick(['final', ...hostile]).trim() || 'x'
  const result: Record<string, unknown> = type.includes('.') || !r4.stored.includes(type) ? {} : { resourceType: type }
  for (const element of text.split(' ')) {
    const [name = '', kinds = ''] = element.replace(/[!*+]/g, '').split(':')
    const required = /[!+]/.test(element)
    if (!required && (depth <= 0 || choose(3) === 0)) continue
    const kind = kinds === '' ? 'string' : pick(kinds.split('|'))
    const key = name.endsWith('[x]') ? name.slice(0, -3) + kind[0]!.toUpperCase() + kind.slice(1) : name
    const value = () => build(kind, choose, depth - 1)
    result[key] = /[^:][*+]$/.test(element) ? Array.from({ length: 1 + choose(2) }, value) : value()
  }
  return result
}

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
