import fc from 'fast-check'
import { expect, test } from 'vitest'
import { htmlText } from './compose-markup.ts'
import { splitText, textsOf } from './compose-text.ts'
import { readValue } from './compose-value.ts'

test('a report is cut at its own headings', () => {
  expect(splitText('检查所见：两肺纹理清晰。\n诊断意见：未见异常。', 'findings')).toEqual([
    { heading: 'findings', text: '两肺纹理清晰。' },
    { heading: 'conclusion', text: '未见异常。' },
  ])
  expect(splitText('女，30岁\n【超声所见】\n肝脏大小正常\n【超声提示】脂肪肝', 'note').map(({ heading }) => heading)).toEqual([
    'note',
    'findings',
    'conclusion',
  ])
  expect(splitText('检查所见：结节。诊断意见：随访。', 'note')).toEqual([
    { heading: 'findings', text: '结节。' },
    { heading: 'conclusion', text: '随访。' },
  ])
  expect(splitText('FINDINGS:\nClear.\n\nIMPRESSION: Normal.', 'note')).toEqual([
    { heading: 'findings', text: 'Clear.' },
    { heading: 'conclusion', text: 'Normal.' },
  ])
  expect(splitText('患者诊断明确，印象良好', 'conclusion')).toEqual([{ heading: 'conclusion', text: '患者诊断明确，印象良好' }])
})

test('HTML becomes its words', () => {
  const html =
    '<html><head><style>p{}</style></head><body><p>血压&nbsp;&lt;140&#x2F;90</p><!-- x --><script>alert(1)</script><table><tr><td>a</td><td>b</td></tr></table><br/>末</body></html>'
  expect(htmlText(html)).toBe('血压 <140/90\na b\n末')
  expect(htmlText('<p>unfinished <img src=x onerror=')).toBe('unfinished')
})

test('less-than in prose stays, markup goes even in halves', () => {
  expect(splitText('若 a<b 且 c>d，<b>复查</b>', 'note')[0]?.text).toBe('若 a<b 且 c>d，复查')
  expect(splitText('<scr<script>ipt>x</script>', 'note')[0]?.text).toBe('x')
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('<', '>', '/', 'script', 'b', ' ', '&lt;', '&gt;', 'img src=x', '\n', '<p>'), { maxLength: 30 }),
      (parts) => {
        for (const text of [...splitText(parts.join(''), 'note'), ...splitText(htmlText(parts.join('')), 'note')]) {
          expect(text.text).not.toMatch(/<\/?(script|img)([\s/][^<>]*)?>|<\/?[bp]\s*>/)
        }
      },
    ),
  )
})

test('attachments in UTF-8, in GB 18030 said or unsaid, and none from what is no text', () => {
  const form = (bytes: Buffer, contentType: string) =>
    textsOf(
      { resourceType: 'DiagnosticReport', code: {}, presentedForm: [{ contentType, data: bytes.toString('base64') }] },
      'imaging',
    ).map(({ text }) => text)
  const gb = Buffer.from([0xd5, 0xfd, 0xb3, 0xa3])
  expect(form(Buffer.from('正常'), 'text/plain')).toEqual(['正常'])
  expect(form(gb, 'text/plain')).toEqual(['正常'])
  expect(form(gb, 'text/plain; charset=GBK')).toEqual(['正常'])
  expect(form(gb, 'text/plain; charset=nonsense')).toEqual(['正常'])
  expect(form(Buffer.from('<p>正常</p>'), 'text/html; charset=utf-8')).toEqual(['正常'])
  expect(form(Buffer.from('%PDF'), 'application/pdf')).toEqual([])
})

test('the same text is said once', () => {
  const container = {
    resourceType: 'DiagnosticReport',
    code: {},
    conclusion: '正常',
    presentedForm: [{ contentType: 'text/plain', data: Buffer.from('诊断意见：正常').toString('base64') }],
  }
  expect(textsOf(container, 'imaging')).toEqual([{ heading: 'conclusion', text: '正常' }])
})

test.each(['<br', '<p a=b ', '<', '<b x="', '<!--', '<script', '&#', ' ', '\n ', '. ', '检查所见', '</script ', '\u202e'])(
  'a megabyte of %j takes no minute',
  (piece) => {
    const text = piece.repeat(Math.floor(1_000_000 / piece.length))
    const started = performance.now()
    for (const hostile of [`${text}x`, text + '>'.repeat(500_000)]) {
      splitText(htmlText(hostile), 'note')
      splitText(hostile, 'note')
      readValue({ valueString: hostile }, 'Asia/Shanghai')
    }
    expect(performance.now() - started).toBeLessThan(5000)
  },
)
