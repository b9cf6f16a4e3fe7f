import { openXml, stripMarkup, stripRtf } from './markup.ts'
import { readPdf } from './pdf.ts'

/** Web standards that Node, browsers and extensions share; the compiler's library without DOM does not list them. */
const web = globalThis as unknown as {
  atob(base64: string): string
  TextDecoder: new (label: string, options?: { fatal?: boolean }) => { decode(bytes: Uint8Array): string }
}

/** Base64 characters; a larger attachment is not judged but counts as unreadable. */
const largest = 28_000_000

/** The text of a base64 attachment, '' where there is none to read, undefined where it cannot be read (then it is hidden). */
export function readAttachment(contentType: string, data: string, title = ''): string | undefined {
  if (data === '') return ''
  if (data.length > largest) return undefined
  const bytes = fromBase64(data)
  if (bytes === undefined) return undefined
  const { type, charset } = sniff(contentType, title, bytes)
  if (type === 'pdf') return readPdf(bytes)
  if (type === undefined) return undefined
  const text = decode(bytes, charset)
  if (text === undefined) return undefined
  if (type === 'html') return stripMarkup(text)
  if (type === 'xml') return openXml(text)
  if (type === 'rtf')
    return stripRtf(
      text,
      (part, codePage) => decode(part, codePage === '936' ? 'gb18030' : codePage === '950' ? 'big5' : 'windows-1252') ?? ' ',
    )
  return type === 'json' ? openJson(text) : text
}

function fromBase64(data: string): Uint8Array | undefined {
  try {
    const binary = web.atob(data.replace(/[\s]/g, '').replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = new Uint8Array(binary.length)
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
    return bytes
  } catch {
    return undefined
  }
}

type Kind = 'text' | 'html' | 'xml' | 'json' | 'rtf' | 'pdf' | undefined

/** By what the bytes begin with before what the sender calls them. */
function sniff(contentType: string, title: string, bytes: Uint8Array): { type: Kind; charset: string } {
  const head = String.fromCharCode(...bytes.subarray(0, 64)).trimStart()
  const name = contentType.toLowerCase()
  const charset = /charset="?([\w-]{2,20})/.exec(name)?.[1] ?? ''
  if (head.startsWith('%PDF')) return { type: 'pdf', charset }
  if (head.startsWith('{\\rtf')) return { type: 'rtf', charset: 'windows-1252' }
  if (name.includes('pdf')) return { type: 'pdf', charset }
  if (name.includes('rtf')) return { type: 'rtf', charset: 'windows-1252' }
  if (name.includes('html') || /^<(!doctype html|html)/i.test(head)) return { type: 'html', charset }
  if (name.includes('xml') || head.startsWith('<?xml')) return { type: 'xml', charset }
  if (name.includes('json')) return { type: 'json', charset }
  if (name.startsWith('text/')) return { type: 'text', charset }
  if (name !== '' && name !== 'application/octet-stream') return { type: undefined, charset }
  return { type: /\.(txt|md|csv)$/i.test(title) || looksLikeText(bytes) ? 'text' : undefined, charset }
}

const looksLikeText = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, 4096).every((byte) => byte > 31 || byte === 9 || byte === 10 || byte === 13)

/** UTF-8 unless it is not; then the code pages of Chinese systems. */
function decode(bytes: Uint8Array, charset: string): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return tryDecode(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return tryDecode(bytes, 'utf-16be')
  return (
    (charset ? tryDecode(bytes, charset) : undefined) ??
    tryDecode(bytes, 'utf-8') ??
    tryDecode(bytes, 'gb18030') ??
    tryDecode(bytes, 'big5')
  )
}

function tryDecode(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new web.TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Escapes undone; keys count as well as values. */
function openJson(text: string): string {
  try {
    const parts: string[] = []
    JSON.parse(text, (key: string, value: unknown) => {
      parts.push(key)
      if (typeof value === 'string') parts.push(value)
      return value
    })
    return parts.join('\n')
  } catch {
    return text
  }
}
