import type { FhirResource } from '../../shared/contract/fhir.ts'
import type { ReportCard, ReportDetail, ReportKindCode } from '../../shared/contract/reports.ts'
import { type Container, containerOf, type Observation, type Who } from './compose-fhir.ts'
import { kindOf, placeOf } from './compose-kind.ts'
import { type Composed, hasValue, linesOf } from './compose-line.ts'
import { narrativeOf, textsOf } from './compose-text.ts'
import { effectiveMoment, type Moment, momentOf, statedMoment } from './compose-time.ts'
import { nameOf, oneLine } from './compose-words.ts'
import { findPanelHelp } from './items.ts'

export type { Who }

export interface ComposedReport {
  card: Omit<ReportCard, 'id'>
  /** `trend` is empty in every line: the caller fills it from points of the same series. */
  detail: Omit<ReportDetail, 'id'>
  points: { series: string; number: number; at: string }[]
  /** Parallel to `detail.items`. */
  lineSeries: (string | null)[]
}

const withdrawn = new Set(['entered-in-error', 'cancelled', 'superseded'])
const unfinished = new Set(['registered', 'partial', 'preliminary'])

/**
 * What a patient reads of a report, a result, a document or an imaging study; null where nothing can be read. `members`
 * are the visible ones: they follow the container's own order, and what it does not list comes last by name and id.
 */
export function composeReport(resource: FhirResource, members: FhirResource[], who: Who, zone: string): ComposedReport | null {
  const container = containerOf(resource)
  if (container === null || isWithdrawn(container)) return null
  const observations = inOrder(container, members.filter(isReadable))
  const moment = momentOfContainer(container, zone) ?? newest(observations, zone)
  if (moment === null) return null
  const kind = kindOf(container, observations)
  const own = container.resourceType === 'Observation' ? [container, ...observations] : observations
  const lines = own
    .filter((one) => isLine(one, container))
    .flatMap((one) => linesOf(one, effectiveMoment(one, zone) ?? moment, who, zone))
  const said = textsOf(container, kind)
  const texts = said.length === 0 && lines.length === 0 ? narrativeOf(container) : said
  if (lines.length === 0 && texts.length === 0) return null
  const places = [
    ...(container.performer ?? []),
    container.custodian,
    container.location,
    ...observations.flatMap(({ performer }) => performer ?? []),
  ]
  return finish({
    kind,
    title: titleOf(container),
    moment,
    place: placeOf(places) ?? (nameOf(container.context?.practiceSetting) || null),
    preliminary: unfinished.has(container.status ?? '') || unfinished.has(container.docStatus ?? ''),
    issuedAt: instantOf(container.issued, zone),
    lines,
    texts,
    help: findPanelHelp(container.code?.coding ?? [], container.code?.text) ?? `general-${kind}`,
  })
}

/**
 * Single observations shown as one report, such as the vital signs of one visit. A group of several has no title of its own:
 * the screen names it by its kind.
 */
export function composeGroup(observations: FhirResource[], kind: ReportKindCode, who: Who, zone: string): ComposedReport | null {
  const readable = byName(observations.filter(isReadable).map(observationOf)).filter(
    (one) => hasValue(one) || (one.component ?? []).length > 0 || (one.note ?? []).length > 0,
  )
  const moment = newest(readable, zone)
  if (moment === null) return null
  const lines = readable.flatMap((one) => linesOf(one, effectiveMoment(one, zone) ?? moment, who, zone))
  const issued = readable.map((one) => instantOf(one.issued, zone)).filter((at) => at !== null)
  return finish({
    kind,
    title: readable.length === 1 ? nameOf(readable[0]!.code) : '',
    moment,
    place: placeOf(readable.flatMap(({ performer }) => performer ?? [])),
    preliminary: readable.some(({ status }) => unfinished.has(status ?? '')),
    issuedAt: issued.sort().at(-1) ?? null,
    lines,
    texts: [],
    help: `general-${kind}`,
  })
}

interface Parts {
  kind: ReportKindCode
  title: string
  moment: Moment
  place: string | null
  preliminary: boolean
  issuedAt: string | null
  lines: Composed[]
  texts: ReportDetail['texts']
  help: string
}

function finish({ kind, title, moment, place, preliminary, issuedAt, lines, texts, help }: Parts): ComposedReport {
  const items = lines.map(({ line }) => line)
  const count = (...flags: (string | null)[]) => items.filter(({ flag }) => flags.includes(flag)).length
  const only = items.length === 1 ? items[0] : undefined
  const card: ComposedReport['card'] = {
    kind,
    title,
    ...moment,
    place,
    preliminary,
    lines: items.length,
    high: count('high', 'critical-high'),
    low: count('low', 'critical-low'),
    abnormal: count('abnormal'),
    judged: items.length - count(null),
    only: only === undefined || only.value === null ? null : { value: only.value, unit: only.unit, flag: only.flag },
  }
  return {
    card,
    // GB/T 39725: measurements of the body are its health status, what a hospital writes is medical application; both level 3.
    detail: {
      ...card,
      issuedAt,
      category: kind === 'vitals' ? 'health-status' : 'medical-application',
      level: 3,
      items,
      texts,
      help,
    },
    points: lines.flatMap(({ series, point }) => (series === null || point === null ? [] : [{ series, ...point }])),
    lineSeries: lines.map(({ series }) => series),
  }
}

const isWithdrawn = ({ status, docStatus }: { status?: string; docStatus?: string }) =>
  withdrawn.has(status ?? '') || docStatus === 'entered-in-error'

const observationOf = (resource: FhirResource) => resource as unknown as Observation

const isReadable = (resource: FhirResource) =>
  resource.resourceType === 'Observation' && !isWithdrawn(resource as { status?: string })

/** A result that is its own report and has neither value nor note is no report. */
const isLine = (one: Observation, container: Container) =>
  one !== container || hasValue(one) || (one.component ?? []).length > 0 || (one.note ?? []).length > 0

const instantOf = (text: string | undefined, zone: string) => momentOf(text, zone)?.at ?? null

function momentOfContainer(container: Container, zone: string): Moment | null {
  const { context, date, started } = container
  return (
    statedMoment(container, zone) ??
    momentOf(
      container.resourceType === 'DocumentReference' ? (context?.period?.end ?? context?.period?.start ?? date) : started,
      zone,
    ) ??
    momentOf(container.issued, zone)
  )
}

function newest(observations: Observation[], zone: string): Moment | null {
  const moments = observations.map((one) => effectiveMoment(one, zone)).filter((moment) => moment !== null)
  return moments.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)).at(-1) ?? null
}

function titleOf(container: Container): string {
  const { code, type, procedureCode = [], category = [], content = [], series = [], description } = container
  return (
    [
      ...[code, type, ...procedureCode].map(nameOf),
      ...content.map(({ attachment }) => oneLine(attachment?.title)),
      oneLine(description),
      ...category.map(nameOf),
      ...series.map(({ modality }) => oneLine(modality?.display ?? modality?.code)),
    ].find((name) => name !== '') ?? ''
  )
}

/** Members with their own members after them, each once. */
function inOrder(container: Container, members: FhirResource[]): Observation[] {
  const contained = (container.contained ?? []).filter(isReadable)
  const byReference = new Map<string, Observation>([
    ...contained.map((one) => [`#${one.id}`, observationOf(one)] as const),
    ...members.map((one) => [`Observation/${one.id}`, observationOf(one)] as const),
  ])
  const ordered = new Set<Observation>()
  const addBelow = (from: Pick<Container, 'result' | 'hasMember'>) => {
    // A list of what is to come instead of recursion, which a hostile chain of panels would exhaust.
    const pending = listed(from).reverse()
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const member = byReference.get(next)
      if (member === undefined || ordered.has(member)) continue
      ordered.add(member)
      for (const below of listed(member).reverse()) pending.push(below)
    }
  }
  addBelow(container)
  const rest = byName(members.map(observationOf).filter((one) => !ordered.has(one)))
  for (const member of rest) {
    ordered.add(member)
    addBelow(member)
  }
  return [...ordered]
}

const listed = ({ result = [], hasMember = [] }: Pick<Container, 'result' | 'hasMember'>): string[] =>
  [...result, ...hasMember].map(({ reference }) => reference ?? '')

function byName(observations: Observation[]): Observation[] {
  const keyed = observations.map((one) => ({ one, key: `${nameOf(one.code)}\u0000${one.id}` }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ one }) => one)
}
