import type { FhirCodeableConcept, FhirResource } from '../../shared/contract/fhir.ts'
import type { Medication } from '../../shared/contract/reports.ts'
import type { Period, Quantity, Range, Ratio, Reference } from './compose-fhir.ts'
import { placeOf } from './compose-kind.ts'
import { momentOf } from './compose-time.ts'
import { boundsText, quantityText } from './compose-value.ts'
import { manyLines, nameOf, numberText, oneLine, unitText } from './compose-words.ts'

interface Repeat {
  boundsDuration?: Quantity
  count?: number
  duration?: number
  durationUnit?: string
  frequency?: number
  frequencyMax?: number
  period?: number
  periodMax?: number
  periodUnit?: string
  timeOfDay?: (string | null)[]
  when?: (string | null)[]
}

interface Dosage {
  text?: string
  patientInstruction?: string
  additionalInstruction?: FhirCodeableConcept[]
  timing?: { repeat?: Repeat; code?: FhirCodeableConcept }
  asNeededBoolean?: boolean
  asNeededCodeableConcept?: FhirCodeableConcept
  route?: FhirCodeableConcept
  doseAndRate?: { doseQuantity?: Quantity; doseRange?: Range; rateQuantity?: Quantity; rateRange?: Range; rateRatio?: Ratio }[]
  maxDosePerPeriod?: Ratio
}

interface Order {
  resourceType: string
  status?: string
  doNotPerform?: boolean
  contained?: FhirResource[]
  medicationCodeableConcept?: FhirCodeableConcept
  medicationReference?: Reference
  authoredOn?: string
  dosageInstruction?: Dosage[]
  performer?: Reference
  requester?: Reference
  dispenseRequest?: { quantity?: Quantity; validityPeriod?: Period; performer?: Reference }
  /** MedicationStatement */
  dosage?: Dosage[]
  effectiveDateTime?: string
  effectivePeriod?: Period
  dateAsserted?: string
  informationSource?: Reference
}

const statuses = new Map<string, Medication['status']>(
  Object.entries({
    active: 'active',
    'on-hold': 'on-hold',
    completed: 'completed',
    stopped: 'stopped',
    cancelled: 'stopped',
    'not-taken': 'stopped',
    draft: 'draft',
    intended: 'draft',
  }),
)
const longestDosage = 2000

/** What a patient reads of a prescription or a medication statement; null for one made in error, or forbidding the drug. */
export function composeMedication(
  resource: FhirResource,
  medication: FhirResource | null,
  zone: string,
): Omit<Medication, 'id'> | null {
  const order = resource as unknown as Order
  if (order.resourceType !== 'MedicationRequest' && order.resourceType !== 'MedicationStatement') return null
  if (order.status === 'entered-in-error' || order.doNotPerform === true) return null
  const name = medicationName(order, medication)
  const isStatement = order.resourceType === 'MedicationStatement'
  const dispenseRequest = isStatement ? undefined : order.dispenseRequest
  const said = isStatement
    ? (order.effectiveDateTime ?? order.effectivePeriod?.start ?? order.dateAsserted)
    : (order.authoredOn ?? dispenseRequest?.validityPeriod?.start)
  const moment = momentOf(said, zone)
  if (name === '' || moment === null) return null
  const dosage = ((isStatement ? order.dosage : order.dosageInstruction) ?? []).map(dosageText).filter((text) => text !== '')
  return {
    name,
    ...moment,
    status: statuses.get(order.status ?? '') ?? 'unknown',
    dosage: manyLines(dosage.join('\n'), longestDosage) || null,
    quantity: quantityText(dispenseRequest?.quantity) || null,
    place: placeOf(isStatement ? [order.informationSource] : [order.performer, order.requester, dispenseRequest?.performer]),
    category: 'medical-application',
    level: 3,
  }
}

function medicationName(order: Order, medication: FhirResource | null): string {
  const reference = order.medicationReference
  const inside = (order.contained ?? []).find((one) => one.resourceType === 'Medication' && `#${one.id}` === reference?.reference)
  const coded = [order.medicationCodeableConcept, ...[medication, inside].map(codeOf)]
  return coded.map(nameOf).find((name) => name !== '') ?? oneLine(reference?.display)
}

const codeOf = (resource: FhirResource | null | undefined) =>
  resource?.resourceType === 'Medication' ? (resource.code as FhirCodeableConcept | undefined) : undefined

/** As written; where only numbers were given, as numbers, units and the codes that prescriptions use, without words of ours. */
function dosageText(dosage: Dosage): string {
  const written = [dosage.text, dosage.patientInstruction]
    .filter((text) => text !== undefined)
    .map((text) => manyLines(text, longestDosage))
  const extra = (dosage.additionalInstruction ?? []).map(nameOf)
  const built = written.length > 0 ? [] : structured(dosage)
  return [...new Set([...written, ...built, ...(dosage.text === undefined ? extra : [])])]
    .filter((part) => part !== '')
    .join(' · ')
}

function structured(dosage: Dosage): string[] {
  const repeat = dosage.timing?.repeat
  const doses = (dosage.doseAndRate ?? []).flatMap((one) => [
    quantityText(one.doseQuantity) || rangeText(one.doseRange),
    quantityText(one.rateQuantity) || rangeText(one.rateRange) || ratioText(one.rateRatio),
  ])
  const most = ratioText(dosage.maxDosePerPeriod)
  return [
    ...doses,
    repeat === undefined ? '' : rhythm(repeat),
    nameOf(dosage.timing?.code),
    nameOf(dosage.route),
    dosage.asNeededBoolean === true
      ? 'PRN'
      : dosage.asNeededCodeableConcept === undefined
        ? ''
        : `PRN ${nameOf(dosage.asNeededCodeableConcept)}`,
    quantityText(repeat?.boundsDuration),
    most === '' ? '' : `≤ ${most}`,
  ].map((part) => part.trim())
}

/** `3×/d`, `1–2×/8 h`, then times of day and event codes (AC, HS). */
function rhythm({
  frequency,
  frequencyMax,
  period,
  periodMax,
  periodUnit,
  count,
  duration,
  durationUnit,
  timeOfDay,
  when,
}: Repeat): string {
  const times = boundsText(
    frequency ?? (period === undefined ? null : 1),
    frequencyMax ?? frequency ?? (period === undefined ? null : 1),
  )
  const [low, high] = times.split('–')
  const often = times === '' ? '' : low === high ? low! : times
  const span = period === undefined || periodUnit === undefined ? '' : spanText(period, periodMax, periodUnit)
  return [
    often === '' ? '' : span === '' ? `${often}×` : `${often}×/${span}`,
    count === undefined ? '' : `×${numberText(count)}`,
    duration === undefined ? '' : `${numberText(duration)} ${oneLine(durationUnit)}`,
    ...(timeOfDay ?? []).map((time) => (time ?? '').slice(0, 5)),
    ...(when ?? []).map((code) => oneLine(code ?? '')),
  ]
    .filter((part) => part !== '')
    .join(' ')
}

function spanText(period: number, periodMax: number | undefined, unit: string): string {
  if (period === 1 && periodMax === undefined) return oneLine(unit)
  return `${periodMax === undefined ? numberText(period) : boundsText(period, periodMax)} ${oneLine(unit)}`
}

function rangeText(range: Range | undefined): string {
  const bounds = boundsText(range?.low?.value ?? null, range?.high?.value ?? null)
  const unit = unitText(range?.high?.unit ?? range?.low?.unit ?? range?.high?.code ?? range?.low?.code)
  return bounds === '' || unit === null ? bounds : `${bounds} ${unit}`
}

function ratioText(ratio: Ratio | undefined): string {
  return [ratio?.numerator, ratio?.denominator]
    .map(quantityText)
    .filter((part) => part !== '')
    .join(' / ')
}
