import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newestClinicalDate, shiftDates } from './shift.ts'

test('every date moves, and nothing else', () => {
  const resource = {
    resourceType: 'Observation',
    id: '2020-01-01',
    meta: { lastUpdated: '2020-02-28T10:00:00Z' },
    text: { div: '<div>2020-01-01</div>' },
    identifier: [{ value: '2020-01-01', period: { start: '2020-02' } }],
    effectiveDateTime: '2020-02-28T23:30:00.5+08:00',
    valueString: '2020-01-01',
    component: [{ valueDateTime: '2019' }],
    extension: [{ url: 'x', valueDate: '2020-02-29', extension: [{ url: 'y', valuePeriod: { end: '2020-12-31' } }] }],
    _issued: { extension: [{ url: 'z', valueInstant: '2020-02-28T10:00:00+00:00' }] },
    note: [{ time: '2020-02-28', text: '2020-02-28' }],
    valueTiming: { event: ['2020-02-28', null], repeat: { when: ['MORN'] } },
  }
  const before = structuredClone(resource)
  expect(shiftDates(resource, 2)).toEqual({
    ...resource,
    meta: { lastUpdated: '2020-03-01T10:00:00Z' },
    identifier: [{ value: '2020-01-01', period: { start: '2020-02' } }],
    effectiveDateTime: '2020-03-01T23:30:00.5+08:00',
    component: [{ valueDateTime: '2019' }],
    extension: [{ url: 'x', valueDate: '2020-03-02', extension: [{ url: 'y', valuePeriod: { end: '2021-01-02' } }] }],
    _issued: { extension: [{ url: 'z', valueInstant: '2020-03-01T10:00:00+00:00' }] },
    note: [{ time: '2020-03-01', text: '2020-02-28' }],
    valueTiming: { event: ['2020-03-01', null], repeat: { when: ['MORN'] } },
  })
  expect(resource).toEqual(before)
})

test('partial dates keep their precision', () => {
  const moved = shiftDates({ resourceType: 'Patient', birthDate: '1990-05', deceasedDateTime: '2020' }, 400)
  expect(moved).toMatchObject({ birthDate: '1991-06', deceasedDateTime: '2021' })
})

test('a move and its reverse give the same days', () => {
  const day = fc.date({ min: new Date('1850-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(day, fc.integer({ min: -40_000, max: 40_000 }), (date, days) => {
      const resource = { resourceType: 'Patient', birthDate: date.toISOString().slice(0, 10) }
      expect(shiftDates(shiftDates(resource, days), -days)).toEqual(resource)
    }),
  )
})

test('the newest clinical day is neither a birthday nor a plan', () => {
  expect(newestClinicalDate({ resourceType: 'Patient', birthDate: '2020-01-01' })).toBeNull()
  expect(newestClinicalDate({ resourceType: 'Coverage', period: { end: '2099-12-31' } })).toBeNull()
  expect(newestClinicalDate({ resourceType: 'CarePlan', period: { start: '2020-01-01', end: '2099-12-31' } })).toBe('2020-01-01')
  expect(newestClinicalDate({ resourceType: 'Encounter', period: { start: '2020-01-01', end: '2020-01-09' } })).toBe('2020-01-09')
  const result = {
    resourceType: 'Observation',
    meta: { lastUpdated: '2030-01-01T00:00:00Z' },
    effectiveDateTime: '2020-03-01T01:00:00+08:00',
    issued: '2020-03-02T00:00:00Z',
  }
  expect(newestClinicalDate(result)).toBe('2020-03-02')
  expect(newestClinicalDate({ resourceType: 'Condition', onsetDateTime: '2020-03' })).toBe('2020-03-01')
})
