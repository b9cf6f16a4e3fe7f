import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { type Breach, isCode, isProduct, isTest, lineAt, type Node, nodesOf, parse, type Source } from './source.ts'

interface Import {
  from: string
  /** Path from the root for a relative import, else the package or `node:` name as written; null when it is computed at run time. */
  to: string | null
  relative: boolean
  line: number
}

/** Small pure libraries that `shared` may use. A new one needs: no DOM, no Node, no eval, and a place in all three programs. */
export const sharedPackages = ['valibot', 'i18next', 'opencc-js']

/** Imports whose target is computed at run time go round every rule here; each needs its reason. */
export const computedImports: Record<string, string> = {}

/** Where features meet: these put the program together and may import anything of it. */
const compositionRoots =
  /^(pwa\/(app|main)\.tsx|server\/(app|main|open|control|cli)\.ts|server\/commands\/.+|server\/demo\/.+|extension\/(background|manifest)\.ts)$/
const commonGround: Record<string, string[]> = {
  pwa: ['ui', 'platform'],
  server: ['evidence', 'identity', 'platform'],
  extension: ['platform', 'policy'],
}
/** The one door through which a record leaves; and what lies behind it. */
const release = 'server/records/release.ts'
const recordStore = 'server/records/store.ts'

export function importsOf(source: Source): Import[] {
  const found: [string | null, number][] = []
  const { module } = parse(source)
  for (const one of module.staticImports) found.push([one.moduleRequest.value, one.start])
  for (const one of module.staticExports) {
    const request = one.entries.find((entry) => entry.moduleRequest)?.moduleRequest
    if (request) found.push([request.value, one.start])
  }
  for (const [node] of nodesOf(source)) {
    if (node.type !== 'ImportExpression' && node.type !== 'TSImportType') continue
    const target = node.source as Node
    found.push([typeof target.value === 'string' ? target.value : null, node.start])
  }
  return found.map(([name, start]) => ({
    from: source.path,
    to: name?.startsWith('.') ? posix.join(posix.dirname(source.path), name.replace(/\?.*$/, '')) : name,
    relative: name?.startsWith('.') ?? false,
    line: lineAt(source, start),
  }))
}

const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

/** The folder of a program that a file stands in; '' for a file at its top. */
const featureOf = (path: string) => (path.split('/').length > 2 ? path.split('/')[1]! : '')

function judge({ from, to, relative }: Import): string | undefined {
  if (to === null) return from in computedImports ? undefined : 'imports a computed path, which no rule can follow'
  const area = from.split('/')[0]!
  if (!relative) {
    if (area === 'shared' && !sharedPackages.includes(packageOf(to))) return `shared is pure: it may not import ${to}`
    if (area !== 'server' && isBuiltin(to)) return `${area} runs in a browser: it may not import ${to}`
    return undefined
  }
  if (!/^(shared|server|pwa|extension|tests)\//.test(to)) {
    return area === 'server' && to === 'package.json' ? undefined : `${to} belongs to none of the programs`
  }
  if (isTest(to)) return `product code imports test code (${to})`
  const target = to.split('/')[0]!
  if (target === 'shared') return undefined
  if (target !== area) return `${area} may not import ${target} (${to})`
  if (compositionRoots.test(from)) return undefined
  if (to === recordStore && featureOf(from) !== 'records')
    return `only server/records reads its store; records leave through ${release}`
  const [here, there] = [featureOf(from), featureOf(to)]
  if (here === there || to === release || commonGround[area]!.includes(there)) {
    const ground = commonGround[area]!.includes(here)
    return ground && to === release ? `${from} lies below ${release}` : undefined
  }
  return `${area}/${here || '(top)'} may not import ${to}: a feature uses ${commonGround[area]!.join(', ')}, shared and itself`
}

export function importBreaches(source: Source): Breach[] {
  if (!isProduct(source.path)) return []
  return importsOf(source).flatMap((one) => {
    const says = judge(one)
    return says ? [{ path: one.from, line: one.line, says }] : []
  })
}

/** Circles among files, each told once. Type imports count: a circle of types is one idea in two files. */
export function cycleBreaches(sources: Source[]): Breach[] {
  const files = sources.filter((source) => isCode(source.path) && !isTest(source.path))
  const edges = new Map(files.map((source) => [source.path, importsOf(source)]))
  const done = new Set<string>()
  const breaches: Breach[] = []
  const visit = (path: string, trail: string[]) => {
    if (done.has(path)) return
    for (const { to, line } of edges.get(path) ?? []) {
      const at = to === null ? -1 : [...trail, path].indexOf(to)
      if (at >= 0) breaches.push({ path, line, says: `imports in a circle: ${[...trail, path].slice(at).join(' -> ')} -> ${to}` })
      else if (to !== null && edges.has(to)) visit(to, [...trail, path])
    }
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return breaches
}

/** A barrel hides where things live and drags whole features along; the contract is the one exception. */
export function barrelBreaches(source: Source): Breach[] {
  if (!isProduct(source.path) || source.path.startsWith('shared/contract/')) return []
  const body = parse(source).program.body as unknown as Node[]
  const passedOn = body.filter(
    (node) => node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node.source),
  )
  const all = passedOn.find((node) => node.type === 'ExportAllDeclaration')
  if (all) return [{ path: source.path, line: lineAt(source, all.start), says: 'export * makes a barrel' }]
  if (passedOn.length > 0 && passedOn.length === body.length)
    return [{ path: source.path, line: 1, says: 'a file of re-exports is a barrel' }]
  return []
}
