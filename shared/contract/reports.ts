import * as v from 'valibot'
import { Category, Count, Cursor, Instant, Level, PublicId, Subject } from './primitives.ts'
import { route } from './route.ts'

export const Flag = v.picklist(['normal', 'high', 'low', 'critical-high', 'critical-low', 'abnormal'])
export type FlagCode = v.InferOutput<typeof Flag>

export const ReportKind = v.picklist(['laboratory', 'vitals', 'imaging', 'pathology', 'document'])
export type ReportKindCode = v.InferOutput<typeof ReportKind>

export const ResultValue = v.union([
  v.object({ number: v.number(), comparator: v.nullable(v.picklist(['<', '<=', '>', '>='])) }),
  v.object({ text: v.string() }),
])

/** One report in a list. Counts are of the lines this viewer can see. */
export const ReportCard = v.object({
  id: PublicId,
  kind: ReportKind,
  title: v.string(),
  at: Instant,
  /** False where the hospital gave only a day. */
  timeKnown: v.boolean(),
  /** Department or laboratory, as the hospital names it. */
  place: v.nullable(v.string()),
  preliminary: v.boolean(),
  lines: Count,
  high: Count,
  low: Count,
  /** Lines out of range that are neither high nor low (e.g. positive). */
  abnormal: Count,
  /** Lines whose flag is known; `lines` of them means all were judged. */
  judged: Count,
  /** The value itself where the report has just one line. */
  only: v.nullable(v.object({ value: ResultValue, unit: v.nullable(v.string()), flag: v.nullable(Flag) })),
})
export type ReportCard = v.InferOutput<typeof ReportCard>

export const ReportLine = v.object({
  name: v.string(),
  value: v.nullable(ResultValue),
  unit: v.nullable(v.string()),
  /** Reference range; `text` as printed by the laboratory, bounds where numeric. `source` names a standard where the laboratory gave none. */
  range: v.nullable(
    v.object({
      low: v.nullable(v.number()),
      high: v.nullable(v.number()),
      text: v.nullable(v.string()),
      source: v.nullable(v.string()),
    }),
  ),
  flag: v.nullable(Flag),
  note: v.nullable(v.string()),
  /** Id of the plain-language help text (`help.json` of each language), where one is written. */
  help: v.nullable(v.string()),
  /** Earlier and this value within the window, oldest first; empty where there is none to compare. */
  trend: v.array(v.object({ at: Instant, number: v.number(), here: v.boolean() })),
})
export type ReportLine = v.InferOutput<typeof ReportLine>

export const ReportDetail = v.object({
  ...ReportCard.entries,
  issuedAt: v.nullable(Instant),
  category: Category,
  level: Level,
  items: v.array(ReportLine),
  /** Text of imaging, pathology and notes, in reading order. */
  texts: v.array(v.object({ heading: v.picklist(['findings', 'conclusion', 'note']), text: v.string() })),
  /** Help text of the report as a whole; `general-<kind>` at least. */
  help: v.string(),
})
export type ReportDetail = v.InferOutput<typeof ReportDetail>

export const Medication = v.object({
  id: PublicId,
  name: v.string(),
  at: Instant,
  timeKnown: v.boolean(),
  status: v.picklist(['active', 'on-hold', 'completed', 'stopped', 'draft', 'unknown']),
  /** How to take it, as written. */
  dosage: v.nullable(v.string()),
  quantity: v.nullable(v.string()),
  place: v.nullable(v.string()),
  category: Category,
  level: Level,
})
export type Medication = v.InferOutput<typeof Medication>

/** First day shown and now, by the hospital's zone (VW-1). */
const Window = v.object({ from: Instant, to: Instant })
const Page = v.object({ cursor: v.optional(Cursor) })
const OfSubject = v.object({ person: Subject })

export const ReportList = v.object({ window: Window, items: v.array(ReportCard), next: v.nullable(Cursor) })
export type ReportList = v.InferOutput<typeof ReportList>
export const MedicationList = v.object({ window: Window, items: v.array(Medication), next: v.nullable(Cursor) })
export type MedicationList = v.InferOutput<typeof MedicationList>

/** Newest first. */
export const listReports = route({
  method: 'GET',
  path: '/api/people/:person/reports',
  access: 'signed-in',
  audit: 'reports-listed',
  params: OfSubject,
  query: Page,
  reply: ReportList,
})

export const readReport = route({
  method: 'GET',
  path: '/api/people/:person/reports/:id',
  access: 'signed-in',
  audit: 'report-read',
  params: v.object({ person: Subject, id: PublicId }),
  reply: ReportDetail,
})

/** Newest first. */
export const listMedications = route({
  method: 'GET',
  path: '/api/people/:person/medications',
  access: 'signed-in',
  audit: 'medications-listed',
  params: OfSubject,
  query: Page,
  reply: MedicationList,
})
