import type { FhirResource } from '../../shared/contract/fhir.ts'
import { itemOf } from '../records/items.ts'
import type { Act } from './chart.ts'
import type { Setting, Subject } from './laboratory.ts'
import { idOf, wobble } from './random.ts'
import data from './vitals.json' with { type: 'json' }

interface Vital {
  name: string
  mean?: number
  spread?: number
  ucum?: string
  places?: number
}

const vitals = data as Record<string, Vital>

/** What is measured where; blood pressure is one observation of two parts. */
const sets: Record<string, string[]> = {
  clinic: ['blood-pressure', 'heart-rate', 'body-temperature'],
  child: ['body-temperature', 'heart-rate', 'respiratory-rate'],
  checkup: ['blood-pressure', 'heart-rate', 'height', 'weight', 'bmi'],
}

const loinc = (code: string) => [{ system: 'http://loinc.org', code }]

/** Readings of one sitting, a minute apart as a nurse takes them: no two share an instant. */
export function vitalsOf(subject: Subject, setting: Setting, act: Act, at: (minute: number) => string): FhirResource[] {
  const set = sets[act.vitals ?? '']
  if (set === undefined) throw new Error(`no set of vitals ${act.vitals}`)
  const given = Object.keys(act.values ?? {}).filter((key) => !key.endsWith('-pressure'))
  const value = (key: string): number => {
    const told = act.values?.[key]
    if (typeof told === 'number') return told
    const { mean = 0, spread = 0 } = vitals[key] ?? {}
    return mean + (wobble(`${subject.chart}/${key}`) + wobble(`${subject.chart}/${setting.visit}/${key}`) * 0.6) * spread
  }
  const amount = (key: string, number: number) => ({
    value: Number(number.toFixed(vitals[key]?.places ?? 0)),
    unit: itemOf(key)?.unit ?? '',
    system: 'http://unitsofmeasure.org',
    code: vitals[key]?.ucum ?? '1',
  })
  const coded = (key: string) => ({ coding: loinc(itemOf(key)?.loinc[0] ?? '85354-9'), text: vitals[key]?.name ?? key })
  const body = (key: string) => {
    if (key === 'blood-pressure') {
      const parts = ['systolic-pressure', 'diastolic-pressure']
      return { component: parts.map((part) => ({ code: coded(part), valueQuantity: amount(part, value(part)) })) }
    }
    if (key === 'bmi') return { valueQuantity: amount(key, value('weight') / (value('height') / 100) ** 2) }
    return { valueQuantity: amount(key, value(key)) }
  }
  return [...new Set([...set, ...given])].map((key, minute) => ({
    resourceType: 'Observation',
    id: idOf(`${subject.seed}/${setting.visit}/vitals/${key}`),
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs', display: 'Vital Signs' },
        ],
      },
    ],
    code: coded(key),
    subject: { reference: subject.reference },
    encounter: { reference: setting.encounter },
    effectiveDateTime: at(minute),
    ...body(key),
  }))
}
