import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { findProfile, type Profile } from '../../shared/policy/profile.ts'
import {
  isAnotherPerson,
  maskName,
  maskNumber,
  maskPhone,
  normaliseIdentityNumber,
  normaliseName,
  normalisePhone,
  readIdentity,
} from './person.ts'

const profile = findProfile('CN') as Profile

describe('masks', () => {
  test.each([
    ['林慧', '林*'],
    ['林晓慧', '林*慧'],
    ['欧阳晓慧', '欧**慧'],
    ['林 晓慧', '林*慧'],
    ['林', '*'],
    ['𠮷野家', '𠮷*家'],
    ['Aibek Nurlanov', 'A. N.'],
    ['  ada   lovelace ', 'A. L.'],
    ['Åsa', 'Å.'],
    ['', ''],
    ['买买提·艾力', '买****力'],
  ])('[VW-6] the name %s stands as %s', (name, masked) => expect(maskName(name)).toBe(masked))

  test.each([
    ['440106198506150018', '440***********0018'],
    ['44010619850615001X', '440***********001X'],
    ['999-12-345', '999***-345'],
    ['12345678', '******78'],
    ['1234', '***34'],
    ['12', '***12'],
    ['', '***'],
  ])('[VW-6] the number %s stands as %s', (number, masked) => expect(maskNumber(number)).toBe(masked))

  test('[VW-6] a phone stands as 3 + 4 of its national part; one of another country keeps its plus', () => {
    expect(maskPhone('+8616400000101', profile)).toBe('164****0101')
    expect(maskPhone('+85291234567', profile)).toBe('+852****4567')
  })

  test('[VW-6] no mask shows a number of five characters or more in full, or more than seven of it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{5,30}$/), (number) => {
        const shown = [...maskNumber(number)].filter((character) => character !== '*')
        expect(shown.length).toBeLessThan(number.length)
        expect(shown.length).toBeLessThanOrEqual(7)
      }),
    )
  })
})

describe('one spelling', () => {
  test.each([
    ['16400000101', '+8616400000101'],
    ['+86 164 0000 0101', '+8616400000101'],
    ['0086-164-0000-0101', '+8616400000101'],
    ['(164) 0000.0101', '+8616400000101'],
    ['+852 9123 4567', '+85291234567'],
    ['12345', null],
    ['26400000101', null],
    ['164000001011', null],
    ['+86', null],
    ['+8612', null],
    ['+0123456789', null],
    ['1640000010a', null],
    ['', null],
  ])('[ID-1] the number %s is %s', (typed, phone) => expect(normalisePhone(typed, profile)).toBe(phone))

  test('[ID-1] full-width digits are digits', () => {
    expect(normalisePhone('１６４０００００１０１', profile)).toBe('+8616400000101')
    expect(normaliseIdentityNumber('４４０１０６ 19850615-001x')).toBe('44010619850615001X')
  })

  test('[ID-1] blanks, middle dots, width and case of a name do not matter; other characters do', () => {
    for (const name of ['买买提·艾力', '买买提•艾力', '买买提 艾力', '买买提・艾力'])
      expect(normaliseName(name)).toBe('买买提艾力')
    expect(normaliseName('Ａｄａ Lovelace')).toBe(normaliseName('ADA LOVELACE'))
    expect(normaliseName('林慧')).not.toBe(normaliseName('林惠'))
  })

  test('[SE-5] whatever is typed, the answer is a number in full or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const phone = normalisePhone(typed, profile)
        if (phone !== null) expect(phone).toMatch(/^\+[1-9]\d{7,14}$/)
      }),
    )
  })
})

describe('the index entry', () => {
  const now = new Date('2026-11-20T02:00:00Z')
  const patient = (more: object): FhirResource => ({ resourceType: 'Patient', id: '1', ...more })
  test("[ID-1] the identity number is the profile's, the mobile comes first, numbers of no form are left out", () => {
    const read = readIdentity(
      patient({
        identifier: [
          { system: 'https://his.example/mrn', type: { coding: [{ code: 'MR' }] }, value: ' 4711 ' },
          { system: 'urn:oid:2.16.156.10011.1.3', value: '44010619850615001x' },
        ],
        name: [
          { use: 'nickname', text: '小慧' },
          { use: 'official', family: '林', given: ['晓', '慧'] },
        ],
        telecom: [
          { system: 'phone', use: 'home', value: '020-12345678' },
          { system: 'phone', use: 'work', value: '16400000102' },
          { system: 'sms', use: 'mobile', value: '164 0000 0101' },
          { system: 'email', value: 'a@b.example' },
        ],
        gender: 'other',
        birthDate: '1985-06',
      }),
      profile,
      now,
    )
    expect(read).toEqual({
      name: '林晓慧',
      phones: ['+8616400000101', '+8616400000102'],
      identityNumber: '44010619850615001X',
      medicalRecordNumber: '4711',
      birthDate: null,
      sex: null,
    })
  })

  test('[ID-1] what is old or past its period binds nobody', () => {
    const read = readIdentity(
      patient({
        identifier: [{ system: 'urn:oid:2.16.156.10011.1.3', use: 'old', value: '440106198506150010' }],
        telecom: [
          { system: 'phone', use: 'old', value: '16400000101' },
          { system: 'phone', use: 'mobile', value: '16400000102', period: { end: '2026-11-19' } },
          { system: 'phone', use: 'mobile', value: '16400000103', period: { end: '2026-11-21' } },
        ],
      }),
      profile,
      now,
    )
    expect([read.identityNumber, read.phones]).toEqual([null, ['+8616400000103']])
  })

  test('[SE-5] an entry of any shape is read without a fault', () => {
    const empty = { name: null, phones: [], identityNumber: null, medicalRecordNumber: null, birthDate: null, sex: null }
    expect(readIdentity(patient({}), profile, now)).toEqual(empty)
    for (const odd of [null, 7, 'x', [null], [7], [{ value: null }], [{ type: { coding: [null] } }], { a: 1 }]) {
      expect(() =>
        readIdentity(patient({ identifier: odd, name: odd, telecom: odd, birthDate: odd }), profile, now),
      ).not.toThrow()
    }
  })

  test('[ID-1] two entries are of different persons by their numbers, else by birth date or name', () => {
    const known = readIdentity(patient({ name: [{ text: '林慧' }], birthDate: '1985-06-15' }), profile, now)
    const numbered = { ...known, identityNumber: '44010619850615001X' }
    expect(isAnotherPerson(numbered, { ...numbered, name: '林惠', birthDate: '1985-06-16' })).toBe(false)
    expect(isAnotherPerson(numbered, { ...numbered, identityNumber: '440106198506150028' })).toBe(true)
    expect(isAnotherPerson(known, { ...known, birthDate: '1985-06-16' })).toBe(true)
    expect(isAnotherPerson(known, { ...known, name: '林 慧', birthDate: null })).toBe(false)
    expect(isAnotherPerson(known, { ...known, name: '王慧' })).toBe(true)
  })
})
