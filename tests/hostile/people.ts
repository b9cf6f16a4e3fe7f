import { withCheckDigit } from '../../server/demo/people.ts'
import type { Deps } from '../../server/platform/deps.ts'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { bringIn, type Gateway, giveAccount } from '../support/gateway.ts'

export interface Person {
  /** FHIR id. */
  id: string
  name: string
  /** As typed: eleven digits. */
  phone: string
  birthDate: string
  identityNumber: string
  resource: FhirResource
}

let made = 0

/** A person that no other test has. */
export function newPerson(given: Partial<Pick<Person, 'name' | 'phone' | 'birthDate'>> = {}): Person {
  made += 1
  const serial = String(made).padStart(3, '0')
  const { name = `欧阳测${'甲乙丙丁戊己庚辛壬癸'[made % 10]}`, phone = `16477700${serial}`, birthDate = '1985-06-15' } = given
  const id = `person-${serial}`
  const identityNumber = withCheckDigit(`440106${birthDate.replaceAll('-', '')}${serial}`)
  const type = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] })
  const resource: FhirResource = {
    resourceType: 'Patient',
    id,
    identifier: [
      { use: 'official', type: type('NI'), system: 'urn:oid:2.16.156.10011.1.3', value: identityNumber },
      { type: type('MR'), system: 'https://his.example/mrn', value: `77${serial}0077` },
    ],
    name: [{ text: name }],
    telecom: [{ system: 'phone', use: 'mobile', value: phone }],
    gender: 'female',
    birthDate,
  }
  return { id, name, phone, birthDate, identityNumber, resource }
}

export const publicIdOf = (deps: Deps, { id }: Person): string => deps.keys.publicId('hospital', 'Patient', id)

/** A laboratory report with one result at this instant. */
export function reportOf(person: Person, id: string, at: string, title = '血常规'): FhirResource[] {
  const subject = { reference: `Patient/${person.id}` }
  const laboratory = [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }]
  return [
    {
      resourceType: 'Observation',
      id: `${id}-1`,
      status: 'final',
      category: laboratory,
      code: { coding: [{ system: 'http://loinc.org', code: '718-7' }], text: '血红蛋白' },
      subject,
      effectiveDateTime: at,
      valueQuantity: { value: 131, unit: 'g/L' },
    },
    {
      resourceType: 'DiagnosticReport',
      id,
      status: 'final',
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
      code: { text: title },
      subject,
      effectiveDateTime: at,
      issued: at,
      result: [{ reference: `Observation/${id}-1` }],
    },
  ]
}

export const reportId = (deps: Deps, id: string): string => deps.keys.publicId('hospital', 'DiagnosticReport', id)

/** Brings a person in with records and opens the account. Answers the number in full. */
export async function admit({ deps }: Gateway, person: Person, ...records: FhirResource[]): Promise<string> {
  await bringIn(deps, [person.resource, ...records])
  const phone = `+86${person.phone}`
  if ((await giveAccount(deps, publicIdOf(deps, person), phone)) === null) throw new Error('the number is taken')
  return phone
}
