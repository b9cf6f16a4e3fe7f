import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { FhirResource } from '../contract/fhir.ts'
import { findProfile } from '../policy/profile.ts'
import { labelResource } from './label.ts'

const cn = findProfile('CN')!
const data = new URL('../../../shared/data/', import.meta.url)

describe.runIf(existsSync(data))('[VW-2] the sample data (needs ../shared/data)', () => {
  const folder = new URL('fhir/synthea/', data)
  const read = (): FhirResource[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap(
        (name) =>
          (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { entry?: { resource: FhirResource }[] }).entry ?? [],
      )
      .map((entry) => entry.resource)

  it('leaves less than 1 % unknown and hides what is sensitive', () => {
    const all = read()
    const labels = all.map((resource) => labelResource(resource, cn))
    expect(labels.filter((label) => label.unknown).length).toBeLessThan(all.length / 100)
    const words =
      /HIV|Hepatitis [BC]|Chlamydia|Gonorrhea|Syphilis|chemotherapy|Cisplatin|Fluoxetine|pregnan|contracept|Opioid abuse/
    all.forEach((resource, i) => {
      if (!['Observation', 'Procedure', 'MedicationRequest', 'Condition'].includes(resource.resourceType)) return
      const own = JSON.stringify([resource.code, resource.medicationCodeableConcept])
      if (words.test(own)) expect(labels[i]?.hidden, own).toBe(true)
    })
  })
})
