import type { GenericSchema } from 'valibot'

/** Who may call a route. `signed-in` is a patient's session; `ingest` a client-credential token; `open` anyone. */
export type RouteAccess = 'open' | 'signed-in' | 'ingest'

/** One route of the contract: the gateway validates with it, the client calls by it, OpenAPI is printed from it. */
export interface Route {
  method: 'GET' | 'POST'
  /** Path with `:name` parameters. */
  path: string
  access: RouteAccess
  /** The audit operation of this route, or why it writes none. */
  audit: string | { none: string }
  params?: GenericSchema
  query?: GenericSchema
  body?: GenericSchema
  reply: GenericSchema
  status?: 200 | 202
}

export const route = <const R extends Route>(definition: R): R => definition
