import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import * as accessLog from '../../shared/contract/access-log.ts'
import { errorStatus } from '../../shared/contract/errors.ts'
import * as person from '../../shared/contract/person.ts'
import * as reports from '../../shared/contract/reports.ts'
import type { Route } from '../../shared/contract/route.ts'
import * as session from '../../shared/contract/session.ts'

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'path' in value && 'reply' in value && 'audit' in value

/** Every route of the contract. */
export const contractRoutes: Route[] = [session, reports, person, accessLog].flatMap((module) =>
  Object.values(module as Record<string, unknown>).filter(isRoute),
)

const schemaOf = (schema: GenericSchema) => {
  const { $schema: _, ...rest } = toJsonSchema(schema, { errorMode: 'ignore' })
  return rest
}

const parameters = (place: 'path' | 'query', schema: GenericSchema | undefined) => {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema) as { properties?: Record<string, object>; required?: string[] }
  return Object.entries(properties).map(([name, inner]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: inner,
  }))
}

function operationOf(route: Route) {
  const problem = {
    description: 'RFC 9457 problem document',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return {
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } } : {}),
    ...(route.access === 'signed-in' ? { security: [{ session: [] }] } : {}),
    responses: {
      [route.status ?? 200]: { description: 'done', content: { 'application/json': { schema: schemaOf(route.reply) } } },
      '4XX': problem,
      '5XX': problem,
    },
  }
}

const paths: Record<string, Record<string, object>> = {}
for (const route of contractRoutes) {
  const path = route.path.replace(/:(\w+)/g, '{$1}')
  paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
}

/** OpenAPI 3.1 of the routes of our clients, printed from the contract. */
export const openApi = {
  openapi: '3.1.0',
  info: { title: 'Zhiqing gateway', version: '1' },
  paths,
  components: {
    securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: '__Host-zhiqing' } },
    schemas: {
      Problem: {
        type: 'object',
        required: ['type', 'code', 'status', 'title', 'detail'],
        properties: {
          type: { type: 'string' },
          code: { enum: Object.keys(errorStatus) },
          status: { type: 'integer' },
          title: { type: 'string' },
          detail: { type: 'string' },
          fields: { type: 'array', items: { type: 'string' } },
          reasons: { type: 'array', items: { type: 'string' } },
          retryAfter: { type: 'integer' },
        },
      },
    },
  },
}
