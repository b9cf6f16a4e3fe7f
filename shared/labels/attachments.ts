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
  const name = contentType.toLowerCase()
  const charset = /charset="?([\w.:-]{2,40})/.exec(name)?.[1] ?? ''
  const type = sniff(name, title, bytes)
  const text = readAs(type, bytes, charset)
  const said = declared(name)
  // What calls itself text is shown as text, whatever its first bytes say.
  if (said === undefined || said === type || text === undefined) return text
  const also = readAs(said, bytes, charset)
  return also === undefined ? undefined : `${text}\n${also}`
}

function readAs(type: Kind, bytes: Uint8Array, charset: string): string | undefined {
  if (type === 'pdf') return readPdf(bytes)
  if (type === undefined) return undefined
  const text = decode(bytes, type === 'rtf' ? 'windows-1252' : charset)
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
function sniff(name: string, title: string, bytes: Uint8Array): Kind {
  const head = String.fromCharCode(...bytes.subarray(0, 64)).trimStart()
  if (head.startsWith('%PDF')) return 'pdf'
  if (head.startsWith('{\\rtf')) return 'rtf'
  if (name.includes('pdf')) return 'pdf'
  if (name.includes('rtf')) return 'rtf'
  if (name.includes('html') || /^<(!doctype html|html)/i.test(head)) return 'html'
  if (name.includes('xml') || head.startsWith('<?xml')) return 'xml'
  if (name.includes('json')) return 'json'
  if (name.startsWith('text/')) return 'text'
  if (name !== '' && name !== 'application/octet-stream') return undefined
  return /\.(txt|md|csv)$/i.test(title) || looksLikeText(bytes) ? 'text' : undefined
}

function declared(name: string): Kind {
  const type = name.split(';', 1)[0]!.trim()
  return /html/.test(type) ? 'html' : /^text\/(plain|markdown)$/.test(type) ? 'text' : undefined
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
    // Broken, or nested too deep to parse.
    return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
}
