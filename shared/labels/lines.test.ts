import { describe, expect, it, test } from 'vitest'
import { findProfile } from '../policy/profile.ts'
import { labelText } from './label.ts'

const cn = findProfile('CN')!
const classesOf = (line: string) => {
  const { classes, proxies } = labelText(line, cn)
  return [...classes, ...proxies]
}

describe('[VW-2] what a line is about', () => {
  test.each([
    ['感染八项', 'HIV'],
    ['术前四项', 'STD'],
    ['輸血前檢查', 'HEPATITIS'],
    ['抗TP', 'STD'],
    ['否认胸闷，孕12周', 'REPRODUCTIVE'],
    ['後天免疫不全症候群檢查', 'HIV'],
    ['人類免疫缺乏病毒抗體', 'HIV'],
    ['乙型病毒性肝炎', 'HEPATITIS'],
    ['慢性丙型肝炎', 'HEPATITIS'],
    ['Anti-HCV', 'HEPATITIS'],
    ['HPV16/18分型', 'STD'],
    ['披衣菌抗原', 'STD'],
    ['无创DNA', 'GENETIC'],
    ['海洋性貧血基因檢測', 'GENETIC'],
    ['攝護腺特異抗原', 'TUMOUR'],
    ['EGFR突变检测', 'TUMOUR'],
    ['思覺失調', 'MENTAL'],
    ['PHQ-9', 'MENTAL'],
    ['β-hCG', 'REPRODUCTIVE'],
    ['人工流產', 'REPRODUCTIVE'],
    ['尿检吗啡', 'SUBSTANCE'],
    ['安非他命篩檢', 'SUBSTANCE'],
    ['艾诺韦林片', 'HIV'],
    ['多拉米替片', 'HIV'],
    ['恩替卡韦分散片', 'HEPATITIS'],
    ['盐酸舍曲林片', 'MENTAL'],
    ['奥希替尼', 'TUMOUR'],
    ['丁丙诺啡舌下片', 'SUBSTANCE'],
    ['CD4+ T cell count', 'HIV'],
    ['血清锂测定', 'MENTAL'],
    ['I33.000x018 心内膜炎', 'HIV'],
    ['O98.700', 'HIV'],
    ['R75', 'HIV'],
    ['Z20.600', 'HIV'],
    ['Z21', 'HIV'],
    ['C50.900', 'TUMOUR'],
    ['XJ05ARL123A001', 'HIV'],
  ])('%s: %s', (line, of) => {
    expect(classesOf(line)).toContain(of)
    expect(labelText(line, cn).hidden).toBe(true)
  })

  test.each([
    '患者神清,精神可,食欲睡眠好',
    '传染性病因待查',
    '慢性病管理',
    '淋巴细胞百分比',
    '细菌耐药基因检测',
    'Vancomycin resistance vanA gene [Presence]',
    '肺炎衣原体抗体IgM',
    '肿瘤坏死因子-α',
    '恶性高血压',
    '强迫体位',
    '肛门及外生殖器未见异常',
    'ST depression in V4-V6',
    'hearing aids fitted',
    '5% glucose 100 ml/h IV',
    'Hives after amoxicillin',
    'eGFR',
    '总蛋白 TP',
    '降钙素原',
    '奥司他韦胶囊',
    '奈玛特韦片/利托那韦片组合包装',
    '多潘立酮片',
    '子宫肌瘤',
    '乙肝疫苗接种',
    '末次月经2026-01-01',
    '門診診察費',
    '血清免疫球蛋白E',
    '新冠病毒核酸检测',
    'Morphine sulfate 10 mg injection',
    'She came with her 2 children; he 4 days ago had a cough',
    'Mother reports immunizations including hepatitis B',
    'Avoid alcoholic drinks while taking this medicine',
  ])('ordinary: %s', (line) => {
    expect(labelText(line, cn)).toMatchObject({ classes: [], proxies: [], hidden: false })
  })

  it('says HCV genotyping is hepatitis and not heredity', () => {
    expect(classesOf('HCV基因分型')).toEqual(['HEPATITIS'])
    expect(classesOf('丙型肝炎病毒基因型')).toEqual(['HEPATITIS'])
  })

  it('gives offsets of the line as it was written', () => {
    const line = '检查：Ｂ 型 肝炎（HBsAg）'
    const reasons = labelText(line, cn).because
    expect(reasons.length).toBeGreaterThan(0)
    for (const { at, match } of reasons) {
      const [start, end] = at.split('-').map(Number)
      expect(line.slice(start, end)).toBe(match)
    }
  })

  it('hides an unknown local name until it is mapped', () => {
    expect(labelText('XYZ-123', cn)).toMatchObject({ unknown: true, hidden: true })
    expect(labelText('', cn)).toMatchObject({ unknown: false, hidden: false })
  })

  it('hides only the classes that the profile lists', () => {
    const lenient = { ...cn, viewing: { ...cn.viewing, hiddenClasses: [] } }
    expect(labelText('HIV抗体', lenient)).toMatchObject({ classes: ['HIV'], hidden: false })
  })
})

describe('[VW-3] denied histories and negative tests', () => {
  test.each([
    '否认肝炎、结核等传染病史。',
    '否认“肝炎、结核、艾滋病、梅毒”等传染病史，否认高血压史',
    '既往体健，无肝炎、结核等传染病史，无精神病史及遗传病史',
    'No history of hepatitis or HIV.',
    'Patient denies alcohol abuse, depression or suicidal ideation.',
    '情绪稳定，无焦虑抑郁，无自杀倾向',
    'Social history: no alcohol abuse, no illicit drugs',
    '否认肝炎、结核、性病等传染病史',
    '否认高血压、冠心病、糖尿病，肝炎、结核等传染病史',
    '否认 肝炎、结核 等传染病史',
    '否认传染病史：肝炎、结核',
    '否认吸毒史，否认冶游史，否认家族性遗传病史',
    'Denies hepatitis, HIV, or STDs',
    'Denies alcohol, tobacco or drug abuse',
    'Psych: negative for depression, anxiety',
  ])('a boilerplate denial shows: %s', (line) => expect(labelText(line, cn).hidden).toBe(false))

  test.each([
    'HIV抗体阴性',
    'HBsAg (-)',
    'Tested negative for HIV',
    '否认高血压史，乙肝病史10年',
    '否认结核。HIV阳性',
    '无发热，有乙肝病史',
    '否认高血压，乙肝携带者',
    'Denies fever but reports hepatitis C',
    '无明显诱因出现焦虑抑郁',
    'Normal pregnancy',
    'No HIV antibody found',
    '否认高血压，乙肝小三阳',
    '否认高血压 乙肝',
    '否认高血压,慢性乙型病毒性肝炎',
    '否认高血压史乙肝病史',
    '否认药物过敏，乙肝病史',
    '否认发热，肺癌术后',
    '否认发热，术后病理：肺腺癌',
    '否认发热,梅毒RPR 1:16',
    '否认药物过敏，长期服用拉米夫定片',
    '否认服用恩替卡韦',
    '否认外伤手术，HIV抗体检测待回报',
    '否认胸痛，近期服用氯氮平',
    '否认心脏病，既往人工流产2次',
    '无症状HIV感染史',
    '行无痛人流术',
    'Denies chest pain, on Biktarvy',
    'Denies chest pain, takes methadone daily',
    'Denies fever and takes tenofovir/emtricitabine for HIV',
    'Denies chest pain, HIV',
    'No history of falls, HIV positive',
    'Denies nausea, vomiting, HIV on treatment or other illness',
  ])('a result or a turn hides: %s', (line) => expect(labelText(line, cn).hidden).toBe(true))
})
