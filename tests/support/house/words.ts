import { type Breach, isProduct, lineAt, type Node, nodesOf, type Source } from './source.ts'

/** Files whose Chinese is data, not words on a screen: each with its reason. A name ending in `/` or `*` stands for all that begins so. */
export const chineseIsData: Record<string, string> = {
  'server/demo/': 'invented people and their records',
  'server/records/items*': 'names of laboratory items as hospitals write them, to recognise them by',
  'server/records/compose*': 'words of hospital documents that are composed from FHIR, in the language of the record',
  'shared/labels/': 'terms that make a result sensitive',
  'shared/identifiers/': 'surnames, address words and field names that betray a person',
}

const isListed = (path: string, list: Record<string, string>) =>
  Object.keys(list).some((name) => (/[/*]$/.test(name) ? path.startsWith(name.replace(/\*$/, '')) : path === name))

/** Words on a screen are keys of en.json, so no literal of the code is Chinese. Comments may quote the law. */
export function chineseBreaches(source: Source): Breach[] {
  if (!isProduct(source.path) || isListed(source.path, chineseIsData)) return []
  const breaches: Breach[] = []
  for (const [node] of nodesOf(source)) {
    const words = wordsOf(node)
    if (words && /\p{Script=Han}/u.test(words)) {
      breaches.push({
        path: source.path,
        line: lineAt(source, node.start),
        says: `Chinese text in code: ${words.trim().slice(0, 40)}`,
      })
    }
  }
  return breaches
}

function wordsOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : node.regex ? String(node.raw) : undefined
  if (node.type === 'JSXText') return String(node.value)
  if (node.type === 'TemplateElement') return (node.value as { cooked: string | null }).cooked ?? undefined
  return undefined
}

const spoken =
  /^(placeholder|title|alt|label|summary|aria-(label|description|placeholder|roledescription|valuetext|braillelabel))$/

/** Text that a person would read or hear, written into JSX: as child, as `{'child'}`, or in a spoken attribute. */
export function spokenBreaches(source: Source): Breach[] {
  if (!isProduct(source.path) || !/^(pwa|extension)\//.test(source.path)) return []
  const breaches: Breach[] = []
  for (const [node, around] of nodesOf(source)) {
    const words = wordsOf(node)
    if (!words || !/\p{L}/u.test(words) || !isShown(node, around)) continue
    breaches.push({
      path: source.path,
      line: lineAt(source, node.start),
      says: `text on screen must be a key: ${words.trim().slice(0, 40)}`,
    })
  }
  return breaches
}

/** Through `cond ? 'a' : 'b'`, `x ?? 'a'`, `x && 'a'` and templates, up to the JSX that shows it. */
function isShown(node: Node, around: readonly Node[]): boolean {
  if (node.type === 'JSXText') return true
  let child = node
  for (const parent of around.toReversed()) {
    if (parent.type === 'JSXAttribute') return spoken.test(attributeName(parent))
    if (parent.type === 'JSXElement' || parent.type === 'JSXFragment') return true
    const passesOn =
      parent.type === 'JSXExpressionContainer' ||
      parent.type === 'TemplateLiteral' ||
      parent.type === 'LogicalExpression' ||
      (parent.type === 'BinaryExpression' && parent.operator === '+') ||
      (parent.type === 'ConditionalExpression' && parent.test !== child)
    if (!passesOn) return false
    child = parent
  }
  return false
}

const attributeName = (attribute: Node) => {
  const name = attribute.name as Node
  return typeof name.name === 'string' ? name.name : ''
}
