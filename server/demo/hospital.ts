import type { FhirResource } from '../../shared/contract/fhir.ts'
import { type Act, type Visit, visitsOf } from './chart.ts'
import { drugsOf, orderOf, writtenOf } from './documents.ts'
import info from './hospital.json' with { type: 'json' }
import { panelOf, type Setting, type Subject } from './laboratory.ts'
import { type DemoPerson, entries, personOf } from './people.ts'
import { idOf, whole } from './random.ts'
import { dayBefore, instant, later } from './time.ts'
import { vitalsOf } from './vitals.ts'

/** Name, and where and how what is given only in person is given. */
export const demoHospitalInfo = { name: info.name, inPersonPlace: info.inPersonPlace, inPersonPhone: info.inPersonPhone }

const recordNumbers = 'https://zhixing-hospital.example/medical-record-number'
const classNames = { AMB: 'ambulatory', IMP: 'inpatient encounter', EMER: 'emergency' } as const

function patientOf(person: DemoPerson, sex: 'male' | 'female'): FhirResource {
  const type = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] })
  const number = String(whole(`${person.id}/record number`, 10_000_000, 99_999_999))
  return {
    resourceType: 'Patient',
    id: idOf(`${person.id}/patient`),
    active: true,
    identifier: [
      { use: 'official', type: type('NI'), system: 'urn:oid:2.16.156.10011.1.3', value: person.identityNumber },
      { use: 'usual', type: type('MR'), system: recordNumbers, value: number },
    ],
    name: [{ use: 'official', text: person.name }],
    telecom: [{ system: 'phone', value: person.phone, use: 'mobile' }],
    gender: sex,
    birthDate: person.birthDate,
    managingOrganization: { display: info.name['zh-Hans'] },
  }
}

/** One visit with all that was done, in the order of the day. */
function recordsOf(subject: Subject, visit: Visit, now: Date, ordinaryOnly: boolean): FhirResource[] {
  const start = instant(dayBefore(now, visit.days), visit.at)
  const encounter: FhirResource = {
    resourceType: 'Encounter',
    id: idOf(`${subject.seed}/${visit.key}`),
    status: 'finished',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: visit.kind,
      display: classNames[visit.kind],
    },
    serviceType: { text: visit.department },
    subject: { reference: subject.reference },
    period: { start, end: later(start, visit.stay === undefined ? 150 : visit.stay * 1440) },
    reasonCode: [{ text: visit.reason }],
    serviceProvider: { display: info.name['zh-Hans'] },
  }
  const setting: Setting = { visit: visit.key, encounter: `urn:uuid:${encounter.id}` }
  const condition: FhirResource[] = []
  if (visit.icd !== undefined)
    condition.push({
      resourceType: 'Condition',
      id: idOf(`${subject.seed}/${visit.key}/condition`),
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' }] },
      ],
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: visit.icd }], text: visit.reason },
      subject: { reference: subject.reference },
      encounter: { reference: setting.encounter },
      recordedDate: later(start, 12),
    })
  const acts = visit.acts.flatMap((act) => actOf(subject, visit, setting, act, now, ordinaryOnly))
  return [encounter, ...condition, ...acts]
}

function actOf(subject: Subject, visit: Visit, setting: Setting, act: Act, now: Date, ordinaryOnly: boolean): FhirResource[] {
  // A visit late in the evening runs past midnight: what is done at an earlier hour than it began is of a later day (`after`).
  const at = instant(dayBefore(now, visit.days - (act.after ?? 0)), act.at)
  if (act.panel !== undefined) return panelOf(subject, setting, act, at, ordinaryOnly ? (act.sensitiveTests ?? []) : [])
  if (act.vitals !== undefined) return vitalsOf(subject, setting, act, (minute) => later(at, minute))
  if (act.drug !== undefined) return drugsOf(subject, setting, act, at)
  if (!act.order) return [writtenOf(subject, setting, act, at)]
  const order = orderOf(subject, setting, act, later(at, -25))
  return [order, writtenOf(subject, { ...setting, basedOn: `urn:uuid:${order.id}` }, act, at)]
}

const bundleOf = (resources: FhirResource[], name: string): FhirResource => ({
  resourceType: 'Bundle',
  id: idOf(`${name}/bundle`),
  type: 'transaction',
  entry: resources.map((resource) => ({
    fullUrl: `urn:uuid:${resource.id}`,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  })),
})

/** The whole demo hospital as of `now`: the same for the same instant, without clock or chance. */
export function demoHospital(now: Date): { people: DemoPerson[]; bundles: FhirResource[] } {
  const bundles: FhirResource[] = []
  const people = entries.map((entry) => {
    const person = personOf(entry, now)
    if (entry.chart === undefined) return person
    const patient = patientOf(person, entry.sex)
    const subject: Subject = {
      seed: entry.id,
      chart: entry.chart,
      reference: `urn:uuid:${patient.id}`,
      sex: entry.sex,
      age: entry.age,
    }
    const ordinaryOnly = entry.twinOf !== undefined
    const records = visitsOf(entry.chart, ordinaryOnly).flatMap((visit) => recordsOf(subject, visit, now, ordinaryOnly))
    bundles.push(bundleOf([patient, ...records], entry.id))
    return person
  })
  return { people, bundles }
}
