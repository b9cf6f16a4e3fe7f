import * as v from 'valibot'
import { expect } from 'vitest'
import type { ComposedReport } from '../../server/records/compose.ts'
import { ReportCard, ReportDetail } from '../../shared/contract/reports.ts'

/** Any public id: composing gives none. */
export const someId = 'A'.repeat(22)

/** What was composed is what the contract says, to the field. */
export function check(composed: ComposedReport | null) {
  if (composed === null) return null
  expect(v.parse(v.strictObject(ReportCard.entries), { id: someId, ...composed.card })).toEqual({ id: someId, ...composed.card })
  expect(v.parse(v.strictObject(ReportDetail.entries), { id: someId, ...composed.detail })).toEqual({
    id: someId,
    ...composed.detail,
  })
  expect(JSON.parse(JSON.stringify(composed))).toEqual(composed)
  expect(composed.lineSeries).toHaveLength(composed.detail.items.length)
  const series = new Set(composed.lineSeries)
  expect(composed.points.every((point) => series.has(point.series))).toBe(true)
  return composed
}
