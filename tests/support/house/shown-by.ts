import { type Node, nodesOf, type Source } from './source.ts'

export interface ShownBy {
  id: string
  file: string
  title: string
}

/**
 * The requirement ids in the titles of a test file: any call whose first argument is a text with `[VW-2]`, so that a wrapper that runs a
 * test on both stores counts. A test that is switched off (`skip`, `todo`, `fixme`) shows nothing.
 */
export function shownBy(source: Source): ShownBy[] {
  if (!/\.(test|spec)\.tsx?$/.test(source.path) || !/\[[A-Z]+-\d+\]/.test(source.text)) return []
  const found: ShownBy[] = []
  for (const [node] of nodesOf(source)) {
    if (node.type !== 'CallExpression' || /\.(skip|todo|fixme)$/.test(textOf(source, node.callee as Node))) continue
    const title = titleOf((node.arguments as Node[])[0])
    for (const [, id] of title.matchAll(/\[([A-Z]+-\d+)\]/g)) found.push({ id: id!, file: source.path, title })
  }
  return found
}

const textOf = (source: Source, node: Node) => source.text.slice(node.start, node.end)

function titleOf(argument: Node | undefined): string {
  if (argument?.type === 'Literal' && typeof argument.value === 'string') return argument.value
  if (argument?.type !== 'TemplateLiteral') return ''
  return (argument.quasis as { value: { cooked: string | null } }[]).map((part) => part.value.cooked ?? '').join('…')
}
