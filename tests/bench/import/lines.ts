import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

const day = 86_400_000
const newest = Date.parse('2026-11-01T00:00:00Z')

/** What a hospital would export of one person: a visit, three panels of eight results, a prescription and a note. */
export function* personLines(person: number): Generator<object> {
  const subject = { reference: `Patient/p${person}` }
  const encounter = { reference: `Encounter/p${person}-visit` }
  const at = (n: number) => new Date(newest - ((person * 7 + n * 11) % 400) * day).toISOString()
  yield {
    resourceType: 'Patient',
    id: `p${person}`,
    name: [{ text: `Person ${person}` }],
    gender: person % 2 === 0 ? 'female' : 'male',
    birthDate: `19${String(40 + (person % 60))}-03-0${1 + (person % 9)}`,
    telecom: [{ system: 'phone', use: 'mobile', value: `164${String(person).padStart(8, '0')}` }],
  }
  yield {
    resourceType: 'Encounter',
    id: `p${person}-visit`,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject,
    period: { start: at(0) },
  }
  for (let panel = 0; panel < 3; panel += 1) {
    const result: { reference: string }[] = []
    for (let test = 0; test < 8; test += 1) {
      const id = `p${person}-${panel}-${test}`
      result.push({ reference: `Observation/${id}` })
      yield {
        resourceType: 'Observation',
        id,
        status: 'final',
        category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: codes[test] }], text: names[test] },
        subject,
        encounter,
        effectiveDateTime: at(panel),
        issued: at(panel),
        valueQuantity: {
          value: 40 + ((person + test) % 60),
          unit: 'mmol/L',
          system: 'http://unitsofmeasure.org',
          code: 'mmol/L',
        },
        referenceRange: [{ low: { value: 50, unit: 'mmol/L' }, high: { value: 90, unit: 'mmol/L' } }],
      }
    }
    yield {
      resourceType: 'DiagnosticReport',
      id: `p${person}-${panel}`,
      status: 'final',
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
      code: { text: 'Basic metabolic panel' },
      subject,
      encounter,
      effectiveDateTime: at(panel),
      result,
    }
  }
  yield {
    resourceType: 'MedicationRequest',
    id: `p${person}-drug`,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'Amlodipine 5 mg' },
    subject,
    encounter,
    authoredOn: at(1),
    dosageInstruction: [{ text: '5 mg once a day' }],
  }
  yield {
    resourceType: 'DocumentReference',
    id: `p${person}-note`,
    status: 'current',
    type: { text: 'Progress note' },
    subject,
    date: at(2),
    content: [
      { attachment: { contentType: 'text/plain', data: Buffer.from('The patient feels well. '.repeat(40)).toString('base64') } },
    ],
    context: { encounter: [encounter] },
  }
}

const codes = ['2345-7', '2160-0', '2951-2', '2823-3', '2075-0', '2028-9', '17861-6', '3094-0']
const names = ['Glucose', 'Creatinine', 'Sodium', 'Potassium', 'Chloride', 'Carbon dioxide', 'Calcium', 'Urea nitrogen']

/** Writes NDJSON of at least so many bytes; answers how many lines. */
export async function writeLines(path: string, bytes: number): Promise<number> {
  const file = createWriteStream(path)
  let written = 0
  let lines = 0
  for (let person = 0; written < bytes; person += 1) {
    let text = ''
    for (const resource of personLines(person)) {
      text += `${JSON.stringify(resource)}\n`
      lines += 1
    }
    written += text.length
    if (!file.write(text)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
  return lines
}
