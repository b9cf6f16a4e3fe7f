import type { FhirResource } from '../contract/fhir.ts'
import { type Profile, type SensitiveClass, sensitiveClasses } from '../policy/profile.ts'
import { type CodeVerdict, judgeCode, judgeDiagnosisCode, judgeIcd, judgeSecurity } from './codes.ts'
import { type Concept, collect, collectKind, type Piece } from './content.ts'
import { isClinicalKind, isPersonal } from './fields.ts'
import { stripMarkup } from './markup.ts'
import { type Reading, readText } from './matching.ts'

export { rulesVersion } from './vocabulary.ts'

/** `at`: FHIRPath such as `code.coding[0].display`; for a line of text `start-end` in UTF-16 units. */
export interface Reason {
  rule: string
  at: string
  match: string
}

/** `classes`: what the record is about; `proxies`: what it would betray. `unknown`: nothing says what it is, so it is hidden. */
export interface Label {
  classes: SensitiveClass[]
  proxies: SensitiveClass[]
  unknown: boolean
  hidden: boolean
  because: Reason[]
}

/** A string as it is shown; `coded`: free words, in which a whole line may be a diagnosis by its code. */
export interface Printed {
  at: string
  text: string
  coded: boolean
}

const mostReasons = 40
/** So short a code tells nothing (`+`, `1`, `N`). */
const shortCode = 2
/** A vaccination names the disease that it keeps away. */
const vaccinated: ReadonlySet<SensitiveClass> = new Set(['HEPATITIS', 'STD', 'TUMOUR'])

/**
 * Judges a record by its own content (VW-3): codes, words, narrative, attachments, security tags, contained resources.
 * `referenced` are resources whose content counts as its own, such as the Medication of a prescription; `printed` is what a
 * patient would read of it, where the caller knows. Never throws on odd JSON.
 */
export function labelResource(
  resource: FhirResource,
  profile: Profile,
  referenced: readonly FhirResource[] = [],
  printed: readonly Printed[] = [],
): Label {
  if (isPersonal(resource.resourceType)) return emptyLabel()
  const findings = new Findings(String(resource.resourceType).startsWith('Immunization') ? vaccinated : undefined)
  for (const piece of collect(resource)) findings.take(piece)
  for (const other of referenced) {
    if (isPersonal(other.resourceType)) continue
    for (const piece of collect(other)) findings.take({ ...piece, at: `${other.resourceType}.${piece.at}` })
  }
  for (const { at, text, coded } of printed) findings.printed(text, at, coded)
  findings.settle()
  if (isClinicalKind(resource.resourceType) && !findings.recognised && !isBareVisit(resource, findings))
    findings.unknown('unknown', resource.resourceType, firstWords(resource))
  return findings.label(profile)
}

/**
 * The label of a container's kind alone: what is ordered, in which department, for which reason. What it hides, it
 * hides with all its records; its narrative and results hide only itself. What nobody understands is said (`unknown`) but
 * does not make it hidden: its records are judged by themselves.
 */
export function labelKind(resource: FhirResource, profile: Profile): Label {
  const findings = new Findings()
  for (const piece of collectKind(resource)) findings.take(piece)
  const label = findings.label(profile)
  return { ...label, hidden: findings.isSensitive(profile) }
}

const containers = new Set([
  'Encounter',
  'EpisodeOfCare',
  'ServiceRequest',
  'DiagnosticReport',
  'Appointment',
  'HealthcareService',
  'Organization',
  'Location',
])

/** Kinds whose own kind, if sensitive, takes their records along: visits, orders, panels, departments. */
export function isContainerKind(resource: FhirResource): boolean {
  if (resource.resourceType === 'Observation') return Array.isArray(resource.hasMember) && resource.hasMember.length > 0
  return containers.has(resource.resourceType)
}

/** Judges one line of text: an item's name, a code with its name, or a note. */
export function labelText(line: string, profile: Profile): Label {
  const findings = new Findings()
  findings.text(line, (hit) => `${hit.start}-${hit.end}`, true)
  if (line.includes('<')) findings.text(stripMarkup(line), () => `0-${line.length}`, false)
  let recognised = findings.recognised
  for (const { word, start } of leadingCodes(line)) {
    const alone = word === line.trim() ? judgeDiagnosisCode(word) : undefined
    const verdict = alone?.known ? alone : judgeLeading(word)
    if (!verdict.known) continue
    recognised = true
    findings.verdict(verdict, `${start}-${start + word.length}`, word)
  }
  if (line.trim() !== '' && !recognised) findings.unknown('unknown', `0-${line.length}`, line.slice(0, 40))
  return findings.label(profile)
}

/** A line of a list may begin with its code: `B20.901 ...` or `XJ05AR... ...`. */
function leadingCodes(line: string): { word: string; start: number }[] {
  const found = /^[\s"']{0,8}([A-Za-z0-9.+*†/]{3,32})(?=[\s,;|\t"']|$)/.exec(line.slice(0, 60))
  return found ? [{ word: found[1]!, start: found[0].length - found[1]!.length }] : []
}

function judgeLeading(word: string): CodeVerdict {
  return /^[A-TV-Z]\d\d\.[0-9xX]/.test(word) ? { ...judgeIcd(word), standard: false } : judgeCode('', word)
}

/** A visit that says nothing of its kind is common and tells nothing; any other record without a code is doubtful. */
function isBareVisit(resource: FhirResource, findings: Findings): boolean {
  return !findings.identified && ['Encounter', 'EpisodeOfCare', 'Appointment'].includes(resource.resourceType)
}

function firstWords(resource: FhirResource): string {
  const text = collect(resource).find((piece) => piece.identity && (piece.kind === 'text' || piece.kind === 'code'))
  return text === undefined
    ? ''
    : text.kind === 'text'
      ? text.text.slice(0, 40)
      : text.kind === 'code'
        ? text.code.slice(0, 40)
        : ''
}

const emptyLabel = (): Label => ({ classes: [], proxies: [], unknown: false, hidden: false, because: [] })

class Findings {
  recognised = false
  /** There is a code or text that should say what the record is. */
  identified = false
  private readonly about = new Set<SensitiveClass>()
  private readonly betrayed = new Set<SensitiveClass>()
  private readonly because: Reason[] = []
  /** By place; an empty `opaque` is a concept of which nothing stands in doubt. */
  private readonly concepts = new Map<string, { known: boolean; opaque: string }>()
  private unread = false
  private tagged = false
  private readonly meantOtherwise: ReadonlySet<SensitiveClass> | undefined

  constructor(meantOtherwise?: ReadonlySet<SensitiveClass>) {
    this.meantOtherwise = meantOtherwise
  }

  take(piece: Piece): void {
    if (piece.identity) this.identified = true
    if (piece.kind === 'text') {
      const { known } = this.text(piece.text, () => piece.at, piece.identity)
      this.weigh(
        piece.concept,
        known || (piece.concept?.is !== 'line' && isWord(piece.text)),
        piece.concept?.is === 'line' ? piece.text : '',
      )
    } else if (piece.kind === 'unreadable') this.unknown('unreadable', piece.at, piece.what)
    else if (piece.kind === 'security') this.security(piece.code, piece.at)
    else this.code(piece)
  }

  text(text: string, at: (hit: { start: number; end: number }) => string, identity: boolean, rule?: string): Reading {
    const reading = recall(text)
    if (identity && reading.known) this.recognised = true
    for (const hit of reading.hits) {
      if (this.meantOtherwise?.has(hit.of)) continue
      const set = hit.kind === 'about' ? this.about : this.betrayed
      if (set.has(hit.of) && this.because.length >= mostReasons) continue
      set.add(hit.of)
      this.reason(`${rule ?? (hit.kind === 'about' ? 'term' : 'proxy')}:${hit.of}`, at(hit), text.slice(hit.start, hit.end))
    }
    return reading
  }

  /** What is shown is judged as it is shown, whatever field it came from. */
  printed(text: string, at: string, coded: boolean): void {
    this.text(text, () => at, false, 'printed')
    if (!coded) return
    for (const line of text.split('\n', 200)) {
      const whole = judgeDiagnosisCode(line)
      const { classes, proxies } = whole.known ? whole : (leadingCodes(line).map(({ word }) => judgeLeading(word))[0] ?? whole)
      for (const of of classes) this.about.add(of)
      for (const of of proxies) this.betrayed.add(of)
      for (const of of [...classes, ...proxies]) this.reason(`printed:${of}`, at, line.trim().slice(0, 40))
    }
  }

  /** After all was taken: concepts that had to be understood by themselves and were not. */
  settle(): void {
    for (const [at, { known, opaque }] of this.concepts) if (!known && opaque !== '') this.unknown('unknown', at, opaque)
  }

  verdict(verdict: CodeVerdict, at: string, code: string): void {
    for (const of of verdict.classes) this.about.add(of)
    for (const of of verdict.proxies) this.betrayed.add(of)
    if (verdict.rule !== '') this.reason(verdict.rule, at, code)
  }

  unknown(rule: string, at: string, match: string): void {
    this.unread = true
    this.reason(rule, at, match)
  }

  label(profile: Profile): Label {
    const classes = sensitiveClasses.filter((of) => this.about.has(of))
    const proxies = sensitiveClasses.filter((of) => this.betrayed.has(of) && !this.about.has(of))
    return { classes, proxies, unknown: this.unread, hidden: this.unread || this.isSensitive(profile), because: this.because }
  }

  isSensitive({ viewing }: Profile): boolean {
    return this.tagged || viewing.hiddenClasses.some((of) => this.about.has(of) || this.betrayed.has(of))
  }

  private code({ at, system, code, display, diagnosis, identity, concept }: Extract<Piece, { kind: 'code' }>): void {
    let verdict = judgeCode(system, code)
    const bare = !isWord(display)
    const mayBeDiagnosis = diagnosis || (bare && concept?.is === 'told')
    if (mayBeDiagnosis && !verdict.standard && !verdict.known) verdict = judgeDiagnosisCode(code)
    this.verdict(verdict, at, code)
    const shown = display === '' ? undefined : this.text(display, () => at.replace(/code$/, 'display'), identity)
    if (display.includes('<')) this.text(stripMarkup(display), () => at.replace(/code$/, 'display'), identity)
    // Without words a concept is printed by its code.
    const spelled = bare ? this.text(code, () => at, false) : undefined
    // A published system's display is to be believed: no sensitive word in it, so it is ordinary.
    const settled = verdict.known || (verdict.standard && /\p{L}{2}/u.test(display))
    if (identity && settled) this.recognised = true
    if (concept?.is === 'line') this.weigh(concept, settled || (shown?.known ?? false), display || code)
    else {
      const usual = concept?.is === 'routine' && !isNumber(code) && (!verdict.standard || isLoinc(code))
      const tells = usual || spelled?.known || code.length <= shortCode
      this.weigh(concept, !bare || verdict.known, tells ? '' : code)
    }
  }

  /** One part that is understood explains a concept; else each code in it must tell something or nothing at all. */
  private weigh(concept: Concept | undefined, known: boolean, opaque: string): void {
    if (concept === undefined) return
    const before = this.concepts.get(concept.at)
    this.concepts.set(concept.at, { known: known || (before?.known ?? false), opaque: opaque || (before?.opaque ?? '') })
  }

  private security(code: string, at: string): void {
    const { classes, hides } = judgeSecurity(code)
    for (const of of classes) this.about.add(of)
    if (hides) this.tagged = true
    if (hides || classes.length > 0) this.reason('security', at, code)
  }

  private reason(rule: string, at: string, match: string): void {
    const said = this.because.some((reason) => reason.rule === rule && reason.at === at)
    if (!said && this.because.length < mostReasons) this.because.push({ rule, at, match: match.slice(0, 80) })
  }
}

/** So SNOMED CT and drug lists count: whoever looks such a code up knows all. */
const isNumber = (code: string): boolean => /^\d{6,18}$/.test(code.trim())
const isLoinc = (code: string): boolean => /^(?:LP?|LA)?\d{1,6}-\d$/.test(code.trim())

/** Something to read is left once markup and invisible characters are gone. */
const isWord = (text: string): boolean => /[\p{L}\p{N}]/u.test(text.includes('<') ? stripMarkup(text) : text)

/** Item names repeat by the thousand; longer text is a person's own and is not kept. */
const remembered = new Map<string, Reading>()

function recall(text: string): Reading {
  if (text.length > 120) return readText(text)
  const known = remembered.get(text)
  if (known) return known
  const reading = readText(text)
  if (remembered.size >= 4096) remembered.clear()
  remembered.set(text, reading)
  return reading
}
