import type { FhirCodeableConcept, FhirCoding } from '../../shared/contract/fhir.ts'
import { withoutMarkup } from './compose-markup.ts'

const cjk = /\p{Script=Han}/u
/** Control and bidi-override characters would let a text disguise what stands beside it. */
const unseen = /[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu
const longestName = 300

/** One line without markup and invisible characters, at most 300 long. */
export function oneLine(text: string | undefined): string {
  return cut(
    withoutMarkup(text ?? '')
      .replace(/\s+/gu, ' ')
      .replace(unseen, '')
      .trim(),
    longestName,
  )
}

/** Text of several lines without markup and invisible characters. */
export function manyLines(text: string, most: number): string {
  const lines = withoutMarkup(text)
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.replace(/\t/g, ' ').replace(unseen, '').trimEnd())
  return cut(
    lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    most,
  )
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const short = text.slice(0, most)
  return short.isWellFormed() ? short : short.slice(0, -1)
}

export const codingsOf = (concept: FhirCodeableConcept | undefined): FhirCoding[] => concept?.coding ?? []

/** What a concept is called: in Chinese where the hospital gave Chinese, else as it wrote it, else by display or code. */
export function nameOf(concept: FhirCodeableConcept | undefined): string {
  const said = [concept?.text, ...codingsOf(concept).map((coding) => coding.display)].map(oneLine).filter((text) => text !== '')
  return said.find((text) => cjk.test(text)) ?? said[0] ?? oneLine(codingsOf(concept).find((coding) => coding.code)?.code)
}

/** A number as short as it can be said, without sign of zero. */
export const numberText = (value: number) => String(value + 0)

const units = new Map<string, string>(
  Object.entries({
    'mm[Hg]': 'mmHg',
    Cel: '°C',
    '[degF]': '°F',
    '[lb_av]': 'lb',
    '[in_i]': 'in',
    '10*3/uL': '×10³/µL',
    '10*6/uL': '×10⁶/µL',
    '10*9/L': '×10⁹/L',
    '10*12/L': '×10¹²/L',
    '1': '',
  }),
)

/** A unit as people read it; UCUM annotations in braces go. Null where none is left. */
export function unitText(unit: string | undefined): string | null {
  const bare = oneLine(unit)
  const plain = units.get(bare) ?? bare.replace(/\{[^}]*\}/g, '')
  return plain === '' || plain === '/' ? null : plain
}
