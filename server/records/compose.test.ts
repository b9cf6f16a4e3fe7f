import { describe, expect, test } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { check } from '../../tests/support/composed.ts'
import { composeGroup, composeReport } from './compose.ts'
import { checkShape } from './import/shape.ts'

const zone = 'Asia/Shanghai'
const woman = { sex: 'female', birthDate: '1990-06-15' }

const observation = (more: object = {}): FhirResource => ({
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin' }], text: '血红蛋白' },
  effectiveDateTime: '2026-03-01T08:00:00+08:00',
  valueQuantity: { value: 130, unit: 'g/L' },
  ...more,
})
const report = (more: object = {}): FhirResource => ({
  resourceType: 'DiagnosticReport',
  id: 'r',
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
  code: { text: '血常规' },
  effectiveDateTime: '2026-03-01T08:00:00+08:00',
  ...more,
})
const compose = (container: FhirResource, members: FhirResource[] = []) => {
  expect([container, ...members].flatMap(checkShape)).toEqual([])
  return check(composeReport(container, members, woman, zone))
}
const line = (more: object) => compose(observation(more))!.detail.items[0]!

describe('a report', () => {
  test('[VW-8] follows its own order, then name and id; counts are of its lines', () => {
    const members = [
      observation({ id: 'z', code: { text: 'B' }, valueQuantity: { value: 1 }, interpretation: [{ text: '↑' }] }),
      observation({ id: 'y', code: { text: 'A' }, valueQuantity: { value: 1 }, interpretation: [{ coding: [{ code: 'L' }] }] }),
      observation({ id: 'x', code: { text: 'C' }, valueQuantity: { value: 1 } }),
      observation({
        id: 'w',
        code: { text: 'D' },
        valueString: '阳性',
        valueQuantity: undefined,
        interpretation: [{ text: '阳性' }],
      }),
    ]
    const composed = compose(report({ result: [{ reference: 'Observation/x' }, { reference: 'Observation/hidden' }] }), members)!
    expect(composed.detail.items.map(({ name }) => name)).toEqual(['C', 'A', 'B', 'D'])
    expect(composed.card).toMatchObject({
      kind: 'laboratory',
      title: '血常规',
      lines: 4,
      high: 1,
      low: 1,
      abnormal: 1,
      judged: 3,
      only: null,
    })
    expect(composed.detail).toMatchObject({ category: 'medical-application', level: 3, help: 'panel-blood-count' })
    expect(composed.points).toHaveLength(3)
  })

  test('members of members come after them, once, and a ring ends', () => {
    const a = observation({ id: 'a', code: { text: 'A' }, hasMember: [{ reference: 'Observation/b' }] })
    const b = observation({ id: 'b', code: { text: 'B' }, hasMember: [{ reference: 'Observation/a' }] })
    const composed = compose(report({ result: [{ reference: 'Observation/a' }] }), [b, a])!
    expect(composed.detail.items.map(({ name }) => name)).toEqual(['A', 'B'])
  })

  test('contained results are lines', () => {
    const inside = observation({ id: 'in' })
    expect(compose(report({ contained: [inside], result: [{ reference: '#in' }] }))!.card).toMatchObject({
      lines: 1,
      only: { value: { number: 130, comparator: null }, unit: 'g/L', flag: 'normal' },
    })
  })

  test.each(['entered-in-error', 'cancelled'])('%s is not shown, nor a member that is', (status) => {
    expect(compose(report({ status, conclusion: 'x' }))).toBeNull()
    expect(compose(report(), [observation({ status })])).toBeNull()
    expect(compose(observation({ status }))).toBeNull()
  })

  test('nothing to read, nothing shown', () => {
    expect(compose(report())).toBeNull()
    expect(compose(observation({ valueQuantity: undefined }))).toBeNull()
    expect(compose({ resourceType: 'Condition', subject: {} })).toBeNull()
    expect(compose(report({ text: { status: 'generated', div: '<div><p>见<b>附件</b></p></div>' } }))!.detail.texts).toEqual([
      { heading: 'note', text: '见附件' },
    ])
  })

  test('only a department stands as place', () => {
    const performer = [
      { reference: 'Practitioner/1', display: '王医生' },
      { reference: 'Organization/2', display: '检验科' },
    ]
    expect(compose(report({ performer, conclusion: 'x' }))!.card.place).toBe('检验科')
    expect(compose(report({ performer: [{ display: '王小明' }], conclusion: 'x' }))!.card.place).toBeNull()
    expect(compose(report({ performer: [{ display: '放射科' }], conclusion: 'x' }))!.card.place).toBe('放射科')
  })

  test.each([
    [{ effectiveDateTime: '2026-03-01T08:00:00.5+08:00' }, '2026-03-01T00:00:00.500Z', true],
    [{ effectiveDateTime: '2026-03-01' }, '2026-02-28T16:00:00.000Z', false],
    [{ effectiveDateTime: '2026' }, '2025-12-31T16:00:00.000Z', false],
    [{ effectiveDateTime: '2016-12-31T23:59:60Z' }, '2016-12-31T23:59:59.000Z', true],
    [
      { effectiveDateTime: undefined, effectivePeriod: { start: '2026-03-01', end: '2026-03-02T00:00:00Z' } },
      '2026-03-02T00:00:00.000Z',
      true,
    ],
    [{ effectiveDateTime: undefined, issued: '2026-03-04T00:00:00Z' }, '2026-03-04T00:00:00.000Z', true],
  ])('[VW-1] %j is %s', (more, at, timeKnown) => {
    expect(compose(report({ conclusion: 'x', ...more }))!.card).toMatchObject({ at, timeKnown })
  })

  test('midnight is found on the day the clocks change', () => {
    const at = (day: string, place: string) =>
      composeReport(report({ conclusion: 'x', effectiveDateTime: day }), [], woman, place)?.card.at
    expect(at('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z')
    expect(at('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z')
  })

  test.each([
    [{ category: [{ coding: [{ code: 'RAD' }] }] }, 'imaging'],
    [{ category: [{ text: '病理' }] }, 'pathology'],
    [{ category: undefined, code: { text: '胸部CT平扫' } }, 'imaging'],
    [{ category: undefined, code: { coding: [{ system: 'http://loinc.org', code: '11526-1' }] } }, 'pathology'],
    [{ category: undefined, code: { text: '出院小结' } }, 'document'],
    [{ category: undefined, code: { text: 'Factors that affect the child' } }, 'document'],
    [{ category: [{ coding: [{ code: 'LAB' }] }], code: { text: '胸水病理' } }, 'laboratory'],
  ])('%j is of kind %s', (more, kind) => {
    expect(compose(report({ conclusion: 'x', ...more }))!.card.kind).toBe(kind)
  })
})

describe('a line', () => {
  test.each([
    [{ valueQuantity: { value: -0, unit: 'mm[Hg]' } }, { number: 0, comparator: null }, 'mmHg'],
    [{ valueQuantity: { value: 1e308, comparator: '<', unit: '{score}' } }, { number: 1e308, comparator: '<' }, null],
    [{ valueQuantity: { value: 5, comparator: 'ad' } }, { text: 'ad 5' }, null],
    [{ valueQuantity: { unit: 'g/L' } }, null, 'g/L'],
    [{ valueInteger: 3 }, { number: 3, comparator: null }, null],
    [{ valueString: '≥5.60' }, { number: 5.6, comparator: '>=' }, null],
    [{ valueString: 'NaN' }, { text: 'NaN' }, null],
    [{ valueString: '1e5' }, { text: '1e5' }, null],
    [{ valueString: '007' }, { text: '007' }, null],
    [{ valueString: 'a\u202eb' }, { text: 'ab' }, null],
    [{ valueCodeableConcept: { coding: [{ display: 'Negative' }, { display: '阴性' }] } }, { text: '阴性' }, null],
    [{ valueBoolean: false }, { text: '✗' }, null],
    [{ valueRange: { low: { value: 3 }, high: { value: 5, unit: 'g' } } }, { text: '3–5' }, 'g'],
    [{ valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }, { text: '1 : 128' }, null],
    [{ valueDateTime: '2026-03-01T00:00:00Z' }, { text: '2026-03-01 08:00' }, null],
    [{ valueTime: '08:30:00' }, { text: '08:30:00' }, null],
    [{ valuePeriod: { start: '2026-03-01', end: '2026-03' } }, { text: '2026-03-01 – 2026-03' }, null],
    [{ valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: 'E 1 2' } }, { text: 'E 1 2' }, null],
  ])('%j', (more, value, unit) => {
    expect(line({ valueQuantity: undefined, ...more })).toMatchObject({ value, unit })
  })

  test('says why a value is absent, in the words of the laboratory', () => {
    expect(line({ valueQuantity: undefined, dataAbsentReason: { text: '标本溶血' }, note: [{ text: '请重抽' }] })).toMatchObject({
      value: null,
      note: '标本溶血\n请重抽',
    })
  })

  test('components are lines with series of their own', () => {
    const component = [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6', display: '收缩压' }] },
        valueQuantity: { value: 150, unit: 'mmHg' },
      },
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8462-4', display: '舒张压' }] },
        valueQuantity: { value: 80, unit: 'mmHg' },
      },
    ]
    const composed = compose(observation({ code: { coding: [{ code: '85354-9' }] }, valueQuantity: undefined, component }))!
    expect(composed.card).toMatchObject({ kind: 'vitals', lines: 2 })
    expect(composed.detail.category).toBe('health-status')
    expect(composed.lineSeries).toEqual(['http://loinc.org|8480-6|mmhg', 'http://loinc.org|8462-4|mmhg'])
    expect(composed.points.map(({ number }) => number)).toEqual([150, 80])
  })

  test('a value below a limit is no point of a trend', () => {
    expect(compose(observation({ valueQuantity: { value: 5, comparator: '<', unit: 'g/L' } }))).toMatchObject({
      points: [],
      lineSeries: [null],
    })
  })
})

describe('[VW-8] range and flag', () => {
  const range = (...referenceRange: object[]) => line({ code: { text: '甲物质' }, referenceRange })
  const q = (value: number, unit = 'g/L') => ({ value, unit })

  test('the laboratory’s own range, numeric or printed', () => {
    expect(range({ low: q(115), high: q(150) })).toMatchObject({
      range: { low: 115, high: 150, text: null, source: null },
      flag: 'normal',
    })
    expect(range({ high: q(120) })).toMatchObject({ flag: 'high' })
    expect(range({ text: '115～125 g/L' })).toMatchObject({ range: { low: 115, high: 125, text: '115～125 g/L' }, flag: 'high' })
    expect(range({ text: '≥135' })).toMatchObject({ range: { low: 135, high: null }, flag: 'low' })
    expect(range({ text: '见说明 2-3 页' })).toMatchObject({ range: { low: null, high: null }, flag: null })
  })

  test('for this sex and age', () => {
    const man = { low: q(1), high: q(2), appliesTo: [{ text: '男' }] }
    const female = { low: q(115), high: q(150), appliesTo: [{ coding: [{ code: '248152002' }] }] }
    const child = { low: q(1), high: q(2), age: { high: { value: 17, code: 'a' } } }
    const adult = { low: q(100), high: q(129), age: { low: { value: 18, code: 'a' } } }
    expect(range(man, female)).toMatchObject({ range: { low: 115 }, flag: 'normal' })
    expect(range(child, adult)).toMatchObject({ range: { low: 100 }, flag: 'high' })
    expect(range(man)).toMatchObject({ range: null, flag: null })
    expect(range({ low: q(1), appliesTo: [{ text: 'pregnant' }] })).toMatchObject({ range: null, flag: null })
    expect(range({ high: q(1), type: { coding: [{ code: 'therapeutic' }] } })).toMatchObject({ range: null, flag: null })
  })

  test('several that fit alike, another unit or an upside-down range judge nothing', () => {
    expect(range({ high: q(120), text: '合适' }, { low: q(120), text: '升高' })).toMatchObject({
      range: { low: null, high: null, text: '合适; 升高' },
      flag: null,
    })
    expect(range({ low: q(11, 'g/dL'), high: q(15, 'g/dL') })).toMatchObject({
      range: { low: null, text: '11–15 g/dL' },
      flag: null,
    })
    expect(range({ low: q(15), high: q(11) })).toMatchObject({ range: { low: null }, flag: null })
  })

  test('the standard’s range where units agree, with its source', () => {
    expect(line({})).toMatchObject({
      range: { low: 115, high: 150, text: null, source: expect.stringContaining('WS/T') },
      flag: 'normal',
      help: 'hemoglobin',
    })
    expect(line({ valueQuantity: q(13, 'g/dL') })).toMatchObject({ range: null, flag: null })
  })

  test.each([
    [
      [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'HH' }] }],
      'critical-high',
    ],
    [[{ coding: [{ code: 'LL' }] }], 'critical-low'],
    [[{ coding: [{ code: 'A' }] }, { coding: [{ code: 'H' }] }], 'high'],
    [[{ coding: [{ code: 'POS' }] }], 'abnormal'],
    [[{ coding: [{ code: 'NEG' }] }], 'normal'],
    [[{ text: '偏低' }], 'low'],
    [[{ text: '↑↑' }], 'critical-high'],
    [[{ text: '阳性(+)' }], null],
    [[{ coding: [{ code: 'S' }] }], null],
  ])('what the laboratory says counts first: %j', (interpretation, flag) => {
    expect(line({ code: { text: '甲物质' }, interpretation })).toMatchObject({ flag })
  })

  test.each([
    ['<', 5, 0, 10, 'normal'],
    ['<', 5, 3, 10, null],
    ['<', 3, 3, 10, 'low'],
    ['>', 10, 3, 10, 'high'],
    ['>', 5, 3, 10, null],
    ['>=', 10, 3, 10, null],
  ])('%s %d within %d and %d is %s', (comparator, value, low, high, flag) => {
    const referenceRange = [{ low: { value: low }, high: { value: high } }]
    expect(line({ code: { text: '甲物质' }, valueQuantity: { value, comparator }, referenceRange })).toMatchObject({ flag })
  })

  test('words are held against the expected word', () => {
    const referenceRange = [{ text: '阴性' }]
    const said = (valueString: string) =>
      line({ code: { text: '甲物质' }, valueQuantity: undefined, valueString, referenceRange }).flag
    expect(['阴性', '阳性', '(+)', '（-）', '待查'].map(said)).toEqual(['normal', 'abnormal', 'abnormal', 'normal', null])
  })
})

test('vital signs of one visit', () => {
  const signs = [
    observation({
      id: 'b',
      code: { text: '体温' },
      valueQuantity: { value: 36.5, unit: 'Cel' },
      effectiveDateTime: '2026-03-01T09:00:00+08:00',
    }),
    observation({ id: 'a', code: { text: '心率' }, valueQuantity: { value: 60, unit: '/min' } }),
    observation({ id: 'c', code: { text: '空' }, valueQuantity: undefined }),
  ]
  const composed = check(composeGroup(signs, 'vitals', woman, zone))!
  expect(composed.card).toMatchObject({ kind: 'vitals', title: '', lines: 2, at: '2026-03-01T01:00:00.000Z' })
  expect(composed.points.map(({ at }) => at)).toEqual(['2026-03-01T01:00:00.000Z', '2026-03-01T00:00:00.000Z'])
  expect(composed).toEqual(check(composeGroup(signs.toReversed(), 'vitals', woman, zone)))
  expect(composeGroup([], 'vitals', woman, zone)).toBeNull()
})
