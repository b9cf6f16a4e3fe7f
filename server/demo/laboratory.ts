import type { FhirResource } from '../../shared/contract/fhir.ts'
import { itemOf, rangeFor } from '../records/items.ts'
import type { Act } from './chart.ts'
import panelData from './panels.json' with { type: 'json' }
import { idOf, wobble } from './random.ts'
import testData from './tests.json' with { type: 'json' }
import { later } from './time.ts'

interface Test {
  name: string
  code: string
  loinc?: string
  ucum?: string
  unit?: string
  places?: number
  mean?: number
  spread?: number
  range?: { low: number | null; high: number | null }
  child?: { low: number; high: number }
  /** The usual result of a test told in words. */
  usual?: string
}

interface Panel {
  title: string
  loinc?: string
  code: string
  place: string
  tests: string[]
}

const tests = testData as Record<string, Test>
const panels = panelData as Record<string, Panel>

export const localCodes = 'https://zhixing-hospital.example/codes'

export interface Subject {
  /** What ids are made of: differs between twins. */
  seed: string
  /** What values are drawn from: the same for twins. */
  chart: string
  reference: string
  sex: 'male' | 'female'
  age: number
}

export interface Setting {
  visit: string
  encounter: string
  basedOn?: string
}

const interpretationOf = (value: number, low: number | null, high: number | null) =>
  high !== null && value > high ? 'H' : low !== null && value < low ? 'L' : 'N'

const words: Record<string, string> = { H: 'High', L: 'Low', N: 'Normal', A: 'Abnormal' }
const interpretation = (code: string) => [
  {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code, display: words[code] }],
  },
]

/** The laboratory prints its own range: by age for children, else the national one, else its own. */
function printedRange(key: string, test: Test, subject: Subject) {
  if (subject.age < 18 && test.child !== undefined) return test.child
  if (test.range !== undefined) return test.range
  const item = itemOf(key)
  return item === null ? null : rangeFor(item, subject.sex, Math.max(subject.age, 20))
}

/** A person keeps a level of their own and moves about it: trends look like trends. */
function draw(key: string, test: Test, subject: Subject, visit: string): number {
  const range = printedRange(key, test, subject)
  const low = range?.low ?? 0
  const high = range?.high ?? low
  const mean = test.mean ?? (low + high) / 2
  const spread = test.spread ?? (high - low) / 5
  const level = mean + wobble(`${subject.chart}/${key}`) * spread
  return level + wobble(`${subject.chart}/${visit}/${key}`) * spread * 0.5
}

function quantity(value: number, ucum: string, unit: string) {
  const named = unit === '' ? { value } : { value, unit }
  return ucum === '' ? named : { ...named, system: 'http://unitsofmeasure.org', code: ucum }
}

function resultOf(key: string, test: Test, subject: Subject, visit: string, given: number | string | undefined) {
  if (test.usual !== undefined) {
    const text = typeof given === 'string' ? given : test.usual
    return {
      valueCodeableConcept: { text },
      referenceRange: [{ text: test.usual }],
      interpretation: interpretation(text === test.usual ? 'N' : 'A'),
    }
  }
  const places = test.places ?? 1
  const value = Number((typeof given === 'number' ? given : Math.max(0, draw(key, test, subject, visit))).toFixed(places))
  const unit = test.unit ?? itemOf(key)?.unit ?? ''
  const range = printedRange(key, test, subject)
  const { low, high } = { low: range?.low ?? null, high: range?.high ?? null }
  const bound = (bound: number) => quantity(bound, test.ucum ?? '', unit)
  return {
    valueQuantity: quantity(value, test.ucum ?? '', unit),
    ...((low !== null || high !== null) && {
      referenceRange: [{ ...(low !== null && { low: bound(low) }), ...(high !== null && { high: bound(high) }) }],
      interpretation: interpretation(interpretationOf(value, low, high)),
    }),
  }
}

/** A panel: its report and one observation for each test. `omit` are the tests that the twin never had. */
export function panelOf(subject: Subject, setting: Setting, act: Act, at: string, omit: string[]): FhirResource[] {
  const name = act.panel ?? ''
  const panel = panels[name]
  if (panel === undefined) throw new Error(`no panel ${name}`)
  const place = `${subject.seed}/${setting.visit}/${name}/${act.after ?? 0}`
  const shared = {
    status: 'final',
    subject: { reference: subject.reference },
    encounter: { reference: setting.encounter },
    effectiveDateTime: at,
    issued: later(at, 95),
    performer: [{ display: panel.place }],
  }
  const category = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory', display: 'Laboratory' }],
  }
  const observations = panel.tests
    .filter((key) => !omit.includes(key))
    .map((key): FhirResource => {
      const test = tests[key]
      if (test === undefined) throw new Error(`no test ${key}`)
      const loinc = test.loinc ?? itemOf(key)?.loinc[0]
      return {
        resourceType: 'Observation',
        id: idOf(`${place}/${key}`),
        ...shared,
        category: [category],
        code: {
          coding: [
            ...(loinc === undefined ? [] : [{ system: 'http://loinc.org', code: loinc }]),
            { system: `${localCodes}/lab-item`, code: test.code, display: test.name },
          ],
          text: test.name,
        },
        ...resultOf(key, test, subject, `${setting.visit}/${act.after ?? 0}`, act.values?.[key]),
      }
    })
  const report: FhirResource = {
    resourceType: 'DiagnosticReport',
    id: idOf(place),
    ...shared,
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB', display: 'Laboratory' }] }],
    code: {
      coding: [
        ...(panel.loinc === undefined ? [] : [{ system: 'http://loinc.org', code: panel.loinc }]),
        { system: `${localCodes}/lab-panel`, code: panel.code, display: panel.title },
      ],
      text: panel.title,
    },
    ...(setting.basedOn !== undefined && { basedOn: [{ reference: setting.basedOn }] }),
    result: observations.map((observation) => ({ reference: `urn:uuid:${observation.id}` })),
  }
  return [...observations, report]
}
