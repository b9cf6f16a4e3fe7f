import { expect, test } from 'vitest'
import type { ReportDetail } from '../../shared/contract/reports.ts'
import { fillTrends, storedDetail } from './readings.ts'

test('[VW-8] trends go to their own lines, whatever a line is named', () => {
  const line = (name: string) => ({ name, trend: [] })
  const detail = {
    items: [line('"trend":[]'), line('血糖'), line('a\n"trend":[] b')],
    texts: [{ text: '"trend":[]' }],
  } as unknown as ReportDetail
  const filled = JSON.parse(fillTrends(storedDetail(detail, ['x', null, 'z']), (series) => JSON.stringify([series])))
  expect(filled.items.map(({ trend }: { trend: unknown }) => trend)).toEqual([['x'], [], ['z']])
  expect(filled.items.map(({ name }: { name: string }) => name)).toEqual(detail.items.map(({ name }) => name))
  expect(filled.texts).toEqual(detail.texts)
  const none = { items: [], texts: [] } as unknown as ReportDetail
  expect(JSON.parse(fillTrends(storedDetail(none, []), () => '[]'))).toEqual(none)
})
