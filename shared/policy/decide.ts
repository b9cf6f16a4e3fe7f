/** How the viewer stands to the person whose data is asked for. Guardians and delegates join here. */
export type Relation = 'self' | 'none'

export interface Asked {
  relation: Relation
  /** When the result was made. */
  at: Date
  windowFrom: Date
  now: Date
}

export type Decision = { permit: true } | { permit: false; why: 'no-relation' | 'outside-window' }

/**
 * May this viewer read this record online? Whether it is told only in person is not asked here: such records never reach
 * the reading tables (VW-2, VW-3). Doubt means no.
 */
export function decide({ relation, at, windowFrom, now }: Asked): Decision {
  if (relation !== 'self') return { permit: false, why: 'no-relation' }
  if (!(at >= windowFrom && at <= now)) return { permit: false, why: 'outside-window' }
  return { permit: true }
}
