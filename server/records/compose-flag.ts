import type { FhirCodeableConcept } from '../../shared/contract/fhir.ts'
import type { FlagCode, ReportLine } from '../../shared/contract/reports.ts'
import { codingsOf } from './compose-words.ts'

/** v3-ObservationInterpretation and v2-0078, which share their codes. Changes and susceptibilities are no flags. */
const codes = new Map<string, FlagCode>(
  Object.entries({
    N: 'normal',
    H: 'high',
    HU: 'critical-high',
    HH: 'critical-high',
    '>': 'high',
    HX: 'high',
    L: 'low',
    LU: 'critical-low',
    LL: 'critical-low',
    '<': 'low',
    LX: 'low',
    A: 'abnormal',
    AA: 'abnormal',
    POS: 'abnormal',
    DET: 'abnormal',
    RR: 'abnormal',
    WR: 'abnormal',
    NEG: 'normal',
    ND: 'normal',
    NR: 'normal',
  }),
)

const words: [RegExp, FlagCode][] = [
  [/^(↑↑+|危急值?(偏)?高|危急值?↑|critical(ly)? high)$/i, 'critical-high'],
  [/^(↓↓+|危急值?(偏)?低|危急值?↓|critical(ly)? low)$/i, 'critical-low'],
  [/^(↑|偏?高|升高|增高|high)$/i, 'high'],
  [/^(↓|偏?低|降低|减低|減低|low)$/i, 'low'],
  [
    /^(异常|異常|危急值?|弱?阳性|弱?陽性|[（(]?[+＋±]{1,4}[)）]?|abnormal|positive|weakly positive|reactive|detected)$/i,
    'abnormal',
  ],
  [/^(正常|阴性|陰性|未检出|未檢出|[（(]?[-－—][)）]?|normal|negative|non-?reactive|not detected)$/i, 'normal'],
]

const severity: FlagCode[] = ['critical-high', 'critical-low', 'high', 'low', 'abnormal', 'normal']

const flagInWords = (text: string | undefined): FlagCode | undefined => {
  const plain = (text ?? '').trim()
  return words.find(([form]) => form.test(plain))?.[1]
}

/** What the laboratory said, else what number and range say, else whether words differ from the expected ones; null if unjudged. */
export function flagOf(
  interpretation: FhirCodeableConcept[],
  value: ReportLine['value'],
  range: ReportLine['range'],
): FlagCode | null {
  const said = interpretation.flatMap((concept) => {
    const coded = codingsOf(concept).map((coding) => codes.get((coding.code ?? '').toUpperCase()) ?? flagInWords(coding.display))
    return [...coded, flagInWords(concept.text)].filter((flag) => flag !== undefined)
  })
  const worst = severity.find((flag) => said.includes(flag))
  if (worst !== undefined) return worst
  if (value === null || range === null) return null
  return 'number' in value ? byNumber(value.number, value.comparator, range) : byWords(value.text, range.text)
}

function byNumber(value: number, comparator: string | null, { low, high }: NonNullable<ReportLine['range']>): FlagCode | null {
  if (low === null && high === null) return null
  if (comparator === '<' || comparator === '<=') {
    if (low !== null && (value < low || (value === low && comparator === '<'))) return value <= 0 ? null : 'low'
    // Below a detection limit inside the range: normal only if nothing under it is too low.
    return high !== null && value <= high && (low === null || low <= 0) ? 'normal' : null
  }
  if (comparator === '>' || comparator === '>=') {
    if (high !== null && (value > high || (value === high && comparator === '>'))) return 'high'
    return high === null && low !== null && value >= low ? 'normal' : null
  }
  if (low !== null && value < low) return 'low'
  return high !== null && value > high ? 'high' : 'normal'
}

function byWords(text: string, expected: string | null): FlagCode | null {
  if (expected === null) return null
  if (text.trim() === expected.trim()) return 'normal'
  const [found, usual] = [flagInWords(text), flagInWords(expected)]
  if (found === undefined || usual !== 'normal') return null
  return found
}
