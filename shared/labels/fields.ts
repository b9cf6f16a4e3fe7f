/** Where each kind of clinical record says what it is; a record of such a kind that says nothing known is hidden. */
export const identities: Record<string, ReadonlySet<string>> = {
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

/** Never printed, and no words of what was found: identifiers, addresses, times, closed lists, whom a range is for. */
export const skipped: ReadonlySet<string> = new Set(
  (
    'id identifier subject patient beneficiary subscriber meta telecom address contact link photo period implicitRules language status ' +
    'intent use reference url system version versionId profile contentType hash fullUrl birthDate gender resourceType ' +
    'clinicalStatus verificationStatus interpretation appliesTo currency priority mode kind ' +
    'instantiatesCanonical instantiatesUri uri created authoredOn issued effectiveDateTime recordedDate date start end'
  ).split(' '),
)
/** The only references whose words are the record's own: what drug it is, and where or in which department it was made. */
export const ownReferences: ReadonlySet<string> = new Set(
  (
    'medicationReference performer location serviceProvider author custodian requester recorder asserter actor provider organization ' +
    'managingOrganization owner onBehalfOf facility individual specimen healthcareService informationSource'
  ).split(' '),
)
/** A reference has these fields and no others; what has more is something else that calls itself a reference. */
export const referenceFields: ReadonlySet<string> = new Set(['reference', 'type', 'identifier', 'display', 'id', 'extension'])
/** Codings, whatever fields they carry. */
export const codingFields: ReadonlySet<string> = new Set(['coding', 'modality', 'bodySite', 'class', 'valueCoding'])

/** A concept here is printed as it is, by its code if it has no words: a code that says nothing here says it to whoever looks it up. */
export const toldConcepts: ReadonlySet<string> = new Set([
  'conclusionCode',
  'valueCodeableConcept',
  'dataAbsentReason',
  'asNeededCodeableConcept',
  'additionalInstruction',
])
/** The same, but hospitals' own short codes are usual here (PO, qd), and LOINC's, whose sensitive ones are listed. */
export const routineConcepts: ReadonlySet<string> = new Set([
  'category',
  'route',
  'practiceSetting',
  'code',
  'type',
  'procedureCode',
])

const diagnosisTypes = new Set([
  'Condition',
  'Encounter',
  'EpisodeOfCare',
  'Claim',
  'ExplanationOfBenefit',
  'FamilyMemberHistory',
])
const diagnosisConcepts = new Set(['conclusionCode', 'reasonCode'])

/** Whether a short local code (B20) in this field is a diagnosis. */
export const isDiagnosis = (resourceType: string, key: string): boolean =>
  diagnosisTypes.has(resourceType) || diagnosisConcepts.has(key)

/** Fields that say of which kind a container is: its narrative and results are not its kind. */
export const kindFields: ReadonlySet<string> = new Set(
  'code type class serviceType serviceCategory specialty category reasonCode appointmentType serviceProvider managingOrganization location locationCode performer performerType orderDetail name department modality'.split(
    ' ',
  ),
)
/** A contained department or order says of which kind its container is. */
export const kindContained: ReadonlySet<string> = new Set(['Organization', 'Location', 'HealthcareService', 'ServiceRequest'])
