import type { FhirCoding } from '../../shared/contract/fhir.ts'
import data from './items.json' with { type: 'json' }
import panelData from './panels.json' with { type: 'json' }
import unitData from './units.json' with { type: 'json' }

export interface ItemRange {
  sex?: 'male' | 'female'
  /** Whole years, both inclusive. */
  minAge?: number
  maxAge?: number
  low: number | null
  high: number | null
}

/** A common ordinary test or vital sign. `id` is also the key of its help text. */
export interface Item {
  id: string
  loinc: string[]
  /** Chinese (both scripts), English and abbreviations. */
  names: string[]
  /** The unit in which `ranges` are written; empty for ratios and for tests told in words. */
  unit: string
  /** Empty where no standard is known: no range, no bar. */
  ranges: ItemRange[]
  source: string
}

export const items: readonly Item[] = data as Item[]

const loincSystems = new Set(['http://loinc.org', 'https://loinc.org', 'urn:oid:2.16.840.1.113883.6.1'])

/** What hospitals print around a name: accreditation marks, brackets, blanks, letter case. */
const plain = (name: string) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s*★▲△●◆☆_]/gu, '')

const byLoinc = new Map(items.flatMap((item) => item.loinc.map((code) => [code, item] as const)))
const byName = new Map(items.flatMap((item) => item.names.map((name) => [plain(name), item] as const)))
const byId = new Map(items.map((item) => [item.id, item]))

/** Exact after normalisation. `白细胞计数(WBC)` counts as two names, which must be of one item; part of a name never matches. */
function byText(text: string): Item | undefined {
  const whole = byName.get(plain(text))
  if (whole !== undefined) return whole
  const parts = plain(text)
    .split(/[()[\]【】]/u)
    .filter((part) => part !== '')
    .map((part) => byName.get(part))
  return parts.length === 2 && parts[0] === parts[1] ? parts[0] : undefined
}

/**
 * The item a result is of, or null. A LOINC code decides alone: an unknown one means another test (glucose of
 * cerebrospinal fluid), whatever the name says. By name only where the unit, if given, is that of the item, because
 * 白细胞 of a urine sediment is not the blood count.
 */
export function findItem(codings: FhirCoding[], text: string | undefined, unit?: string): Item | null {
  const codes = codings.filter((coding) => coding.system !== undefined && loincSystems.has(coding.system) && coding.code)
  if (codes.length > 0) {
    for (const coding of codes) {
      const item = byLoinc.get(coding.code ?? '')
      if (item !== undefined) return item
    }
    return null
  }
  for (const name of [text, ...codings.map((coding) => coding.display)]) {
    const item = name === undefined ? undefined : byText(name)
    if (item !== undefined && (unit === undefined || item.unit === '' || isUnitOf(item, unit))) return item
  }
  return null
}

/** Null for an id that is none; help texts have the same ids. */
export const itemOf = (id: string): Item | null => byId.get(id) ?? null

/** The standard's range for this person; null where it depends on something unknown or no standard was found. */
export function rangeFor(item: Item, sex: string | null | undefined, ageYears: number | null): ItemRange | null {
  const range = item.ranges.find(
    (one) =>
      (one.sex === undefined || one.sex === sex) &&
      (one.minAge === undefined || (ageYears !== null && ageYears >= one.minAge)) &&
      (one.maxAge === undefined || (ageYears !== null && ageYears <= one.maxAge)),
  )
  return range ?? null
}

const sameUnits: Record<string, string> = unitData

function plainUnit(unit: string): string {
  const bare = unit
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\{1\.73_?m2\}/u, '1.73m2')
    .replace(/\{[^}]{0,40}\}/gu, '')
    .replace(/[\s×*^()[\]]/gu, '')
    .replace(/^x10/u, '10')
  return sameUnits[bare] ?? bare
}

/** Whether a value in `unit` (UCUM or as printed in China) may be held against the ranges of `item`. No conversion. */
export function isUnitOf(item: Item, unit: string | undefined): boolean {
  return plainUnit(unit ?? '') === plainUnit(item.unit) || (item.unit === '' && plainUnit(unit ?? '') === '1')
}

const panels: { help: string; loinc: string[]; names: string[] }[] = panelData

const panelByLoinc = new Map(panels.flatMap((panel) => panel.loinc.map((code) => [code, panel.help] as const)))
const panelByName = new Map(panels.flatMap((panel) => panel.names.map((name) => [panelName(name), panel.help] as const)))

function panelName(name: string): string {
  return plain(name).replace(/[()（）【】[\]]/gu, '')
}

/** Key of the help text of a panel as a whole, or null. Of 血常规（五分类） or 血常规+CRP the first part names the panel. */
export function findPanelHelp(codings: FhirCoding[], text: string | undefined): string | null {
  for (const coding of codings) {
    const help = loincSystems.has(coding.system ?? '') ? panelByLoinc.get(coding.code ?? '') : undefined
    if (help !== undefined) return help
  }
  for (const name of [text, ...codings.map((coding) => coding.display)]) {
    if (name === undefined) continue
    const help = panelByName.get(panelName(name)) ?? panelByName.get(plain(name).split(/[()+【]/u)[0] ?? '')
    if (help !== undefined) return help
  }
  return null
}
