import { Buffer } from 'node:buffer'
import type { ReportDetail } from '../../shared/contract/reports.ts'
import type { Attachment, Container } from './compose-fhir.ts'
import { htmlText, withoutMarkup } from './compose-markup.ts'
import { manyLines, nameOf } from './compose-words.ts'

type Text = ReportDetail['texts'][number]
type Heading = Text['heading']

const longestText = 100_000

const findings =
  '检查所见|检查描述|影像所见|影像表现|超声所见|镜下所见|内镜所见|肉眼所见|大体所见|所见|檢查所見|影像所見|超聲所見|鏡下所見|findings?|description'
const conclusion =
  '诊断意见|诊断印象|影像诊断|超声诊断|超声提示|病理诊断|检查结论|检查提示|诊断结论|诊断|印象|结论|提示|意见|診斷意見|診斷印象|影像診斷|超聲提示|病理診斷|診斷|結論|impressions?|conclusions?|diagnos(?:is|es)|assessment'
const heading = new RegExp(
  String.raw`(^|[\n。；;.])[ \t]*(?:[【\[](?:(${findings})|(${conclusion}))[】\]][ \t]*[:：]?|(?:(${findings})|(${conclusion}))(?:[ \t]*[:：]|[ \t]*(?=\n)))`,
  'giu',
)

/** Cuts a report's text at its own headings; what stands before the first is under `first`. */
export function splitText(text: string, first: Heading): Text[] {
  const parts: Text[] = []
  const add = (under: Heading, part: string) => {
    const plain = manyLines(part, longestText)
    if (plain !== '') parts.push({ heading: under, text: plain })
  }
  let under = first
  let from = 0
  const source = withoutMarkup(text.replace(/\r\n?/g, '\n'))
  for (const found of source.matchAll(heading)) {
    add(under, source.slice(from, found.index + found[1]!.length))
    under = (found[2] ?? found[4]) === undefined ? 'conclusion' : 'findings'
    from = found.index + found[0].length
  }
  add(under, source.slice(from))
  return parts
}

/** All that a container says in prose, in reading order and without repetition. */
export function textsOf(container: Container, kind: ReportDetail['kind']): Text[] {
  const described = kind === 'imaging' || kind === 'pathology'
  const body: Heading = described ? 'findings' : 'note'
  const isReport = container.resourceType === 'DiagnosticReport'
  const attachments = isReport
    ? (container.presentedForm ?? [])
    : (container.content ?? []).map(({ attachment }) => attachment ?? {})
  const notes = container.resourceType === 'Observation' ? [] : (container.note ?? [])
  const series = (container.series ?? []).map(({ modality, bodySite, description }) =>
    [modality?.display ?? modality?.code, bodySite?.display, description].filter((part) => part !== undefined).join(' · '),
  )
  const texts = [
    ...attachments.flatMap((attachment) => splitText(attachedText(attachment), body)),
    ...splitText(isReport || container.resourceType === 'ImagingStudy' ? '' : (container.description ?? ''), 'note'),
    ...(container.resourceType === 'ImagingStudy' ? splitText(container.description ?? '', 'findings') : []),
    ...splitText([...new Set(series)].join('\n'), 'note'),
    ...splitText(container.conclusion ?? '', 'conclusion'),
    ...splitText(container.conclusion === undefined ? (container.conclusionCode ?? []).map(nameOf).join('\n') : '', 'conclusion'),
    ...notes.flatMap((note) => splitText(note.text ?? '', 'note')),
  ]
  return [...new Map(texts.map((text) => [`${text.heading} ${text.text}`, text])).values()]
}

/** A narrative is mostly the same again: it is read only where there is nothing else. */
export function narrativeOf(container: Container): Text[] {
  const { status, div } = container.text ?? {}
  return div === undefined || status === 'empty' ? [] : splitText(htmlText(div), 'note')
}

/** Text of an attachment that is text; empty for pictures, PDF and what lies elsewhere. */
function attachedText({ contentType, data }: Attachment): string {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  if (data === undefined || !/^(text\/(plain|html|markdown)|application\/xhtml\+xml)\s*$/.test(type)) return ''
  const charset = parameters.join(';').match(/charset="?([\w.:-]+)/)?.[1]
  const text = decoded(Buffer.from(data, 'base64'), charset)
  return type.includes('html') ? htmlText(text) : text
}

/** Chinese systems send GB 18030 without saying so. */
function decoded(bytes: Uint8Array, charset: string | undefined): string {
  for (const encoding of [charset, 'utf-8', 'gb18030']) {
    if (encoding === undefined) continue
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {}
  }
  return new TextDecoder('utf-8').decode(bytes)
}
