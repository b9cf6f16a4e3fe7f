import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'vite'

/** A file of this repository: path from its root with `/`, and its text. */
export interface Source {
  path: string
  text: string
}

export interface Breach {
  path: string
  line: number
  says: string
}

export interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

export const root = join(import.meta.dirname, '../../..')

const text = /(\.(ts|tsx|js|mjs|css|html|json|md|sql|svg|webmanifest|txt|yml|yaml|sh|toml)|^\.[a-z]+|\/run)$/

/** Every text file that is or would be tracked: a walk, because a checkout may come without git. `.gitignore` names plain folders only. */
export function readHouse(): Source[] {
  const ignored = new Set(
    readFileSync(join(root, '.gitignore'), 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('/'))
      .map((line) => line.slice(0, -1)),
  )
  const found: Source[] = []
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.name === '.git' || ignored.has(entry.name)) continue
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile() && text.test(path)) found.push({ path, text: readFileSync(join(root, path), 'utf8') })
    }
  }
  visit('')
  return found
}

export const isCode = (path: string) => /\.tsx?$/.test(path)
/** Tests and what only tests use: free of the import rules, because they look at the house from outside. */
export const isTest = (path: string) => path.startsWith('tests/') || /\.(test|spec|bench)\.tsx?$/.test(path)
export const isProduct = (path: string) => isCode(path) && /^(shared|server|pwa|extension)\//.test(path) && !isTest(path)

export const lineAt = (source: Source, offset: number) => source.text.slice(0, offset).split('\n').length

const trees = new WeakMap<Source, ReturnType<typeof parseSync>>()

export function parse(source: Source) {
  const known = trees.get(source)
  if (known) return known
  const tree = parseSync(source.path, source.text)
  const [error] = tree.errors
  if (error) throw new Error(`${source.path} does not parse: ${error.message}`)
  trees.set(source, tree)
  return tree
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value

/** Every node of a file with the nodes around it, innermost last. */
export function* nodesOf(source: Source): Generator<[Node, readonly Node[]]> {
  function* below(node: Node, around: readonly Node[]): Generator<[Node, readonly Node[]]> {
    yield [node, around]
    const inner = [...around, node]
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* below(child, inner)
    }
  }
  yield* below(parse(source).program as unknown as Node, [])
}
