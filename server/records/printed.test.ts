import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { findProfile } from '../../shared/policy/profile.ts'
import { shapedResource } from '../../tests/support/shaped.ts'
import { composeGroup, composeReport } from './compose.ts'
import { composeMedication } from './compose-medication.ts'
import { checkShape } from './import/shape.ts'
import { ownLabel } from './labelled.ts'
import { printedOf } from './printed.ts'

const cn = findProfile('CN')!
const zone = 'Asia/Shanghai'
const day = '2026-11-10T08:00:00+08:00'
const people = [
  { sex: 'female', birthDate: '1990-06-15' },
  { sex: 'male', birthDate: '2020-01-01' },
  { sex: null, birthDate: null },
]
const ordinary = { resourceType: 'Observation', id: 'o', status: 'final', code: { text: '血糖' }, effectiveDateTime: day }
const listing = { resourceType: 'DiagnosticReport', id: 'l', status: 'final', code: { text: '生化检查' }, effectiveDateTime: day }

/** Everything that anybody can be shown of a record, by whatever way. */
function shownOf(resource: FhirResource): string {
  const all = people.flatMap((who) => [
    composeReport(resource, [], who, zone)?.detail,
    composeReport(resource, [ordinary], who, zone)?.detail,
    ...(resource.resourceType === 'Observation'
      ? [
          composeGroup([resource, ordinary], 'laboratory', who, zone)?.detail,
          composeReport(listing, [resource], who, zone)?.detail,
        ]
      : []),
  ])
  return JSON.stringify([all, composeMedication(resource, null, zone)])
}

type Place = [holder: Record<string, unknown>, key: string, within: string]

/** Every place of a string in a resource: the object that holds it, its key, and the field in which the object stands. */
function strings(value: unknown, within = '', found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === 'string' && key !== 'resourceType') found.push([value as Record<string, unknown>, key, within])
    else strings(part, Array.isArray(value) ? within : key, found)
  }
  return found
}

const types = ['DiagnosticReport', 'Observation', 'DocumentReference', 'ImagingStudy', 'MedicationRequest', 'MedicationStatement']
const planted: [written: string, shown: string][] = [
  ['艾滋病', '艾滋病'],
  ['HIV', 'HIV'],
  ['CD<sub>4</sub>', 'CD4'],
  ['梅<s<b>pan>毒', '梅毒'],
  ['拉米夫定片', '拉米夫定'],
]

test('[VW-2] [VW-3] a sensitive word in any string of a record hides it, if anybody would be shown it', () => {
  let shown = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.nat(),
      fc.constantFrom(...planted),
      (type, seed, place, [written, word]) => {
        const resource = shapedResource(type, seed, 4)
        const places = strings(resource)
        const [holder, key] = places[place % places.length] ?? [{} as Record<string, unknown>, '']
        holder[key] = /data$/.test(key) ? Buffer.from(written).toString('base64') : written
        if (checkShape(resource).length > 0 || !shownOf(resource).includes(word)) return
        shown++
        expect(ownLabel(resource, cn, []).own, `${key} of ${JSON.stringify(resource)}`).toBe(true)
      },
    ),
    { numRuns: 3000 },
  )
  expect(shown).toBeGreaterThan(40)
})

test('[VW-2] [VW-3] a code that stands for something sensitive hides a record that would be shown with it', () => {
  let shown = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.nat(),
      fc.constantFrom('86406008', 'B20.900', 'XJ05ARL001A001', 'HIV'),
      fc.constantFrom(undefined, 'http://snomed.info/sct', 'http://hospital/codes'),
      (type, seed, place, code, system) => {
        const resource = shapedResource(type, seed, 4)
        const places = strings(resource).filter(([, , within]) => within === 'coding')
        const [holder] = places[place % places.length] ?? [{} as Record<string, unknown>]
        for (const key of Object.keys(holder)) delete holder[key]
        Object.assign(holder, { code, ...(system ? { system } : {}) })
        if (checkShape(resource).length > 0 || !shownOf(resource).includes(`"${code}"`)) return
        shown++
        expect(ownLabel(resource, cn, []).own, JSON.stringify(resource)).toBe(true)
      },
    ),
    { numRuns: 3000 },
  )
  expect(shown).toBeGreaterThan(10)
})

test('[VW-2] [VW-3] every string that is shown is among those that are judged', () => {
  const mark = '记号'
  let shown = 0
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.nat(), (type, seed, place) => {
      const resource = shapedResource(type, seed, 4)
      const places = strings(resource)
      const [holder, key] = places[place % places.length] ?? [{} as Record<string, unknown>, '']
      holder[key] = /data$/.test(key) ? Buffer.from(mark).toString('base64') : mark
      // A range for some people only is shown to them alone; its field is read instead.
      if (checkShape(resource).length > 0 || JSON.stringify(resource).includes('"referenceRange"')) return
      if (!shownOf(resource).includes(mark)) return
      shown++
      expect(printedOf(resource, []).some(({ text }) => text.includes(mark))).toBe(true)
    }),
    { numRuns: 3000 },
  )
  expect(shown).toBeGreaterThan(10)
})

const report = (more: object): FhirResource => ({ ...listing, ...more })
const result = (more: object): FhirResource => ({ ...ordinary, valueQuantity: { value: 5, unit: 'mmol/L' }, ...more })
const statement = (more: object): FhirResource => ({
  resourceType: 'MedicationStatement',
  status: 'active',
  effectiveDateTime: day,
  medicationCodeableConcept: { text: '阿司匹林' },
  ...more,
})
const local = (code: string) => ({ coding: [{ system: 'http://h/dx', code }] })
const attached = (contentType: string, text: string) => [{ contentType, data: Buffer.from(text).toString('base64') }]

test.each<[string, FhirResource]>([
  ['the text of a range', result({ referenceRange: [{ text: 'HIV抗体阴性' }] })],
  ['a range for women only', result({ referenceRange: [{ text: '梅毒阴性', appliesTo: [{ text: '女' }] }] })],
  ['why a value is absent', result({ valueQuantity: undefined, dataAbsentReason: { text: 'HIV待确证' } })],
  ['a unit', result({ valueQuantity: { value: 5, unit: 'HIV copies/mL' } })],
  ['a component known by its code alone', result({ component: [{ code: local('XQ01'), valueString: '+' }] })],
  ['a component with an unknown name', result({ component: [{ code: { text: 'XQ项目' }, valueString: '+' }] })],
  [
    'an unknown contained result',
    report({ contained: [{ ...ordinary, code: { text: 'XQ项目' } }], result: [{ reference: '#o' }] }),
  ],
  ['a name of its own with a code like a diagnosis', result({ code: { ...local('Q0093'), text: '院内项目 93' } })],
  ['a value that is a code', result({ valueQuantity: undefined, valueCodeableConcept: local('HIV') })],
  [
    'a conclusion in a published code',
    report({ conclusionCode: [{ coding: [{ system: 'http://snomed.info/sct', code: '86406008' }] }] }),
  ],
  ['a conclusion in a short diagnosis code', report({ conclusionCode: [local('B20')] })],
  ['a conclusion that is nothing but a diagnosis code', report({ conclusion: 'B20.901' })],
  ['markup in a name', result({ code: { text: 'CD<sub>4</sub>细胞计数' } })],
  ['markup in an attachment', report({ presentedForm: attached('text/html', '<p>H<ins>IV</ins></p>') })],
  [
    'a text that begins like a PDF',
    report({ presentedForm: attached('text/plain', '%PDF HIV\nstream\n(ordinary kidney) Tj\nendstream') }),
  ],
  ['sampled data', result({ valueQuantity: undefined, valueSampledData: { origin: { value: 0 }, data: '梅毒' } })],
  [
    'an attachment that looks like sampled data',
    report({ presentedForm: [{ ...attached('text/plain', '梅毒')[0], dimensions: 1, origin: 1 }] }),
  ],
  ['a note that looks like a reference', result({ note: [{ text: '梅毒', reference: 'x' }] })],
  ['a note that looks like a resource', result({ note: [{ text: '梅毒', resourceType: 'Patient' }] })],
  ['a coding that looks like a reference', result({ code: { coding: [{ display: '梅毒', reference: 'x' }] } })],
  ['who said it', statement({ informationSource: { reference: 'Organization/1', display: '艾滋病关爱门诊' } })],
  ['the unit of a dose', statement({ dosage: [{ doseAndRate: [{ doseQuantity: { value: 1, unit: '片 拉米夫定' } }] }] })],
  ['a route by code', statement({ dosage: [{ route: local('HIV') }] })],
  ['what cannot be composed', result({ component: [{ _code: {}, valueString: '1' }] })],
])('[VW-3] hidden: %s', (_, resource) => expect(ownLabel(resource, cn, []).own).toBe(true))

test.each<[string, FhirResource]>([
  ['a range and a unit', result({ referenceRange: [{ text: '3.9-6.1', appliesTo: [{ text: '孕妇' }] }] })],
  [
    'a settled code',
    result({
      valueQuantity: undefined,
      dataAbsentReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] },
    }),
  ],
  ['a sign for a value', result({ valueQuantity: undefined, valueCodeableConcept: local('+') })],
  ['an unknown word for a value', result({ valueQuantity: undefined, valueCodeableConcept: { text: '待查项' } })],
  ['a route in the hospital’s own code', statement({ dosage: [{ route: local('PO') }] })],
  ['a known component', result({ component: [{ code: { text: '血红蛋白' }, valueString: '1' }] })],
])('[VW-3] not hidden: %s', (_, resource) => expect(ownLabel(resource, cn, [])).toMatchObject({ own: false, because: [] }))

test('[VW-3] a kind is sensitive whatever else is not understood, and by a contained department', () => {
  const odd = report({ code: { text: 'HIV抗体', extension: [{ valueAttachment: { contentType: 'image/jpeg', data: 'AAAA' } }] } })
  expect(ownLabel(odd, cn, [])).toMatchObject({ own: true, kind: true })
  const inside = report({
    performer: [{ reference: '#d' }],
    contained: [{ resourceType: 'Organization', id: 'd', name: '精神科' }],
  })
  expect(ownLabel(inside, cn, [])).toMatchObject({ own: true, kind: true })
  expect(ownLabel(report({ code: { text: 'CD<s<b>ub>4' } }), cn, [])).toMatchObject({ own: true, kind: true })
  expect(ownLabel(report({ conclusion: '梅毒' }), cn, [])).toMatchObject({ own: true, kind: false })
})
