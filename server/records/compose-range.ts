import type { FhirCodeableConcept } from '../../shared/contract/fhir.ts'
import type { ReportLine } from '../../shared/contract/reports.ts'
import type { Range, ReferenceRange } from './compose-fhir.ts'
import { boundsText, type Value } from './compose-value.ts'
import { codingsOf, oneLine, unitText } from './compose-words.ts'
import { type Item, isUnitOf, rangeFor } from './items.ts'

type ShownRange = NonNullable<ReportLine['range']>

const number = String.raw`(-?\d{1,15}(?:\.\d{1,15})?)`
const rangeText = new RegExp(String.raw`^[\s(（\[]*${number}\s*(?:-{1,2}|[–—~～至])\s*${number}(?:\s*[^\d\s][^,;，；]*)?$`)
const limitText = new RegExp(String.raw`^\s*([<>]=?|[≤≥＜＞])\s*${number}(?:\s*[^\d\s][^,;，；]*)?$`)

const sexes = new Map<string, string>(
  Object.entries({
    '248152002': 'female',
    '248153007': 'male',
    f: 'female',
    m: 'male',
    female: 'female',
    male: 'male',
    女: 'female',
    女性: 'female',
    男: 'male',
    男性: 'male',
  }),
)
const perYear = new Map<string, number>(
  Object.entries({
    a: 1,
    y: 1,
    yr: 1,
    year: 1,
    years: 1,
    岁: 1,
    歲: 1,
    mo: 12,
    month: 12,
    months: 12,
    月: 12,
    wk: 52.18,
    周: 52.18,
    d: 365.25,
    day: 365.25,
    days: 365.25,
    天: 365.25,
    h: 8766,
  }),
)

/**
 * The laboratory's own range that is for this person, else the standard's for the item, when the units agree. Where several
 * ranges fit alike, their text is shown and nothing is judged by them.
 */
export function rangeOf(
  given: ReferenceRange[],
  value: Value,
  item: Item | null,
  sex: string | null,
  age: number | null,
): ShownRange | null {
  const fitting = given.filter(isNormal).map((range) => ({ range, fit: fitOf(range, sex, age) }))
  const best = fitting.reduce((most, { fit }) => Math.max(most, fit ?? 0), 0)
  const chosen = fitting.filter(({ fit }) => fit === best).map(({ range }) => shown(range, value))
  const distinct = [...new Map(chosen.filter((range) => range !== null).map((range) => [JSON.stringify(range), range])).values()]
  if (distinct.length === 1) return distinct[0]!
  if (distinct.length > 1) {
    const text = distinct.map((range) => range.text ?? boundsText(range.low, range.high)).join('; ')
    return { low: null, high: null, text: oneLine(text), source: null }
  }
  const isNumber = value.value !== null && 'number' in value.value
  const agrees =
    item !== null &&
    (value.rawUnits.length === 0 ? isUnitOf(item, undefined) : value.rawUnits.some((unit) => isUnitOf(item, unit)))
  if (!isNumber || !agrees) return null
  const standard = rangeFor(item, sex, age === null ? null : Math.floor(age))
  if (standard === null || (standard.low === null && standard.high === null)) return null
  return { low: standard.low, high: standard.high, text: null, source: item.source === '' ? null : item.source }
}

function isNormal(range: ReferenceRange): boolean {
  const codes = codingsOf(range.type).map((coding) => coding.code)
  return codes.length === 0 || codes.includes('normal') || codes.includes('N')
}

/** Null: not for this person. Else how closely it is for this person. */
function fitOf(range: ReferenceRange, sex: string | null, age: number | null): number | null {
  let fit = 0
  for (const group of range.appliesTo ?? []) {
    const meant = sexOf(group)
    // Pregnancy, a phase, a people: nothing here knows whether it applies.
    if (meant === null || meant !== sex) return null
    fit++
  }
  if (range.age !== undefined) {
    if (age === null || !isWithin(age, range.age)) return null
    fit++
  }
  return fit
}

function sexOf(group: FhirCodeableConcept): string | null {
  const said = [group.text, ...codingsOf(group).flatMap((coding) => [coding.code, coding.display])]
  return said.map((text) => sexes.get((text ?? '').trim().toLowerCase())).find((sex) => sex !== undefined) ?? null
}

function isWithin(age: number, { low, high }: Range): boolean {
  const years = (bound: Range['low']) => {
    const per = perYear.get((bound?.code ?? bound?.unit ?? 'a').toLowerCase())
    return bound?.value === undefined || per === undefined ? null : bound.value / per
  }
  const [from, to] = [years(low), years(high)]
  if ((low !== undefined && from === null) || (high !== undefined && to === null)) return false
  return (
    (from === null || age >= from) &&
    (to === null || age < to + 1 / (perYear.get((high?.code ?? high?.unit ?? 'a').toLowerCase()) ?? 1))
  )
}

function shown(range: ReferenceRange, value: Value): ShownRange | null {
  const text = oneLine(range.text)
  const [low, high] = [range.low, range.high].map((bound) => (bound?.value === undefined ? null : bound.value + 0)) as [
    number | null,
    number | null,
  ]
  const written = { low, high }
  const bounds = written.low === null && written.high === null ? readBounds(text) : written
  if (bounds.low === null && bounds.high === null) return text === '' ? null : { low: null, high: null, text, source: null }
  const unit = range.low?.unit ?? range.low?.code ?? range.high?.unit ?? range.high?.code
  const comparable = unit === undefined || value.rawUnits.length === 0 || value.rawUnits.some((raw) => isSameUnit(raw, unit))
  const ordered = bounds.low === null || bounds.high === null || bounds.low <= bounds.high
  if (comparable && ordered) return { low: bounds.low, high: bounds.high, text: text === '' ? null : text, source: null }
  const said = `${boundsText(bounds.low, bounds.high)} ${unitText(unit) ?? ''}`
  return { low: null, high: null, text: text === '' ? oneLine(said) : text, source: null }
}

const isSameUnit = (one: string, other: string) => {
  const plain = (unit: string) => (unitText(unit) ?? '').toLowerCase().replace(/\s/g, '').replace(/[µμ]/g, 'u')
  return plain(one) === plain(other)
}

/** Bounds of a range that is only printed: `3.5-9.5`, `＜5.0`. */
function readBounds(text: string): { low: number | null; high: number | null } {
  const both = rangeText.exec(text)
  if (both !== null) return { low: Number(both[1]) + 0, high: Number(both[2]) + 0 }
  const one = limitText.exec(text)
  if (one === null) return { low: null, high: null }
  const bound = Number(one[2]) + 0
  return /[<≤＜]/.test(one[1]!) ? { low: null, high: bound } : { low: bound, high: null }
}
