import type { FhirResource } from '../contract/fhir.ts'
import { type Profile, type SensitiveClass, sensitiveClasses } from '../policy/profile.ts'
import { type CodeVerdict, judgeCode, judgeDiagnosisCode, judgeIcd, judgeSecurity } from './codes.ts'
import { collect, isClinicalKind, isPersonal, kindFields, type Piece } from './content.ts'
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

const mostReasons = 40
/** A vaccination names the disease that it keeps away. */
const vaccinated: ReadonlySet<SensitiveClass> = new Set(['HEPATITIS', 'STD', 'TUMOUR'])

/**
 * Judges a record by its own content (VW-3): codes, words, narrative, attachments, security tags, contained resources.
 * `referenced` are resources whose content counts as its own, such as the Medication of a prescription. Never throws on odd JSON.
 */
export function labelResource(resource: FhirResource, profile: Profile, referenced: readonly FhirResource[] = []): Label {
  if (isPersonal(resource.resourceType)) return emptyLabel()
  const findings = new Findings(String(resource.resourceType).startsWith('Immunization') ? vaccinated : undefined)
  for (const piece of collect(resource)) findings.take(piece)
  for (const other of referenced) {
    if (isPersonal(other.resourceType)) continue
    for (const piece of collect(other)) findings.take({ ...piece, at: `${other.resourceType}.${piece.at}` })
  }
  if (isClinicalKind(resource.resourceType) && !findings.recognised && !isBareVisit(resource, findings))
    findings.unknown('unknown', resource.resourceType, firstWords(resource))
  return findings.label(profile)
}

/**
 * The label of a container's kind alone: what is ordered, in which department, for which reason. What it hides, it
 * hides with all its records; its narrative and results hide only itself.
 */
export function labelKind(resource: FhirResource, profile: Profile): Label {
  const findings = new Findings()
  for (const piece of collect(resource, kindFields)) findings.take(piece)
  return findings.label(profile)
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
  private unread = false
  private tagged = false
  private readonly meantOtherwise: ReadonlySet<SensitiveClass> | undefined

  constructor(meantOtherwise?: ReadonlySet<SensitiveClass>) {
    this.meantOtherwise = meantOtherwise
  }

  take(piece: Piece): void {
    if (piece.identity) this.identified = true
    if (piece.kind === 'text') this.text(piece.text, () => piece.at, piece.identity)
    else if (piece.kind === 'unreadable') this.unknown('unreadable', piece.at, piece.what)
    else if (piece.kind === 'security') this.security(piece.code, piece.at)
    else this.code(piece)
  }

  text(text: string, at: (hit: { start: number; end: number }) => string, identity: boolean): void {
    const reading = recall(text)
    if (identity && reading.known) this.recognised = true
    for (const hit of reading.hits) {
      if (this.meantOtherwise?.has(hit.of)) continue
      const set = hit.kind === 'about' ? this.about : this.betrayed
      if (set.has(hit.of) && this.because.length >= mostReasons) continue
      set.add(hit.of)
      this.reason(`${hit.kind === 'about' ? 'term' : 'proxy'}:${hit.of}`, at(hit), text.slice(hit.start, hit.end))
    }
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
    const hides = (of: SensitiveClass) => profile.viewing.hiddenClasses.includes(of)
    const hidden = this.unread || this.tagged || classes.some(hides) || proxies.some(hides)
    return { classes, proxies, unknown: this.unread, hidden, because: this.because }
  }

  private code(piece: Extract<Piece, { kind: 'code' }>): void {
    let verdict = judgeCode(piece.system, piece.code)
    if (piece.diagnosis && !verdict.standard && !verdict.known) verdict = judgeDiagnosisCode(piece.code)
    this.verdict(verdict, piece.at, piece.code)
    if (piece.display !== '') this.text(piece.display, () => piece.at.replace(/code$/, 'display'), piece.identity)
    // A published system's display is to be believed: no sensitive word in it, so it is ordinary.
    if (piece.identity && (verdict.known || (verdict.standard && /\p{L}{2}/u.test(piece.display)))) this.recognised = true
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
