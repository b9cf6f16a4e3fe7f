const entities = new Map<string, string>(
  Object.entries({
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    deg: '°',
    micro: 'µ',
    plusmn: '±',
    times: '×',
    le: '≤',
    ge: '≥',
    middot: '·',
    ndash: '–',
    mdash: '—',
    hellip: '…',
  }),
)

/** The words of an HTML text, blocks on lines of their own. */
export function htmlText(html: string): string {
  const bare = html
    .replace(/<!--[\s\S]*?(-->|$)/g, '')
    .replace(/<(script|style|head|template|title)\b[\s\S]*?(<\/\1\s*>|$)/gi, '')
    .replace(/\s+/g, ' ')
    .replace(
      /<(br|hr)\b[^<>]*>|<\/?(p|div|li|ul|ol|tr|table|h[1-6]|section|article|pre|blockquote|dt|dd|caption)\b[^<>]*>/gi,
      '\n',
    )
    .replace(/<\/?t[dh]\b[^<>]*>/gi, ' ')
    .replace(/<[a-z/!?][^>]*(>|$)/gi, '')
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => entityText(name) ?? whole)
  return bare
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
}

function entityText(name: string): string | undefined {
  if (!name.startsWith('#')) return entities.get(name.toLowerCase())
  const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : ''
}

const attribute = String.raw`[a-z:@-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']+)`
const longTags =
  'abbr|area|article|audio|base|big|blockquote|body|br|button|canvas|center|code|col|dd|div|dl|dt|em|embed|font|footer|form|frame|h[1-6]|head|header|hr|html|iframe|img|input|label|li|link|main|math|meta|nav|object|ol|option|param|pre|script|section|select|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|tt|ul|video'
/** Tags by name, and those of one letter only bare or with attributes in form, so that `a<b, c>d` in plain prose stays. */
const tag = new RegExp(String.raw`</?(?:(?:${longTags})(?:[\s/][^<>]*)?|[abipqsu](?:\s+${attribute})*\s*/?)>`, 'gi')

/** Hospitals write markup into plain fields. Removing a tag may join the halves of another, so this is done over again. */
export function withoutMarkup(text: string): string {
  let before = text
  for (let turn = 0; turn < 4; turn++) {
    if (!before.includes('<')) return before
    const after = before.replace(tag, (found) => (/^<(\/?(p|div|tr|li)|br)\b/i.test(found) ? '\n' : ''))
    if (after === before) return after
    before = after
  }
  // Nobody writes five layers by mistake.
  return before.replaceAll('<', '')
}
