import { describe, expect, it } from 'vitest'
import en from '../../shared/i18n/help.en.json' with { type: 'json' }
import hans from '../../shared/i18n/help.zh-Hans.json' with { type: 'json' }
import hant from '../../shared/i18n/help.zh-Hant.json' with { type: 'json' }
import { findItem, findPanelHelp, isUnitOf, itemOf, items, rangeFor } from './items.ts'
import panels from './panels.json' with { type: 'json' }

const loinc = (code: string, display?: string) => [{ system: 'http://loinc.org', code, ...(display && { display }) }]
const item = (id: string) => {
  const found = itemOf(id)
  if (found === null) throw new Error(`no item ${id}`)
  return found
}

describe('items', () => {
  it('finds by LOINC, whatever the name says', () => {
    expect(findItem(loinc('718-7'), 'Hb 血色素')?.id).toBe('hemoglobin')
  })

  it.each([
    ['白细胞计数(WBC)', 'wbc'],
    ['＊丙氨酸氨基转移酶（ALT）', 'alt'],
    ['★ 甘油三酯', 'triglycerides'],
    ['三酸甘油酯', 'triglycerides'],
    ['總膽固醇', 'cholesterol'],
    ['HbA1c', 'hba1c'],
    ['ＨＤＬ－Ｃ', 'hdl-cholesterol'],
    ['葡萄糖(尿)', 'urine-glucose'],
  ])('finds %s by name', (name, id) => {
    expect(findItem([], name)?.id).toBe(id)
  })

  it.each(['白细胞介素6', 'CD4+T淋巴细胞计数', '乙型肝炎病毒表面抗原', '白细胞(CRP)', '尿酸/肌酐', '糖类抗原', ''])(
    'does not take %s for something ordinary',
    (name) => {
      expect(findItem([], name)).toBeNull()
    },
  )

  it('lets an unknown LOINC code mean another test', () => {
    expect(findItem(loinc('14744-7'), '葡萄糖')).toBeNull()
  })

  it('takes a display where there is no text, but not one of another unit', () => {
    const local = [{ system: 'urn:oid:2.16.156.0', code: 'X1', display: '白细胞' }]
    expect(findItem(local, undefined)?.id).toBe('wbc')
    expect(findItem(local, undefined, '10*9/L')?.id).toBe('wbc')
    expect(findItem(local, undefined, '/HP')).toBeNull()
  })

  it('[VW-3] knows no item of a special disease', () => {
    const names = items.flatMap((one) => one.names).join(' ')
    expect(names).not.toMatch(/HIV|HBV|HCV|CD4|梅毒|肝炎|癌|CEA|AFP|hCG|妊娠|基因|锂/iu)
  })

  it('has unambiguous names, codes and ids', () => {
    for (const field of ['names', 'loinc'] as const) {
      const seen = new Map<string, string>()
      for (const one of items)
        for (const value of one[field]) {
          const key = value.toLowerCase()
          expect([undefined, one.id], `${value} of ${one.id}`).toContain(seen.get(key))
          seen.set(key, one.id)
        }
    }
    expect(new Set(items.map((one) => one.id)).size).toBe(items.length)
  })
})

describe('reference ranges', () => {
  it('[VW-8] follow sex and age as in WS/T', () => {
    expect(rangeFor(item('hemoglobin'), 'female', 36)).toMatchObject({ low: 115, high: 150 })
    expect(rangeFor(item('hemoglobin'), 'male', 36)).toMatchObject({ low: 130, high: 175 })
    expect(rangeFor(item('creatinine'), 'male', 71)).toMatchObject({ low: 57, high: 111 })
    expect(rangeFor(item('alp'), 'female', 50)).toMatchObject({ low: 50, high: 135 })
  })

  it('[VW-8] are left out where they depend on something unknown', () => {
    expect(rangeFor(item('hemoglobin'), 'unknown', 36)).toBeNull()
    expect(rangeFor(item('wbc'), 'female', null)).toBeNull()
    expect(rangeFor(item('wbc'), 'female', 6)).toBeNull()
    expect(rangeFor(item('tsh'), 'female', 36)).toBeNull()
  })

  it('[VW-8] never overlap for one person, stand the right way round and name their source', () => {
    for (const one of items) {
      for (const range of one.ranges)
        if (range.low !== null && range.high !== null) expect(range.low, one.id).toBeLessThan(range.high)
      if (one.ranges.length > 0) expect(one.source, one.id).not.toBe('')
      for (const sex of ['male', 'female'])
        for (let age = 0; age <= 120; age++) {
          const fitting = one.ranges.filter(
            (range) => (range.sex ?? sex) === sex && age >= (range.minAge ?? 0) && age <= (range.maxAge ?? 200),
          )
          expect(fitting.length, `${one.id} ${sex} ${age}`).toBeLessThanOrEqual(1)
        }
    }
  })

  it.each([
    ['wbc', '10*9/L', true],
    ['wbc', '10^9/L', true],
    ['wbc', '×10⁹/L', true],
    ['wbc', '/uL', false],
    ['creatinine', 'umol/L', true],
    ['creatinine', 'µmol/L', true],
    ['creatinine', 'mg/dL', false],
    ['systolic-pressure', 'mm[Hg]', true],
    ['heart-rate', '{beats}/min', true],
    ['body-temperature', 'Cel', true],
    ['bmi', 'kg/m2', true],
    ['tsh', 'u[IU]/mL', true],
    ['egfr', 'mL/min/{1.73_m2}', true],
    ['egfr', 'mL/min', false],
  ] as const)('holds a value of %s in %s against the range: %s', (id, unit, expected) => {
    expect(isUnitOf(item(id), unit)).toBe(expected)
  })
})

describe('help texts', () => {
  it('[VW-8] are written for every item, panel and kind, in every language', () => {
    const keys = Object.keys(en).sort()
    expect(Object.keys(hans).sort()).toEqual(keys)
    expect(Object.keys(hant).sort()).toEqual(keys)
    const kinds = ['laboratory', 'vitals', 'imaging', 'pathology', 'document'].map((kind) => `general-${kind}`)
    expect(keys).toEqual([...items.map((one) => one.id), ...panels.map((one) => one.help), ...kinds].sort())
    for (const texts of [en, hans, hant])
      for (const [key, text] of Object.entries(texts)) expect(text.length, key).toBeGreaterThan(12)
  })

  it('are in the right script', () => {
    expect(JSON.stringify(hans)).not.toMatch(/[醫這們説請問檢驗]/u)
    expect(JSON.stringify(hant)).not.toMatch(/[这们说医数请问脏检验]/u)
  })

  it('names panels by LOINC and by the first part of their name', () => {
    expect(findPanelHelp(loinc('58410-2'), 'x')).toBe('panel-blood-count')
    expect(findPanelHelp([], '血常规（五分类）')).toBe('panel-blood-count')
    expect(findPanelHelp([], '血常规+C反应蛋白')).toBe('panel-blood-count')
    expect(findPanelHelp([{ display: '凝血四项' }], undefined)).toBe('panel-coagulation')
    expect(findPanelHelp([], '术前八项')).toBeNull()
  })
})
