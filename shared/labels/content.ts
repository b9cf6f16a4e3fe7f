import type { FhirResource } from '../contract/fhir.ts'
import { readAttachment } from './attachments.ts'
import { stripMarkup } from './markup.ts'

/** A piece of what a record says. `identity`: it says what the record is (code, type, drug), not what was found. */
export type Piece = { at: string; identity: boolean } & (
  | { kind: 'text'; text: string }
  | { kind: 'code'; system: string; code: string; display: string; diagnosis: boolean }
  | { kind: 'security'; code: string }
  | { kind: 'unreadable'; what: string }
)

/** Where each kind of clinical record says what it is; a record of such a kind that says nothing known is hidden. */
const identities: Record<string, ReadonlySet<string>> = {
  AllergyIntolerance: new Set(['code']),
  Appointment: new Set(['serviceCategory', 'serviceType', 'specialty', 'appointmentType', 'reasonCode', 'description']),
  Claim: new Set(['item', 'diagnosis', 'procedure', 'prescription', 'type']),
  ClinicalImpression: new Set(['code', 'description', 'summary']),
  Composition: new Set(['type', 'title']),
  Condition: new Set(['code']),
  DiagnosticReport: new Set(['code']),
  DocumentReference: new Set(['type', 'description', 'content']),
  Encounter: new Set(['class', 'type', 'serviceType', 'reasonCode']),
  EpisodeOfCare: new Set(['type']),
  ExplanationOfBenefit: new Set(['item', 'diagnosis', 'procedure', 'type']),
  FamilyMemberHistory: new Set(['condition']),
  ImagingStudy: new Set(['modality', 'description', 'procedureCode', 'reasonCode', 'series']),
  Media: new Set(['type', 'modality', 'view', 'bodySite', 'content', 'reasonCode']),
  Medication: new Set(['code', 'ingredient']),
  MedicationAdministration: new Set(['medicationCodeableConcept', 'medicationReference']),
  MedicationDispense: new Set(['medicationCodeableConcept', 'medicationReference']),
  MedicationRequest: new Set(['medicationCodeableConcept', 'medicationReference']),
  MedicationStatement: new Set(['medicationCodeableConcept', 'medicationReference']),
  Observation: new Set(['code']),
  Procedure: new Set(['code']),
  ServiceRequest: new Set(['code', 'orderDetail']),
}

export const isClinicalKind = (resourceType: string): boolean => Object.hasOwn(identities, resourceType)

/** Persons' own records and bookkeeping: nothing in them is a finding. */
const personal = new Set([
  'Patient',
  'Person',
  'Practitioner',
  'PractitionerRole',
  'RelatedPerson',
  'Coverage',
  'Provenance',
  'AuditEvent',
])

export const isPersonal = (resourceType: string): boolean => personal.has(resourceType)

const skipped = new Set(
  (
    'id identifier subject patient beneficiary subscriber meta telecom address contact link photo period implicitRules language status ' +
    'intent use unit reference url system version versionId profile contentType hash fullUrl birthDate gender resourceType ' +
    'clinicalStatus verificationStatus interpretation referenceRange dataAbsentReason currency priority mode kind ' +
    'instantiatesCanonical instantiatesUri uri created authoredOn issued effectiveDateTime recordedDate date start end'
  ).split(' '),
)
/** The only references whose words are the record's own: what drug it is, and where or in which department it was made. */
const ownReferences = new Set(
  (
    'medicationReference performer location serviceProvider author custodian requester recorder asserter actor provider organization ' +
    'managingOrganization owner onBehalfOf facility individual specimen healthcareService'
  ).split(' '),
)
const diagnosisFields = new Set([
  'Condition',
  'Encounter',
  'EpisodeOfCare',
  'Claim',
  'ExplanationOfBenefit',
  'FamilyMemberHistory',
])
const deepest = 48

interface Place {
  identity: boolean
  diagnosis: boolean
  depth: number
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const words = (value: unknown): string => (typeof value === 'string' ? value : '')

/** All that a record says itself; never what it merely points to (VW-3: references are cut, the record stays). */
export function collect(resource: FhirResource, only?: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = []
  readResource(resource, '', true, 0, pieces, only)
  return pieces
}

/** Fields that say of which kind a container is: its narrative and results are not its kind. */
export const kindFields: ReadonlySet<string> = new Set(
  'code type class serviceType serviceCategory specialty category reasonCode appointmentType serviceProvider location performer orderDetail name department modality'.split(
    ' ',
  ),
)

function readResource(
  resource: Record<string, unknown>,
  at: string,
  own: boolean,
  depth: number,
  pieces: Piece[],
  only?: ReadonlySet<string>,
) {
  const type = words(resource.resourceType)
  if (depth > deepest) {
    pieces.push({ at: at || type, identity: false, kind: 'unreadable', what: 'nested too deep' })
    return
  }
  const meta = isObject(resource.meta) ? resource.meta : {}
  if (Array.isArray(meta.security)) {
    meta.security.forEach((tag: unknown, i) => {
      if (isObject(tag))
        pieces.push({ at: join(at, `meta.security[${i}]`), identity: false, kind: 'security', code: words(tag.code) })
    })
  }
  if (isPersonal(type)) return
  const identity = identities[type]
  for (const [key, value] of Object.entries(resource)) {
    if (only && !only.has(key)) continue
    const place = { identity: own && (identity?.has(key) ?? false), diagnosis: diagnosisFields.has(type), depth: depth + 1 }
    if (key === 'contained' && Array.isArray(value)) {
      value.forEach((inner: unknown, i) => {
        // A contained drug says what its prescription is.
        if (isObject(inner))
          readResource(inner, join(at, `contained[${i}]`), inner.resourceType === 'Medication', depth + 1, pieces)
      })
    } else if (key === 'data' && type === 'Binary') readData(words(resource.contentType), words(value), join(at, key), pieces)
    else read(value, key, join(at, key), place, pieces)
  }
}

const join = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`)

function read(value: unknown, key: string, at: string, place: Place, pieces: Piece[]): void {
  if (skipped.has(key) || key.startsWith('_')) return
  if (typeof value === 'string') {
    if (value !== '')
      pieces.push({ at, identity: place.identity, kind: 'text', text: key === 'div' ? stripMarkup(value) : value })
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (place.depth > deepest) {
    pieces.push({ at, identity: false, kind: 'unreadable', what: 'nested too deep' })
    return
  }
  const inner = { ...place, depth: place.depth + 1 }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) read(value[i], key, `${at}[${i}]`, inner, pieces)
  } else readObject(value as Record<string, unknown>, key, at, inner, pieces)
}

function readObject(value: Record<string, unknown>, key: string, at: string, place: Place, pieces: Piece[]): void {
  if (typeof value.resourceType === 'string') {
    readResource(value, at, false, place.depth, pieces)
    return
  }
  if (typeof value.reference === 'string' || ('display' in value && ownReferences.has(key))) {
    if (ownReferences.has(key) && typeof value.display === 'string') {
      pieces.push({ at: `${at}.display`, identity: place.identity, kind: 'text', text: value.display })
    }
    return
  }
  // Sampled data (an ECG) also calls its figures `data`.
  if ('dimensions' in value && 'origin' in value) return
  if (typeof value.data === 'string') readData(words(value.contentType), value.data, `${at}.data`, pieces, words(value.title))
  const isCoding = typeof value.code === 'string' && typeof value.value !== 'number'
  if (isCoding) {
    const diagnosis = place.diagnosis && key === 'coding'
    const coding = { system: words(value.system), code: words(value.code), display: words(value.display) }
    pieces.push({ at: `${at}.code`, identity: place.identity, kind: 'code', diagnosis, ...coding })
  }
  for (const [field, part] of Object.entries(value)) {
    if (field === 'data' || (field === 'code' && isCoding)) continue
    // A person's name is no finding; a department's is (it is a plain string).
    if (field === 'name' && typeof part === 'object') continue
    read(part, field, `${at}.${field}`, place, pieces)
  }
}

function readData(contentType: string, data: string, at: string, pieces: Piece[], title = ''): void {
  const text = readAttachment(contentType, data, title)
  // What an attachment says counts as what the record is: a note is known by its words.
  if (text === undefined) pieces.push({ at, identity: true, kind: 'unreadable', what: contentType || 'attachment' })
  else if (text !== '') pieces.push({ at, identity: true, kind: 'text', text })
}
