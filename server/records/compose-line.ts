import type { ReportLine } from '../../shared/contract/reports.ts'
import type { Measured, Observation, Who } from './compose-fhir.ts'
import { flagOf } from './compose-flag.ts'
import { rangeOf } from './compose-range.ts'
import { ageAt, type Moment } from './compose-time.ts'
import { readValue } from './compose-value.ts'
import { codingsOf, manyLines, nameOf } from './compose-words.ts'
import { findItem } from './items.ts'

/** A line and what it measures over time: null where it is no number that can be compared. */
export interface Composed {
  line: ReportLine
  series: string | null
  point: { number: number; at: string } | null
}

const longestNote = 2000

/** The lines of an observation: its own value, then its components. None for a heading that only has members. */
export function linesOf(observation: Observation, moment: Moment, who: Who, zone: string): Composed[] {
  const components = observation.component ?? []
  const hasOwn = hasValue(observation) || (components.length === 0 && (observation.hasMember ?? []).length === 0)
  const lines = (hasOwn ? [observation, ...components] : components)
    .map((measured) => lineOf(measured, moment, who, zone))
    .filter(({ line }) => line.name !== '' || line.value !== null)
  const note = manyLines((observation.note ?? []).map(({ text }) => text ?? '').join('\n'), longestNote)
  const first = lines[0]
  if (first !== undefined && note !== '') {
    first.line.note = manyLines([first.line.note, note].filter((part) => part !== null).join('\n'), longestNote)
  }
  return lines
}

/** Whether there is anything to read: a value, or why there is none. */
export const hasValue = (measured: Measured) =>
  measured.dataAbsentReason !== undefined ||
  Object.entries(measured).some(([key, value]) => value !== undefined && /^value[A-Z]/.test(key))

function lineOf(measured: Measured, moment: Moment, who: Who, zone: string): Composed {
  const value = readValue(measured, zone)
  const codings = codingsOf(measured.code)
  const item = findItem(codings, measured.code.text, value.rawUnits[0])
  const range = rangeOf(measured.referenceRange ?? [], value, item, who.sex, ageAt(who.birthDate, moment.at))
  const flag = flagOf(measured.interpretation ?? [], value.value, range)
  const name = nameOf(measured.code)
  const absent = nameOf(measured.dataAbsentReason)
  const isPoint = value.value !== null && 'number' in value.value && value.value.comparator === null
  return {
    line: {
      name,
      value: value.value,
      unit: value.unit,
      range,
      flag,
      note: absent === '' ? null : absent,
      help: item?.id ?? null,
      trend: [],
    },
    series: isPoint ? seriesOf(measured, name, value.unit) : null,
    point: isPoint ? { number: (value.value as { number: number }).number, at: moment.at } : null,
  }
}

/** The same measurement over time: by LOINC, else the hospital's own code, else its name; and always by unit. */
function seriesOf({ code }: Measured, name: string, unit: string | null): string | null {
  const coded = codingsOf(code).filter((coding) => coding.system !== undefined && coding.code !== undefined)
  const coding = coded.find(({ system }) => system === 'http://loinc.org') ?? coded[0]
  const key = coding === undefined ? name.normalize('NFKC').toLowerCase().replace(/\s/g, '') : `${coding.system}|${coding.code}`
  return key === '' ? null : `${key}|${(unit ?? '').normalize('NFKC').toLowerCase().replace(/\s/g, '')}`
}
