import { expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { composeMedication } from './compose-medication.ts'
import { checkShape } from './import/shape.ts'

const compose = (more: object, medication: FhirResource | null = null) => {
  const order = {
    resourceType: 'MedicationRequest',
    id: 'm',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/1' },
    medicationCodeableConcept: { text: '阿司匹林肠溶片 100 mg' },
    authoredOn: '2026-03-01',
    ...more,
  }
  expect(checkShape(order)).toEqual([])
  return composeMedication(order, medication, 'Asia/Shanghai')
}

test('a prescription as written', () => {
  const written = compose({
    dosageInstruction: [{ text: '每日一次，每次 1 片' }],
    dispenseRequest: { quantity: { value: 30, unit: '片' }, expectedSupplyDuration: { value: 30, unit: 'd' } },
    requester: { reference: 'Practitioner/1', display: '王医生' },
  })
  expect(written).toEqual({
    name: '阿司匹林肠溶片 100 mg',
    at: '2026-02-28T16:00:00.000Z',
    timeKnown: false,
    status: 'active',
    dosage: '每日一次，每次 1 片',
    quantity: '30 片',
    place: null,
    category: 'medical-application',
    level: 3,
  })
})

test.each([
  [
    {
      doseAndRate: [{ doseQuantity: { value: 25, unit: 'mg' } }],
      timing: { repeat: { frequency: 3, period: 1, periodUnit: 'd' } },
    },
    '25 mg · 3×/d',
  ],
  [
    {
      doseAndRate: [{ doseRange: { low: { value: 1 }, high: { value: 2, unit: '片' } } }],
      timing: { repeat: { frequency: 1, period: 8, periodUnit: 'h' } },
    },
    '1–2 片 · 1×/8 h',
  ],
  [
    {
      timing: {
        repeat: {
          frequency: 1,
          frequencyMax: 2,
          period: 4,
          periodMax: 6,
          periodUnit: 'h',
          boundsDuration: { value: 7, unit: 'd' },
        },
      },
    },
    '1–2×/4–6 h · 7 d',
  ],
  [{ timing: { code: { coding: [{ code: 'BID' }] }, repeat: { timeOfDay: ['08:00:00'], when: ['HS'] } } }, '08:00 HS · BID'],
  [
    {
      asNeededBoolean: true,
      route: { text: '口服' },
      maxDosePerPeriod: { numerator: { value: 4, unit: 'g' }, denominator: { value: 1, unit: 'd' } },
    },
    '口服 · PRN · ≤ 4 g / 1 d',
  ],
  [{ sequence: 1 }, null],
])('numbers and codes where nothing was written: %j', (dosage, text) => {
  expect(compose({ dosageInstruction: [dosage] })?.dosage).toBe(text)
})

test('the drug’s name comes from where the order says', () => {
  const drug = { resourceType: 'Medication', id: 'd', code: { text: '二甲双胍' } }
  const by = { medicationCodeableConcept: undefined }
  expect(compose({ ...by, medicationReference: { reference: 'Medication/d' } }, drug)?.name).toBe('二甲双胍')
  expect(compose({ ...by, medicationReference: { reference: '#d' }, contained: [drug] })?.name).toBe('二甲双胍')
  expect(compose({ ...by, medicationReference: { display: '格列齐特' } })?.name).toBe('格列齐特')
  expect(compose({ ...by, medicationReference: { reference: 'Medication/gone' } })).toBeNull()
})

test('what must not be taken is not shown', () => {
  expect(compose({ status: 'entered-in-error' })).toBeNull()
  expect(compose({ doNotPerform: true })).toBeNull()
  expect(compose({ status: 'cancelled' })?.status).toBe('stopped')
  expect(compose({ authoredOn: undefined })).toBeNull()
})

test('a statement', () => {
  const statement = {
    resourceType: 'MedicationStatement',
    id: 's',
    status: 'not-taken',
    subject: { reference: 'Patient/1' },
    medicationCodeableConcept: { text: '钙片' },
  }
  const composed = composeMedication(
    { ...statement, effectivePeriod: { start: '2026-01-01T00:00:00Z' }, dosage: [{ text: '1 片' }] },
    null,
    'Asia/Shanghai',
  )
  expect(composed).toMatchObject({
    name: '钙片',
    status: 'stopped',
    at: '2026-01-01T00:00:00.000Z',
    dosage: '1 片',
    quantity: null,
  })
})
