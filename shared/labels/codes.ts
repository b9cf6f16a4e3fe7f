import { type SensitiveClass, sensitiveClasses } from '../policy/profile.ts'
import rules from './terms/codes.json' with { type: 'json' }

export interface CodeVerdict {
  classes: SensitiveClass[]
  proxies: SensitiveClass[]
  /** The rule's name; empty where none applied. */
  rule: string
  /** The code by itself says what it is. */
  known: boolean
  /** The code belongs to a published system, so that any display of it is to be believed. */
  standard: boolean
}

type ByClass = Partial<Record<SensitiveClass, string>>

const split = (codes: string): string[] => codes.split(' ')
const prefixes = (byClass: ByClass): Map<string, SensitiveClass[]> => {
  const map = new Map<string, SensitiveClass[]>()
  for (const of of sensitiveClasses) {
    for (const code of byClass[of]?.split(' ') ?? []) map.set(code, [...(map.get(code) ?? []), of])
  }
  return map
}

const icd = prefixes(rules.icd10)
const atc = prefixes(rules.atc)
const loinc = prefixes(rules.loinc)
const acts = prefixes(rules.actCodes)
const atcOrdinary = new Set(split(rules.atcOrdinary))
const loincOrdinary = new Set(split(rules.loincOrdinary))
const hidingActs = new Set(split(rules.actCodesHiding))

/** Every class whose prefix the code has; under ICD-10 a code can be of several (F52: mental and sexual). */
function byPrefix(map: Map<string, SensitiveClass[]>, code: string, shortest: number): SensitiveClass[] {
  const classes = new Set<SensitiveClass>()
  for (let n = Math.min(code.length, 12); n >= shortest; n--) for (const of of map.get(code.slice(0, n)) ?? []) classes.add(of)
  return [...classes]
}

const icdShape = /^[A-TV-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?([xX]\d{2,4}[0-9+*]?)?[+*†]?$/
const longIcdShape = /^[A-TV-Z]\d\d\.[0-9xX]\d{1,2}([xX]\d{2,3})?[+*†]?$/
const morphologyShape = /^M?\d{4,5}\/([0-9])/
const atcShape = /^[A-DGHJL-NPRSV]\d{2}([A-Z]([A-Z](\d{2})?)?)?$/
const mainlandDrugShape = /^X([A-DGHJL-NPRSV]\d{2}[A-Z]{2})([A-Z]\d{3}|\d{2})?/

const none: CodeVerdict = { classes: [], proxies: [], rule: '', known: false, standard: false }

export function judgeCode(system: string, code: string): CodeVerdict {
  const where = systemKind(system)
  const written = code.trim().slice(0, 64)
  if (where === 'icd10') return judgeIcd(written)
  if (where === 'atc') return judgeAtc(written)
  if (where === 'loinc') {
    const classes = loinc.get(written) ?? []
    return {
      classes,
      proxies: [],
      rule: classes.length > 0 ? 'code:LOINC' : '',
      known: classes.length > 0 || loincOrdinary.has(written),
      standard: true,
    }
  }
  if (where === 'settled') return { ...none, known: true, standard: true }
  if (where === 'standard') return { ...none, standard: true }
  // Local systems: the mainland's drug codes embed ATC, and its diagnosis codes extend ICD-10.
  const drug = mainlandDrugShape.exec(written.toUpperCase())
  if (drug) return { ...judgeAtc(drug[1]!), standard: false }
  if (longIcdShape.test(written)) return { ...judgeIcd(written), standard: false }
  const morphology = morphologyShape.exec(written)
  if (morphology && morphology[1] !== '0') return { ...none, classes: ['TUMOUR'], rule: 'code:morphology', known: true }
  return none
}

/** Only where the field itself says that a diagnosis stands there may a short local code (Z21) be read as ICD-10. */
export function judgeDiagnosisCode(code: string): CodeVerdict {
  return icdShape.test(code.trim()) ? { ...judgeIcd(code.trim()), standard: false } : none
}

export function judgeIcd(code: string): CodeVerdict {
  const bare = code.toUpperCase().replace('.', '')
  const classes = byPrefix(icd, bare, 1)
  // F10 to F19 are substance use, not also mental; the rest of F is listed by its second sign.
  return {
    classes,
    proxies: [],
    rule: classes.length > 0 ? 'code:ICD-10' : '',
    known: icdShape.test(code.trim()),
    standard: true,
  }
}

function judgeAtc(code: string): CodeVerdict {
  const upper = code.toUpperCase()
  const proxies = atcOrdinary.has(upper) ? [] : longestAtc(upper)
  return { classes: [], proxies, rule: proxies.length > 0 ? 'code:ATC' : '', known: atcShape.test(upper), standard: true }
}

/** The longest prefix alone decides: J05AF10 is for hepatitis although J05AF is for HIV. */
function longestAtc(code: string): SensitiveClass[] {
  for (let n = code.length; n >= 3; n--) {
    const found = atc.get(code.slice(0, n))
    if (found) return found
  }
  return []
}

/** Sensitivity and confidentiality tags that the sending system set. */
export function judgeSecurity(code: string): { classes: SensitiveClass[]; hides: boolean } {
  return { classes: acts.get(code) ?? [], hides: hidingActs.has(code) }
}

type SystemKind = 'icd10' | 'atc' | 'loinc' | 'settled' | 'standard' | 'local'

/** `settled`: closed lists of HL7 and of vaccines, in which nothing sensitive hides behind a bare code. */
function systemKind(system: string): SystemKind {
  const name = system.toLowerCase().slice(0, 200)
  if (name === '') return 'local'
  if (name.includes('icd-10') || name.includes('icd10') || name.endsWith('113883.6.90') || name.endsWith('113883.6.3'))
    return 'icd10'
  if (name.includes('whocc.no/atc') || name.endsWith('113883.6.73') || name.includes('/atc')) return 'atc'
  if (name.includes('loinc.org') || name.endsWith('113883.6.1')) return 'loinc'
  if (name.includes('sid/cvx') || name.endsWith('113883.12.292') || name.endsWith('113883.6.59')) return 'settled'
  if (name.includes('hl7.org/') && !name.includes('/sid/')) return 'settled'
  if (
    name.includes('113883.5.') ||
    name.includes('unitsofmeasure.org') ||
    name.includes('urn:iso:') ||
    name.includes('dicom.nema.org')
  )
    return 'settled'
  const published = [
    'snomed.info',
    'rxnorm',
    'ama-assn.org',
    'sid/ndc',
    'sid/icd',
    'fdasis',
    'medicare',
    'hcpcs',
    'omim.org',
    'genenames.org',
    'nucc.org',
    'mesh',
  ]
  if (published.some((part) => name.includes(part)) || name.includes('2.16.840.1.113883.6.')) return 'standard'
  return 'local'
}
