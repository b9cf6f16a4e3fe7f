import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Route } from '../../../shared/contract/route.ts'
import { root } from './source.ts'

export interface ContractRoute {
  /** `file: export`, for the message. */
  from: string
  route: Route
}

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Route).method === 'string' &&
  typeof (value as Route).path === 'string'

/** Every route that a module of shared/contract exports. */
export async function contractRoutes(): Promise<ContractRoute[]> {
  const folder = join(root, 'shared/contract')
  const found: ContractRoute[] = []
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const module: Record<string, unknown> = await import(pathToFileURL(join(folder, name)).href)
    for (const [key, value] of Object.entries(module)) if (isRoute(value)) found.push({ from: `${name}: ${key}`, route: value })
  }
  return found
}

const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`

/** What is wrong with the contract's own routes: no audit rule, no reply schema, an address used twice. */
export function contractBreaches(routes: ContractRoute[]): string[] {
  const seen = new Map<string, string>()
  return routes.flatMap(({ from, route }) => {
    const says: string[] = []
    const { audit } = route
    if (!(typeof audit === 'string' ? audit.trim() : audit?.none?.trim())) says.push(`${from} has no audit rule`)
    if (typeof audit === 'string' && !/^[a-z]+(-[a-z]+)*$/.test(audit)) says.push(`${from}: "${audit}" is no audit operation`)
    if (typeof route.reply !== 'object' || route.reply === null || !('~standard' in route.reply))
      says.push(`${from} has no reply schema`)
    if (/:\w/.test(route.path) && !route.params) says.push(`${from} does not check its path parameters`)
    const name = nameOf(route).replace(/:\w+/g, ':')
    if (seen.has(name)) says.push(`${from} and ${seen.get(name)} share ${nameOf(route)}`)
    seen.set(name, from)
    return says
  })
}

/**
 * Routes that an application registered and the contract does not know: nothing says what they audit or reply.
 * `exempt` maps "METHOD /path" to the reason (health, static files). HEAD belongs to its GET.
 */
export function unruledRoutes(
  registered: { method: string; path: string }[],
  routes: ContractRoute[],
  exempt: Record<string, string>,
): string[] {
  const ruled = new Set(routes.map(({ route }) => nameOf(route)))
  return registered
    .map(({ method, path }) => nameOf({ method: method === 'HEAD' ? 'GET' : method, path }))
    .filter((name) => !ruled.has(name) && !exempt[name])
}

/** Routes of the contract that an application forgot. */
export function missingRoutes(registered: { method: string; path: string }[], routes: ContractRoute[]): string[] {
  const there = new Set(registered.map(nameOf))
  return routes.map(({ route }) => nameOf(route)).filter((name) => !there.has(name))
}
