import { expect, test } from 'vitest'
import { openApi } from '../server/platform/openapi.ts'
import { startGateway } from './support/gateway.ts'
import { contractRoutes, missingRoutes, unruledRoutes } from './support/house/routes.ts'
import { stores } from './support/stores.ts'

const exempt = {
  'GET /healthz': 'says only that the process lives',
  'GET /readyz': 'says only that the store answers',
  'GET /openapi.json': 'public description',
  'POST /ingest/token': "gives a client its token; refusals of clients are the proxy log's",
  'POST /ingest/fhir': 'records are brought in: each batch is an event of its transaction',
  'GET /demo/people': 'demo only, nobody is real',
  'GET /demo/outbox': 'demo only, nobody is real',
}

test('[AU-1] every route that the gateway really has is one of the contract, with its audit rule', async () => {
  const { store, drop } = await stores[0]!.make()
  try {
    const { app } = await startGateway(store, { demo: true })
    await app.ready()
    const registered = registeredRoutes(app.printRoutes({ commonPrefix: false }))
    expect(registered.length).toBeGreaterThan(15)
    expect(unruledRoutes(registered, await contractRoutes(), exempt)).toEqual([])
    expect(missingRoutes(registered, await contractRoutes())).toEqual([])
    await app.close()
  } finally {
    await drop()
  }
})

/** Fastify prints a tree: names indented by level, methods in brackets. */
function registeredRoutes(tree: string): { method: string; path: string }[] {
  const at: string[] = []
  return tree.split('\n').flatMap((line) => {
    const found = /^((?:│ {3}| {4})*)(?:├── |└── )(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (!found) return []
    const depth = (found[1] as string).length / 4
    at.length = depth
    at.push(found[2] as string)
    const path = at.join('')
    return (found[3] ?? '')
      .split(', ')
      .filter((method) => method !== '')
      .map((method) => ({ method, path }))
  })
}

test('the description names every route of the contract', async () => {
  for (const { route } of await contractRoutes()) {
    expect(openApi.paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()], route.path).toBeDefined()
  }
})
