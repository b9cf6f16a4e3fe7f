import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FhirResource } from '../contract/fhir.ts'
import { findProfile } from '../policy/profile.ts'
import { isContainerKind, labelKind, labelResource, labelText, rulesVersion } from './label.ts'

const cn = findProfile('CN')!
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
const observation = (text: string): FhirResource => ({ resourceType: 'Observation', code: { text } })

describe('[VW-3] a record is judged by its own content', () => {
  const known = { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin' }] }
  const hides = (more: object, resourceType = 'DiagnosticReport') => labelResource({ resourceType, code: known, ...more }, cn)

  it('shows an ordinary one and one with a bare common LOINC code', () => {
    expect(hides({})).toMatchObject({ hidden: false, classes: [], because: [] })
    expect(
      labelResource({ resourceType: 'Observation', code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] } }, cn)
        .hidden,
    ).toBe(false)
  })

  it('reads narrative, value, note, tags and contained resources, and says where', () => {
    expect(hides({ text: { div: '<div>乙<b>型</b>肝炎</div>' } }).because[0]).toMatchObject({
      at: 'text.div',
      rule: 'term:HEPATITIS',
    })
    expect(hides({ conclusion: 'HIV-1 detected' }).classes).toEqual(['HIV'])
    expect(hides({ note: [{ text: '梅毒' }] }).because[0]?.at).toBe('note[0].text')
    expect(hides({ meta: { security: [{ code: 'ETH' }] } })).toMatchObject({ classes: ['SUBSTANCE'], hidden: true })
    expect(hides({ meta: { security: [{ code: 'R' }] } })).toMatchObject({ classes: [], unknown: false, hidden: true })
    expect(hides({ contained: [{ resourceType: 'Observation', code: { text: 'HIV Ab' } }] }).classes).toEqual(['HIV'])
  })

  it('reads attachments of every text kind', () => {
    const attach = (contentType: string, data: string | Uint8Array) =>
      hides({ presentedForm: [{ contentType, data: base64(data) }] })
    expect(attach('text/plain', '肿瘤标志物').proxies).toEqual(['TUMOUR'])
    expect(attach('text/plain', Uint8Array.from([0xc3, 0xb7, 0xb6, 0xbe])).classes).toEqual(['STD'])
    expect(attach('text/html', '<p>HI<b>V</b> &#x9633;性</p>').classes).toEqual(['HIV'])
    expect(attach('application/xml', '<c><code displayName="Schizophrenia"/></c>').classes).toEqual(['MENTAL'])
    expect(attach('application/json', '{"a":"\\u6885\\u6bd2"}').classes).toEqual(['STD'])
    expect(attach('application/rtf', "{\\rtf1\\ansicpg936 \\'c3\\'b7\\'b6\\'be}").classes).toEqual(['STD'])
    expect(attach('application/rtf', '{\\rtf1 \\u26757?\\u27602?}').classes).toEqual(['STD'])
    expect(attach('image/jpeg', '....')).toMatchObject({ unknown: true, hidden: true })
    expect(hides({ presentedForm: [{ contentType: 'text/plain', data: '*' }] }).unknown).toBe(true)
  })

  it('reads the text that a PDF shows, and hides what it cannot read', () => {
    const pdf = (content: string, filter = true) => {
      const body = filter ? deflateSync(Buffer.from(content)) : Buffer.from(content)
      const head = `%PDF-1.4\n1 0 obj\n<</Length ${body.length}${filter ? '/Filter/FlateDecode' : ''}>>\nstream\n`
      return Buffer.concat([Buffer.from(head), body, Buffer.from('\nendstream\nendobj\n')])
    }
    const read = (bytes: Uint8Array) => hides({ presentedForm: [{ contentType: 'application/pdf', data: base64(bytes) }] })
    expect(read(pdf('BT (Chest film: lungs are clear) Tj ET')).hidden).toBe(false)
    expect(read(pdf('BT [(Hepa)-20(titis B surface antigen)] TJ ET')).classes).toEqual(['HEPATITIS'])
    expect(read(pdf('BT (Syphilis serology) Tj ET', false)).classes).toEqual(['STD'])
    const map = pdf('2 beginbfchar <0001> <6885> <0002> <6BD2> endbfchar')
    const shown = pdf('BT <00010002> Tj <0001000200010002> Tj ET')
    expect(read(Buffer.concat([map, shown])).classes).toEqual(['STD'])
    expect(read(Buffer.from('%PDF-1.4 scan'))).toMatchObject({ unknown: true, hidden: true })
  })

  it('gives up on a PDF made to be slow, and hides it', () => {
    const stream = (content: string) => `1 0 obj <<>>\nstream\n${content}\nendstream\n`
    const wide = Array.from(
      { length: 290 },
      (_, i) => `<${(i + 16).toString(16).padStart(4, '0')}0000> <${(i + 16).toString(16).padStart(4, '0')}FFFF> <0041>`,
    )
    const bombs = [
      stream(`1 beginbfrange\n${wide.join('\n')}\nendbfrange`),
      'stream\nx\nendstream\n'.repeat(200_000),
      stream(`1 beginbfrange ${'<00><01>['.repeat(200_000)} endbfrange`),
      stream(`1 beginbfchar <41> <${'0041'.repeat(16)}> endbfchar`) + stream(`BT (${'A'.repeat(3999)}) Tj ET\n`.repeat(200)),
      stream('('.repeat(1_000_000)),
      stream('<'.repeat(1_000_000)),
    ]
    for (const bomb of bombs) {
      const started = performance.now()
      const data = base64(Buffer.from(`%PDF-1.4\n${bomb}`, 'latin1'))
      expect(hides({ presentedForm: [{ contentType: 'application/pdf', data }] })).toMatchObject({ unknown: true, hidden: true })
      expect(performance.now() - started, bomb.slice(0, 60)).toBeLessThan(5_000)
    }
  })

  it('is not touched by what it merely points to, but by its department and drug', () => {
    expect(hides({ result: [{ reference: 'Observation/1', display: 'HIV Ab' }] }).hidden).toBe(false)
    expect(hides({ subject: { reference: 'Patient/1', display: '梅毒' } }).hidden).toBe(false)
    expect(hides({ performer: [{ reference: 'Organization/1', display: '精神科' }] }).classes).toEqual(['MENTAL'])
    const prescription: FhirResource = { resourceType: 'MedicationRequest', medicationReference: { reference: 'Medication/1' } }
    expect(labelResource(prescription, cn)).toMatchObject({ unknown: true })
    const drug = (text: string): FhirResource => ({ resourceType: 'Medication', code: { text } })
    expect(labelResource(prescription, cn, [drug('阿莫西林')])).toMatchObject({ unknown: false, hidden: false })
    expect(labelResource(prescription, cn, [drug('艾诺韦林')])).toMatchObject({ proxies: ['HIV'], hidden: true })
  })

  it('judges a container by its kind, not by its findings', () => {
    const visit: FhirResource = { resourceType: 'Encounter', serviceType: { text: '精神科' }, class: { code: 'AMB' } }
    expect(labelKind(visit, cn).classes).toEqual(['MENTAL'])
    const panel: FhirResource = { resourceType: 'DiagnosticReport', code: { text: '血常规' }, conclusion: 'HIV' }
    expect(labelKind(panel, cn).hidden).toBe(false)
    expect(labelResource(panel, cn).hidden).toBe(true)
    expect([isContainerKind(visit), isContainerKind(observation('血常规'))]).toEqual([true, false])
  })

  it('hides an unknown local code and reads the mainland drug code', () => {
    const local = (code: string, display?: string) =>
      labelResource(
        {
          resourceType: 'MedicationRequest',
          medicationCodeableConcept: { coding: [{ system: 'urn:his:drug', code, ...(display ? { display } : {}) }] },
        },
        cn,
      )
    expect(local('LX-0001')).toMatchObject({ unknown: true, hidden: true })
    expect(local('XC09AAL001A001')).toMatchObject({ unknown: false, hidden: false })
    expect(local('XJ05ARL001A001')).toMatchObject({ proxies: ['HIV'], hidden: true })
    expect(local('LX-0001', '阿莫西林')).toMatchObject({ unknown: false, hidden: false })
  })
})

describe('[VW-3] properties', () => {
  const terms = ['艾滋病', '乙型肝炎', '梅毒', '染色体', '白血病', '精神分裂症', '妊娠', '吸毒', '后天免疫缺乏']
  const toWide = (text: string) => text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))
  const between = fc.constantFrom('', ' ', '\u3000', '\u200b', '-', '（')

  it('finds a term in any width, with blanks and brackets between, in any sentence', () => {
    fc.assert(
      fc.property(fc.constantFrom(...terms), between, fc.constantFrom('', '患者', '查：'), (term, gap, before) => {
        expect(labelText(before + [...term].join(gap), cn).hidden).toBe(true)
      }),
    )
    for (const term of ['HIV', 'HBsAg', 'TPPA', 'hcg', 'schizophrenia'])
      expect(labelText(toWide(`${term} 1`), cn).hidden, term).toBe(true)
    for (const term of ['愛滋病', '後天免疫缺乏', '惡性腫瘤', '憂鬱症', '產檢', '戒斷'])
      expect(labelText(term, cn).unknown, term).toBe(false)
  })

  it('depends on nothing but the record itself', () => {
    const alone = JSON.stringify(labelResource(observation('血红蛋白'), cn))
    for (const text of [...terms, 'XYZ']) labelResource(observation(text), cn)
    expect(JSON.stringify(labelResource(observation('血红蛋白'), cn))).toBe(alone)
  })

  it('never throws on odd JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom('Observation', 'Encounter', 'Claim', 'Binary', 'Nonsense'),
        (junk, resourceType) => {
          const odd = {
            resourceType,
            code: junk,
            meta: junk,
            contained: junk,
            text: junk,
            content: [junk, { attachment: { data: junk } }],
          }
          expect(typeof labelResource(odd as unknown as FhirResource, cn).hidden).toBe('boolean')
        },
      ),
    )
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void labelText(`${text}\ud800`, cn)))
    let deep: unknown = 'HIV'
    for (let i = 0; i < 5000; i++) deep = { a: [deep] }
    expect(labelResource({ resourceType: 'Observation', code: { text: '血糖' }, extension: deep }, cn).hidden).toBe(true)
  })

  it('takes bounded time on 200 KB, whatever is in it', () => {
    const hostile = [
      '1 '.repeat(100_000),
      '否认肝炎、'.repeat(40_000),
      'a'.repeat(200_000),
      '<'.repeat(200_000),
      '(['.repeat(100_000),
      '艾'.repeat(200_000),
      '基因'.repeat(100_000),
    ]
    for (const text of hostile) {
      const started = performance.now()
      labelText(text, cn)
      labelResource({ resourceType: 'Observation', text: { div: text }, code: { text: '血糖' } }, cn)
      expect(performance.now() - started, text.slice(0, 6)).toBeLessThan(10_000)
    }
  })

  it('names its rules so that a change relabels', () => expect(rulesVersion).toMatch(/^[0-9a-f]{16}$/))
})
