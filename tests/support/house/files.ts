import { type Breach, isCode, lineAt, nodesOf, type Source } from './source.ts'

/** Files that need more than 300 lines, each with its reason. */
export const longFiles: Record<string, string> = {}

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(ts|tsx|css)$/
const emptyNames = /(^|[-./])(utils?|helpers?|managers?|common|misc)([-./]|$)/

export function nameBreaches({ path }: Source): Breach[] {
  if (!isCode(path) && !path.endsWith('.css')) return []
  const says = !kebab.test(path.split('/').at(-1)!)
    ? 'file names are kebab-case'
    : emptyNames.test(path)
      ? 'a name must say what is inside'
      : undefined
  return says ? [{ path, line: 1, says }] : []
}

export function sizeBreaches({ path, text }: Source): Breach[] {
  const lines = text.split('\n').length - 1
  if (lines <= 300 || path in longFiles || !(isCode(path) || path.endsWith('.css'))) return []
  return [{ path, line: 301, says: `${lines} lines: split it by idea, or give its reason in tests/support/house/files.ts` }]
}

/** Spelled in pieces, so that this file does not name them either. */
const workplace = [['', 'work', ''].join('/'), ['.', 'library'].join(''), ['farm', ''].join('-')]

/** The repository stands by itself: no path of the machine it was written on. */
export function workplaceBreaches(source: Source): Breach[] {
  if (source.path === 'package-lock.json') return []
  return workplace.flatMap((name) => {
    const at = source.text.search(new RegExp(`(?<![\\w.])${name.replace('.', '\\.')}`))
    return at < 0
      ? []
      : [{ path: source.path, line: lineAt(source, at), says: `names ${name}, which exists on one machine only` }]
  })
}

const words = (value: unknown) => typeof value === 'string' && value.trim().length > 3
const testNames = new Set(['test', 'it', 'describe', 'suite'])

/**
 * `.only` hides every other test. A skip says why where the reader of the report sees it: `context.skip(condition, 'why')`,
 * Playwright's `test.skip(condition, 'why')`, or, for `skipIf` and `runIf`, a title that ends in `(needs ...)`.
 */
export function testBreaches(source: Source): Breach[] {
  if (!isCode(source.path) || !/\.(test|spec)\.tsx?$/.test(source.path)) return []
  const breaches: Breach[] = []
  const add = (start: number, says: string) => breaches.push({ path: source.path, line: lineAt(source, start), says })
  for (const [node, around] of nodesOf(source)) {
    if (node.type !== 'MemberExpression') continue
    const name = (node.property as { name?: string }).name
    const base = rootName(node)
    if (name === 'only' && testNames.has(base)) add(node.start, '.only hides every other test')
    const call = around.at(-1)
    if (call?.type !== 'CallExpression' || call.callee !== node || !name) continue
    const given = (call.arguments as { type: string; value?: unknown }[]).map(sayable)
    if (name === 'todo' && testNames.has(base)) add(node.start, 'a test to be written is not a test')
    if (
      /^(skip|fixme)$/.test(name) &&
      (testNames.has(base) || /^(context|ctx|t|task)$/.test(base)) &&
      !skipSaysWhy(call.arguments as { type: string }[], given)
    ) {
      add(node.start, 'a skip without a reason')
    }
    if (/^(skipIf|runIf)$/.test(name)) {
      const outer = around.at(-2)
      const title = outer?.type === 'CallExpression' ? sayable((outer.arguments as { type: string }[])[0]) : undefined
      if (!title || !/\((needs|without) .+\)$/.test(title)) add(node.start, `${name}: the title must end in "(needs ...)"`)
    }
  }
  return breaches
}

function rootName(node: unknown): string {
  const { type, object, name } = node as { type: string; object?: unknown; name?: string }
  return type === 'MemberExpression' ? rootName(object) : (name ?? '')
}

/** A string, the fixed parts of a template, or '<computed>' for a name that holds the reason. */
function sayable(argument: { type: string; value?: unknown } | undefined): string | undefined {
  if (!argument) return undefined
  if (argument.type === 'Literal') return typeof argument.value === 'string' ? argument.value : undefined
  if (argument.type === 'TemplateLiteral') {
    return (argument as unknown as { quasis: { value: { cooked: string } }[] }).quasis.map((part) => part.value.cooked).join('…')
  }
  return /^(Identifier|MemberExpression|ConditionalExpression|LogicalExpression)$/.test(argument.type) ? '<computed>' : undefined
}

/** `skip('why')` inside a test, or `skip(condition, 'why')`; `skip('title', () => ...)` switches a test off for good. */
function skipSaysWhy(written: { type: string }[], given: (string | undefined)[]): boolean {
  const kinds = written.map((one) => one.type)
  if (kinds.some((kind) => kind.endsWith('FunctionExpression')) && kinds[0] === 'Literal') return false
  return given.length > 0 && words(given.at(-1))
}
