import { describe, expect, test } from 'vitest'
import type { FhirResource } from '../../../shared/contract/fhir.ts'
import { checkShape, isStored } from './shape.ts'
import { isAboutOnePerson, subjectOf } from './subject.ts'

const observation = (more: object): FhirResource => ({
  resourceType: 'Observation',
  id: 'a',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '718-7' }] },
  ...more,
})
const errors = (resource: FhirResource) => checkShape(resource).map(({ path, code }) => `${path} ${code}`)

test('a sound observation has no errors', () => {
  const sound = observation({
    effectiveDateTime: '2024-02-29T23:59:60.123456+14:00',
    valueQuantity: { value: -0, unit: 'g/L' },
    referenceRange: [{ low: { value: 1 }, text: '1-2' }],
    extension: [{ url: 'http://x', valueQuantity: { value: 1 } }],
    _status: { extension: [{ url: 'http://y', valueDate: '2024' }] },
    unknownElement: { any: ['thing', 1, null] },
  })
  expect(errors(sound)).toEqual([])
})

describe('what is wrong is named by path', () => {
  const cases: [object, string][] = [
    [{ id: 'has space' }, 'id id-invalid'],
    [{ id: 'x'.repeat(65) }, 'id id-invalid'],
    [{ status: undefined }, 'status required-missing'],
    [{ status: 7 }, 'status code-invalid'],
    [{ code: [] }, 'code type-wrong'],
    [{ code: { coding: {} } }, 'code.coding type-wrong'],
    [{ code: { coding: [{ system: 5 }] } }, 'code.coding[0].system string-invalid'],
    [{ code: { text: 'a\ud800' } }, 'code.text string-invalid'],
    [{ code: { text: 'a\u0000b' } }, 'code.text string-invalid'],
    [{ code: { text: 'x'.repeat(1024 * 1024 + 1) } }, 'code.text too-long'],
    [{ note: [{}] }, 'note[0].text required-missing'],
    [{ effectiveDateTime: '2023-02-29' }, 'effectiveDateTime date-invalid'],
    [{ effectiveDateTime: '1849' }, 'effectiveDateTime date-invalid'],
    [{ effectiveDateTime: '2101-01-01' }, 'effectiveDateTime date-invalid'],
    [{ effectiveDateTime: '2024-01-01T10:00' }, 'effectiveDateTime date-invalid'],
    [{ issued: '2024-01-01' }, 'issued date-invalid'],
    [{ effectivePeriod: { start: '2024-13' } }, 'effectivePeriod.start date-invalid'],
    [{ valueQuantity: { value: '5' } }, 'valueQuantity.value number-invalid'],
    [{ valueQuantity: { value: Number.POSITIVE_INFINITY } }, 'valueQuantity.value number-invalid'],
    [{ valueQuantity: { value: 1 }, valueString: 'x' }, 'value[x] choice-several'],
    [{ valueInteger: 1.5 }, 'valueInteger number-invalid'],
    [{ subject: 'Patient/1' }, 'subject type-wrong'],
    [{ subject: { reference: 1 } }, 'subject.reference string-invalid'],
    [{ subject: null }, 'subject type-wrong'],
    [{ component: [{}] }, 'component[0].code required-missing'],
    [{ component: [{ _code: {} }] }, 'component[0].code required-missing'],
    [{ component: [{ _code: { extension: [{ url: 'x' }] } }] }, 'component[0].code required-missing'],
    [{ contained: [{ resourceType: 'Observation', status: 'final', _code: {} }] }, 'contained[0].code required-missing'],
    [{ status: undefined, _status: {} }, 'status required-missing'],
    [{ _status: 'x' }, '_status type-wrong'],
    [{ _status: null }, '_status type-wrong'],
    [{ _status: { extension: [{}] } }, '_status.extension[0].url required-missing'],
    [{ valueString: 'x', _valueInteger: { extension: [{ url: 'x' }] } }, 'value[x] choice-several'],
    [{ component: [null] }, 'component[0] type-wrong'],
    [{ component: 'x' }, 'component type-wrong'],
    [{ extension: [{}] }, 'extension[0].url required-missing'],
    [{ contained: [{ id: 'x' }] }, 'contained[0].resourceType required-missing'],
    [{ contained: [{ resourceType: 'Condition' }] }, 'contained[0].subject required-missing'],
    [{ local: ['\udfff'] }, 'local[0] string-invalid'],
  ]
  test.each(cases.map(([more, error]) => [error, more] as const))('%s', (error, more) => {
    expect(errors(observation(more))).toEqual([error])
  })

  test('a required choice', () => {
    const order = {
      resourceType: 'MedicationRequest',
      id: 'm',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/1' },
    }
    expect(errors(order)).toEqual(['medication[x] required-missing'])
    expect(errors({ ...order, medicationCodeableConcept: { text: 'aspirin' } })).toEqual([])
  })

  test('an extension may stand in for a required primitive, in a list too', () => {
    const absent = { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] }
    expect(errors(observation({ status: undefined, _status: absent }))).toEqual([])
    expect(errors({ resourceType: 'Patient', id: 'p', name: [{ given: ['a', null], _given: [null, absent] }] })).toEqual([])
  })

  test('errors are bounded', () => {
    expect(checkShape(observation({ component: Array(1000).fill(null) }))).toHaveLength(20)
  })
})

test('clinical and financial types are stored, definitions and directories are not', () => {
  expect(['Patient', 'Observation', 'Medication', 'ExplanationOfBenefit', 'Consent'].map(isStored)).toEqual(Array(5).fill(true))
  expect(['Practitioner', 'Organization', 'ValueSet', 'Bundle', 'toString'].map(isStored)).toEqual(Array(5).fill(false))
})

test('whom a record is about', () => {
  expect(subjectOf(observation({ subject: { reference: 'Patient/1' } }))).toBe('Patient/1')
  expect(subjectOf({ resourceType: 'AllergyIntolerance', patient: { reference: 'urn:uuid:1' } })).toBe('urn:uuid:1')
  expect(subjectOf({ resourceType: 'Coverage', beneficiary: { reference: 'Patient/2' } })).toBe('Patient/2')
  expect(subjectOf({ resourceType: 'Account', subject: [{ reference: 'Device/1' }, { reference: 'Patient/2' }] })).toBe(
    'Patient/2',
  )
  expect(
    subjectOf({
      resourceType: 'Appointment',
      participant: [{ actor: { reference: 'Location/1' } }, { actor: { reference: 'Patient/2' } }],
    }),
  ).toBe('Patient/2')
  expect(subjectOf({ resourceType: 'Patient', id: 'x' })).toBeNull()
  const grouped = observation({ subject: { reference: 'Group/1' } })
  expect([subjectOf(grouped), isAboutOnePerson(grouped)]).toEqual([null, false])
  expect(isAboutOnePerson(observation({}))).toBe(true)
})
