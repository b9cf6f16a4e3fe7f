import type { FhirResource } from '../../shared/contract/fhir.ts'
import type { Printed } from '../../shared/labels/label.ts'
import { type ComposedReport, composeGroup, composeReport } from './compose.ts'
import { composeMedication } from './compose-medication.ts'

/** Nobody's age and sex: a range for some people only is read by its field. */
const anyone = { sex: null, birthDate: null }
const zone = 'UTC'
const someDay = '2000-01-01T00:00:00Z'
/** Gives a report a date, which its results may give it, and no line: then its narrative is read. */
const dated: FhirResource = { resourceType: 'Observation', id: '', status: 'final', code: {}, effectiveDateTime: someDay }
/** The same with a line, without which a report of results alone is nothing to read. */
const lined: FhirResource = { ...dated, valueString: '-' }
/** A report that lists a result and says nothing itself. */
const listing: FhirResource = { resourceType: 'DiagnosticReport', id: '', status: 'final', code: {}, effectiveDateTime: someDay }

/**
 * Every string that a patient would read of a record by itself. It is read for labelling besides the record's fields, so
 * that nothing is ever printed that was not judged. Throws where composing does.
 */
export function printedOf(resource: FhirResource, referenced: readonly FhirResource[]): Printed[] {
  const found = new Map<string, Printed>()
  const add = (at: string, text: string | null | undefined, coded = false) => {
    if (text && !found.has(text)) found.set(text, { at, text, coded })
  }
  if (resource.resourceType.startsWith('Medication')) {
    for (const drug of [null, ...referenced]) {
      const drawn = composeMedication(resource, drug, zone)
      add('name', drawn?.name)
      add('dosage', drawn?.dosage)
      add('quantity', drawn?.quantity)
      add('place', drawn?.place)
    }
    return [...found.values()]
  }
  const composed = [composeReport(resource, [lined], anyone, zone)]
  if (resource.text !== undefined) composed.push(composeReport(resource, [dated], anyone, zone))
  if (resource.resourceType === 'Observation')
    composed.push(composeGroup([resource], 'laboratory', anyone, zone), composeReport(listing, [resource], anyone, zone))
  for (const one of composed) if (one !== null) addReport(one, add)
  return [...found.values()]
}

function addReport({ detail }: ComposedReport, add: (at: string, text: string | null | undefined, coded?: boolean) => void) {
  add('title', detail.title)
  add('place', detail.place)
  detail.items.forEach(({ name, value, unit, range, note }, i) => {
    add(`items[${i}].name`, name)
    add(`items[${i}].value`, value !== null && 'text' in value ? value.text : null, true)
    add(`items[${i}].unit`, unit)
    add(`items[${i}].range`, range?.text)
    add(`items[${i}].note`, note, true)
  })
  detail.texts.forEach(({ text }, i) => {
    add(`texts[${i}].text`, text, true)
  })
}
