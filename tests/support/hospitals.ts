import { withCheckDigit } from '../../server/demo/people.ts'
import { fraction, idOf, pick, whole } from '../../server/demo/random.ts'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { type SensitiveClass, sensitiveClasses } from '../../shared/policy/profile.ts'
import type { Drawn } from './hospitals/draft.ts'
import { ordinaryRecords } from './hospitals/ordinary.ts'
import { type Case, caseOf, disguiseNames } from './hospitals/sensitive.ts'
import terms from './hospitals/terms.json' with { type: 'json' }

export interface GeneratedPatient {
  reference: string
  name: string
  phone: string
  identityNumber: string
  birthDate: string
  gender: 'male' | 'female'
}

export interface Pair {
  /** What a hospital sends, in the order in which it sends it: bundles of several shapes, and bare resources. */
  with: FhirResource[]
  /** The same hospital, had the sensitive records never been. */
  without: FhirResource[]
  /** `Type/id` of every record that must be hidden. The truth is the generator's own, never a labeller's. */
  sensitiveRefs: string[]
  /** Why, for the message of a failing test. */
  because: { ref: string; about: SensitiveClass | 'unknown'; disguise: string }[]
  patient: GeneratedPatient
}

const nameOf = (resource: FhirResource) => `${resource.resourceType}/${resource.id}`

function patientOf(key: string, now: Date): { resource: FhirResource; patient: GeneratedPatient } {
  const gender = pick(`${key}/gender`, ['male', 'female'] as const)
  const birthDate = `${now.getUTCFullYear() - whole(`${key}/age`, 19, 88)}-0${whole(`${key}/month`, 1, 9)}-${whole(`${key}/day`, 10, 28)}`
  const sequence = gender === 'male' ? '997' : '998'
  const patient = {
    reference: `Patient/${idOf(`${key}/patient`)}`,
    name: pick(`${key}/family`, terms.people.family) + pick(`${key}/given`, terms.people.given),
    phone: `164${String(whole(`${key}/phone`, 0, 99_999_999)).padStart(8, '0')}`,
    identityNumber: withCheckDigit(`440106${birthDate.replaceAll('-', '')}${sequence}`),
    birthDate,
    gender,
  }
  const type = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] })
  const resource: FhirResource = {
    resourceType: 'Patient',
    id: idOf(`${key}/patient`),
    identifier: [
      { use: 'official', type: type('NI'), system: 'urn:oid:2.16.156.10011.1.3', value: patient.identityNumber },
      { type: type('MR'), system: 'https://his.example/mrn', value: String(whole(`${key}/mrn`, 1_000_000, 9_999_999)) },
    ],
    name: [{ text: patient.name }],
    telecom: [{ system: 'phone', use: 'mobile', value: patient.phone }],
    gender,
    birthDate,
  }
  return { resource, patient }
}

/** Every class twice, disguises without repetition, so that a few seeds show them all; and two whose class is their own. */
function casesOf(drawn: Drawn): Case[] {
  const ownClass = ['proxy', 'unknown local code']
  const order = disguiseNames
    .filter((name) => !ownClass.includes(name))
    .map((name) => ({ name, at: fraction(`${drawn.key}/disguise/${name}`) }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name)
  const first = whole(`${drawn.key}/first class`, 0, sensitiveClasses.length - 1)
  const chosen = [...order.slice(0, 2 * sensitiveClasses.length), ...ownClass]
  return chosen.map((disguise, index) => {
    const about = sensitiveClasses[(first + index) % sensitiveClasses.length] ?? 'HIV'
    return caseOf(drawn, index, about, disguise)
  })
}

/** Half of the sensitive records belong to an ordinary visit, which must not be hidden with them. */
function placed(drawn: Drawn, hidden: FhirResource, visits: FhirResource[]): FhirResource {
  const inVisits = ['Observation', 'DiagnosticReport', 'Condition', 'MedicationRequest', 'ServiceRequest', 'Procedure']
  if (!inVisits.includes(hidden.resourceType) || hidden.encounter !== undefined) return hidden
  if (fraction(`${drawn.key}/placed ${hidden.id}`) < 0.5) return hidden
  return { ...hidden, encounter: { reference: nameOf(pick(`${drawn.key}/visit of ${hidden.id}`, visits)) } }
}

/** Where a resource goes and how it is referred to hangs on its own id alone: what else is sent moves nothing. */
function sent(drawn: Drawn, resources: FhirResource[]): FhirResource[] {
  const bundles = whole(`${drawn.key}/bundles`, 1, 5)
  const bundleOf = (name: string) => whole(`${drawn.key}/bundle of ${name}`, 0, bundles - 1)
  const rank = (resource: FhirResource) => fraction(`${drawn.key}/rank of ${resource.id}`)
  return Array.from({ length: bundles }, (_, index) => index).flatMap((index): FhirResource[] => {
    const shape = pick(`${drawn.key}/shape/${index}`, ['transaction', 'transaction', 'collection', 'batch', 'searchset', 'bare'])
    const here = resources.filter((one) => bundleOf(nameOf(one)) === index).sort((a, b) => rank(a) - rank(b))
    if (here.length === 0) return []
    if (shape === 'bare') return here
    const urn = shape === 'transaction'
    const pointed = (resource: FhirResource) =>
      JSON.parse(JSON.stringify(resource), (key, value: unknown) => {
        if (key !== 'reference' || typeof value !== 'string' || value.startsWith('#')) return value
        if (urn && bundleOf(value) === index) return `urn:uuid:${value.split('/')[1]}`
        return fraction(`${drawn.key}/versioned ${resource.id} ${value}`) < 0.03 ? `${value}/_history/1` : value
      }) as FhirResource
    const entry = here.map((resource) => ({
      fullUrl: urn ? `urn:uuid:${resource.id}` : `https://his.example/fhir/${nameOf(resource)}`,
      resource: pointed(resource),
      ...((urn || shape === 'batch') && { request: { method: 'PUT', url: nameOf(resource) } }),
      ...(shape === 'searchset' && { search: { mode: 'match' } }),
    }))
    return [{ resourceType: 'Bundle', type: shape, entry }]
  })
}

/**
 * A generated hospital for one person, and its twin without the sensitive records. Each record draws from its own purpose,
 * so the ordinary ones are the same in both; a reference to a sensitive record stands in `with` alone.
 */
export function generatePair(seed: number, now: Date): Pair {
  const key = `pair ${seed}`
  const { resource, patient } = patientOf(key, now)
  const drawn: Drawn = { key, patient: { reference: patient.reference }, now }
  const ordinary = ordinaryRecords(drawn)
  const visits = ordinary.filter((one) => one.resourceType === 'Encounter')
  const cases = casesOf(drawn).map((one) => ({
    ...one,
    resources: one.resources.map((hidden) => placed(drawn, hidden, visits)),
  }))
  const touched = new Map(ordinary.map((one) => [nameOf(one), one]))
  cases.forEach((one, index) => {
    if (one.touch === undefined) return
    const { type, change } = one.touch
    const victim = pick(
      `${key}/touched by ${index}`,
      ordinary.filter((other) => other.resourceType === type),
    )
    touched.set(nameOf(victim), change(touched.get(nameOf(victim)) ?? victim))
  })
  const because = cases.flatMap(({ resources, about, disguise }) =>
    resources.map((hidden) => ({ ref: nameOf(hidden), about, disguise })),
  )
  return {
    with: sent(drawn, [resource, ...touched.values(), ...cases.flatMap((one) => one.resources)]),
    without: sent(drawn, [resource, ...ordinary]),
    sensitiveRefs: because.map(({ ref }) => ref).sort(),
    because,
    patient,
  }
}
