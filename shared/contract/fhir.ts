/** FHIR R4 JSON as it comes in: only what every resource has is promised. */
export interface FhirResource {
  resourceType: string
  id?: string
  contained?: FhirResource[]
  [element: string]: unknown
}

export interface FhirCoding {
  system?: string
  code?: string
  display?: string
}

export interface FhirCodeableConcept {
  coding?: FhirCoding[]
  text?: string
}
