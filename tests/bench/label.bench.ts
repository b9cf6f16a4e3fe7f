import type { FhirResource } from '../../shared/contract/fhir.ts'
import { labelResource } from '../../shared/labels/label.ts'
import { findProfile, type Profile } from '../../shared/policy/profile.ts'
import { type Figure, perCpuSecond } from './harness.ts'
import { personLines } from './import/lines.ts'

/** Every record is labelled on its way in. */
export default async function label(): Promise<Figure[]> {
  const profile = findProfile('CN') as Profile
  const resources = Array.from({ length: 300 }, (_, person) => person).flatMap((person) => [
    ...personLines(person),
  ]) as FhirResource[]
  const texts = resources.map((resource) => JSON.stringify(resource))
  let next = 0
  const labelled = perCpuSecond(() => labelResource(resources[next++ % resources.length] as FhirResource, profile))
  const parsed = perCpuSecond(() => JSON.stringify(JSON.parse(texts[next++ % texts.length] as string)))
  return [
    {
      name: 'labelling of a resource',
      unit: 'resources per CPU second',
      value: labelled,
      reference: { name: 'JSON.parse and JSON.stringify of the same', value: parsed },
    },
  ]
}
