/** Tags that end a line or a cell; all others stand within words. */
const blocks = new Set(
  (
    'address article aside blockquote body br caption center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 ' +
    'head header hr html iframe img input li main nav object ol option p pre script section select style summary table tbody ' +
    'td template textarea tfoot th thead title tr ul video'
  ).split(' '),
)
const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/**
 * Text of HTML or XHTML. A tag within a word leaves no gap (乙<b>型</b>肝炎), a block ends the line. Comments and the words
 * that attributes show (alt, title) stay: they are bytes that would leave the house.
 */
export function stripMarkup(markup: string): string {
  const parts: string[] = []
  let at = 0
  while (at < markup.length) {
    const open = markup.indexOf('<', at)
    if (open === -1) break
    parts.push(markup.slice(at, open))
    const close = markup.indexOf('>', open)
    if (close === -1) {
      at = open
      break
    }
    const tag = markup.slice(open + 1, Math.min(close, open + 2000))
    const name = /^\/?([a-zA-Z][a-zA-Z0-9]{0,11})/.exec(tag)?.[1] ?? ''
    parts.push(blocks.has(name.toLowerCase()) ? '\n' : '\u00ad')
    if (tag.startsWith('!--') || tag.includes('alt=') || tag.includes('title=')) parts.push(tag, '\n')
    at = close + 1
  }
  parts.push(markup.slice(at))
  return unescapeMarkup(parts.join(''))
}

/** XML keeps its attributes: clinical documents say `displayName="..."` there. */
export function openXml(xml: string): string {
  return unescapeMarkup(xml.replace(/[<>="/]/g, '\n'))
}

function unescapeMarkup(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|[a-z]{2,6});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)
    return code <= 0x10ffff ? String.fromCodePoint(code) : ' '
  })
}

/** Text of RTF: `\uN`, `\'hh` in the document's code page, control words dropped. */
export function stripRtf(rtf: string, decode: (bytes: Uint8Array, codePage: string) => string): string {
  const codePage = /\\ansicpg(\d{3,5})/.exec(rtf.slice(0, 2000))?.[1] ?? '1252'
  const token = /\\u(-?\d{1,6})\??|((?:\\'[0-9a-fA-F]{2})+)|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])|\r?\n/g
  return rtf.replace(token, (_, unicode?: string, bytes?: string, word?: string, _n?: string, sign?: string) => {
    if (unicode !== undefined) return String.fromCharCode(Number(unicode) & 0xffff)
    if (bytes !== undefined)
      return decode(
        Uint8Array.from(bytes.slice(2).split("\\'"), (hex) => Number.parseInt(hex, 16)),
        codePage,
      )
    if (word !== undefined) return word === 'par' || word === 'line' || word === 'tab' ? '\n' : ''
    return sign && '\\{}'.includes(sign) ? sign : ''
  })
}
