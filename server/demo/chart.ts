import chartData from './charts.json' with { type: 'json' }

/** One thing done at a visit. Exactly one of panel, text, drug and vitals is there. */
export interface Act {
  panel?: string
  text?: string
  drug?: string
  vitals?: string
  at: string
  /** Days after the visit began. */
  after?: number
  /** Figures that tell the story; the others are drawn. */
  values?: Record<string, number | string>
  order?: boolean
  dispensed?: boolean
  /** What the twin lacks: the act, or some tests of a panel. */
  sensitive?: boolean
  sensitiveTests?: string[]
}

export interface Visit {
  key: string
  /** Days before now. */
  days: number
  at: string
  kind: 'AMB' | 'IMP' | 'EMER'
  department: string
  reason: string
  /** ICD-10 of the national clinical edition. */
  icd?: string
  stay?: number
  sensitive?: boolean
  acts: Act[]
}

const charts = chartData as Record<string, Visit[]>

/** Visits of a chart, newest first; with `ordinaryOnly`, as of someone who never had the sensitive part. */
export function visitsOf(chart: string, ordinaryOnly: boolean): Visit[] {
  const visits = charts[chart]
  if (visits === undefined) throw new Error(`no chart ${chart}`)
  if (!ordinaryOnly) return visits
  return visits
    .filter((visit) => !visit.sensitive)
    .map((visit) => ({ ...visit, acts: visit.acts.filter((act) => !act.sensitive) }))
}
