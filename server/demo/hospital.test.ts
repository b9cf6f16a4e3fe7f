import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { demoHospital, demoHospitalInfo } from './hospital.ts'

const now = new Date('2026-11-20T10:00:00+08:00')
const { people, bundles } = demoHospital(now)

const person = (id: string) => {
  const found = people.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no person ${id}`)
  return found
}
const contents = (bundle: FhirResource): FhirResource[] =>
  (bundle.entry as { resource: FhirResource }[]).map((entry) => entry.resource)
const resourcesOf = (id: string): FhirResource[] => {
  const bundle = bundles[people.filter((one) => one.patientRef !== null).findIndex((one) => one.id === id)]
  if (bundle === undefined) throw new Error(`no bundle of ${id}`)
  return contents(bundle)
}
const every = bundles.flatMap(contents)
const timeOf = (resource: FhirResource) => resource.effectiveDateTime ?? resource.authoredOn ?? resource.date
const recent = (resource: FhirResource) => Date.parse(String(timeOf(resource))) >= Date.parse('2026-08-20T00:00:00+08:00')

/** The ordinary part without what differs between twins: ids, name, numbers. */
const told = (id: string): string[] =>
  resourcesOf(id)
    .filter((resource) => resource.resourceType !== 'Patient')
    .map((resource) => JSON.stringify(resource).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu, '#'))

describe('demo hospital', () => {
  it('is the same for the same instant, and has only its own ids', () => {
    expect(demoHospital(now)).toEqual({ people, bundles })
    const ids = every.map((resource) => resource.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('resolves every reference inside its bundle', () => {
    for (const bundle of bundles) {
      const names = new Set((bundle.entry as { fullUrl: string }[]).map((entry) => entry.fullUrl))
      const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/gu)].map((match) => match[1] ?? '')
      expect(references.filter((reference) => !names.has(reference))).toEqual([])
    }
  })

  it('has everyone the issue asks for, of the right age', () => {
    const ages = { 'lin-hui': 36, 'lin-zian': 6, 'chen-yutong': 15, 'he-guoqiang': 71 }
    for (const [id, age] of Object.entries(ages)) {
      const born = person(id).birthDate
      expect(2026 - Number(born.slice(0, 4)) - (born.slice(5) > '11-20' ? 1 : 0), id).toBe(age)
    }
    expect(person('liang-wanyi')).toMatchObject({
      guardianOf: ['lin-zian'],
      phone: person('lin-zian').phone,
      registered: false,
      deskCode: true,
    })
    expect(person('chen-yutong').deskCode).toBe(true)
    expect(people.some((one) => one.patientRef !== null && !one.registered && !one.deskCode)).toBe(true)
    expect(
      people
        .flatMap((one) => one.roles)
        .filter((role) => role !== 'patient')
        .sort(),
    ).toEqual([
      'data-administrator',
      'department-head',
      'physician',
      'privacy-officer',
      'records-officer',
      'reviewer',
      'security-officer',
    ])
  })

  it('gives valid numbers that no one can have', () => {
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1]
    for (const one of people) {
      const digits = [...one.identityNumber].map((digit) => (digit === 'X' ? 10 : Number(digit)))
      expect(digits.reduce((sum, digit, index) => sum + digit * (weights[index] ?? 0), 0) % 11, one.id).toBe(1)
      expect(one.identityNumber).toMatch(/^440106\d{8}99[6-9][\dX]$/u)
      expect(one.phone).toMatch(/^164\d{8}$/u)
    }
    expect(new Set(people.map((one) => one.identityNumber)).size).toBe(people.length)
    expect(people.length - new Set(people.map((one) => one.phone)).size).toBe(1)
  })

  it('[ID-2] gives everyone who is registered a strong password, and no one else', () => {
    for (const one of people) {
      if (!one.registered) expect(one.password, one.id).toBeNull()
      else expect(one.password, one.id).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{10,}$/u)
    }
    expect(people.filter((one) => one.registered).length).toBeGreaterThanOrEqual(4)
  })

  it('[VW-3] gives the twin the same chart but for what is given only in person', () => {
    expect(person('zhou-qing')).toMatchObject({ twinOf: 'lin-hui', birthDate: person('lin-hui').birthDate })
    const twin = told('zhou-qing')
    const whole = new Set(told('lin-hui'))
    // A panel of which one test is sensitive is the only record that may differ, by its list of results.
    const different = twin.filter((resource) => !whole.has(resource))
    expect(different.length).toBe(2)
    for (const resource of different) expect(resource).toContain('"DiagnosticReport"')
    expect(told('lin-hui').length - twin.length).toBeGreaterThan(35)
    const words = twin.join('') + resourcesOf('zhou-qing').map(attachments).join('')
    expect(words).not.toMatch(/肝炎|乙肝|HIV|艾滋|梅毒|精神|抑郁|妊娠|早孕|停经|遗传|基因|癌|肿瘤|恩替卡韦|舍曲林/u)
    expect(told('lin-hui').join('')).toMatch(/恩替卡韦/u)
  })

  it('[VW-1][VW-8] has enough of the last three months to page and to draw trends', () => {
    for (const id of ['lin-hui', 'zhou-qing']) {
      const reports = resourcesOf(id).filter((one) => one.resourceType === 'DiagnosticReport' && recent(one))
      expect(reports.length).toBeGreaterThanOrEqual(20)
      const listed = resourcesOf(id).filter((one) => {
        if (one.resourceType === 'Observation') return JSON.stringify(one.category).includes('vital-signs')
        return ['DiagnosticReport', 'DocumentReference'].includes(one.resourceType)
      })
      const times = listed.map(timeOf)
      expect(new Set(times).size, 'no ties, whose order would hang on ids').toBe(times.length)
      const hemoglobin = resourcesOf(id).filter((one) => JSON.stringify(one.code)?.includes('"718-7"') && recent(one))
      expect(hemoglobin.length).toBeGreaterThanOrEqual(3)
    }
    const old = resourcesOf('lin-hui').filter((one) => one.resourceType === 'DiagnosticReport' && !recent(one))
    expect(Math.min(...old.map((one) => Number(String(timeOf(one)).slice(0, 4))))).toBeLessThanOrEqual(2023)
  })

  it('[VW-8] prints ranges, and some values out of them', () => {
    const flags = JSON.stringify(resourcesOf('zhou-qing').filter(recent))
    for (const flag of ['"code":"H"', '"code":"L"', '"code":"N"']) expect(flags).toContain(flag)
  })

  it('lies in the past', () => {
    for (const resource of every.filter((one) => timeOf(one) !== undefined))
      expect(Date.parse(String(timeOf(resource))), `${resource.resourceType}`).toBeLessThan(now.getTime())
  })

  it('says in three languages where to go in person', () => {
    for (const words of [demoHospitalInfo.name, demoHospitalInfo.inPersonPlace])
      expect(Object.keys(words).sort()).toEqual(['en', 'zh-Hans', 'zh-Hant'])
  })
})

function attachments(resource: FhirResource): string {
  return [...JSON.stringify(resource).matchAll(/"data":"([^"]+)"/gu)]
    .map((match) => Buffer.from(match[1] ?? '', 'base64').toString('utf8'))
    .join('\n')
}
