import type { ReportLine } from '../../shared/contract/reports.ts'
import type { Quantity, Range, Values } from './compose-fhir.ts'
import { dateText } from './compose-time.ts'
import { manyLines, nameOf, numberText, oneLine, unitText } from './compose-words.ts'

export interface Value {
  value: ReportLine['value']
  unit: string | null
  /** As the hospital wrote it, for holding against a range. */
  rawUnits: string[]
}

type Comparator = '<' | '<=' | '>' | '>='
const comparators = new Map<string, Comparator>(
  Object.entries({
    '<': '<',
    '＜': '<',
    '<=': '<=',
    '≤': '<=',
    '>': '>',
    '＞': '>',
    '>=': '>=',
    '≥': '>=',
  }),
)
/** Laboratory systems often send numbers as text. Leading zeros belong to codes. */
const numberInText = /^\s*([<>]=?|[≤≥＜＞])?\s*(-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)\s*$/
const longestNumber = 40
const longestText = 2000

const none: Value = { value: null, unit: null, rawUnits: [] }
const inWords = (text: string): Value => ({ ...none, value: text === '' ? null : { text } })

/** value[x] of every R4 type. Truth is a sign, not a word: words belong to the language files. */
export function readValue(from: Values, zone: string): Value {
  if (from.valueQuantity !== undefined) return ofQuantity(from.valueQuantity)
  if (from.valueInteger !== undefined) return { ...none, value: { number: from.valueInteger + 0, comparator: null } }
  if (from.valueString !== undefined) return ofString(from.valueString)
  if (from.valueCodeableConcept !== undefined) return inWords(nameOf(from.valueCodeableConcept))
  if (from.valueBoolean !== undefined) return inWords(from.valueBoolean ? '✓' : '✗')
  if (from.valueRange !== undefined) return ofRange(from.valueRange)
  if (from.valueRatio !== undefined) {
    const { numerator, denominator } = from.valueRatio
    return inWords(
      [numerator, denominator]
        .map(quantityText)
        .filter((part) => part !== '')
        .join(' : '),
    )
  }
  if (from.valueTime !== undefined) return inWords(from.valueTime)
  if (from.valueDateTime !== undefined) return inWords(dateText(from.valueDateTime, zone))
  if (from.valuePeriod !== undefined) {
    const ends = [from.valuePeriod.start, from.valuePeriod.end].map((end) => dateText(end, zone))
    return inWords(ends.every((end) => end === '') ? '' : ends.join(' – ').trim())
  }
  if (from.valueSampledData !== undefined) return inWords(manyLines(from.valueSampledData.data ?? '', longestText))
  return none
}

function ofQuantity(quantity: Quantity): Value {
  const unit = unitText(quantity.unit ?? quantity.code)
  const rawUnits = [quantity.unit, quantity.code].filter((text) => text !== undefined)
  if (quantity.value === undefined) return { ...none, unit, rawUnits }
  if (quantity.comparator === undefined) return { value: { number: quantity.value + 0, comparator: null }, unit, rawUnits }
  const comparator = comparators.get(quantity.comparator)
  if (comparator === undefined)
    return { value: { text: oneLine(`${quantity.comparator} ${numberText(quantity.value)}`) }, unit, rawUnits }
  return { value: { number: quantity.value + 0, comparator }, unit, rawUnits }
}

function ofString(text: string): Value {
  const found = text.length > longestNumber ? null : numberInText.exec(text)
  if (found === null) return inWords(manyLines(text, longestText))
  return { ...none, value: { number: Number(found[2]) + 0, comparator: comparators.get(found[1] ?? '') ?? null } }
}

function ofRange({ low, high }: Range): Value {
  const unit = unitText(high?.unit ?? low?.unit ?? high?.code ?? low?.code)
  return { ...inWords(boundsText(low?.value ?? null, high?.value ?? null)), unit }
}

/** `3.5–9.5`, `≥ 3.5` or `≤ 9.5`. */
export function boundsText(low: number | null, high: number | null): string {
  if (low !== null && high !== null) return `${numberText(low)}–${numberText(high)}`
  return low !== null ? `≥ ${numberText(low)}` : high !== null ? `≤ ${numberText(high)}` : ''
}

/** `25 mg`; empty where there is no number. */
export function quantityText(quantity: Quantity | undefined): string {
  if (quantity?.value === undefined) return ''
  const unit = unitText(quantity.unit ?? quantity.code)
  const said = oneLine(`${quantity.comparator ?? ''}${numberText(quantity.value)}`)
  return unit === null ? said : `${said} ${unit}`
}
