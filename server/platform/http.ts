import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as v from 'valibot'
import { isRefusal, type Refusal, refuse } from '../../shared/contract/errors.ts'
import type { Route } from '../../shared/contract/route.ts'
import { problemOf } from './problem.ts'
import { pickLanguage } from './words.ts'

type Output<S> = S extends v.GenericSchema ? v.InferOutput<S> : undefined
type Part<R extends Route, Name extends 'params' | 'query' | 'body'> = R extends { [K in Name]: infer S } ? Output<S> : undefined

export interface Call<R extends Route> {
  params: Part<R, 'params'>
  query: Part<R, 'query'>
  body: Part<R, 'body'>
  request: FastifyRequest
  reply: FastifyReply
}

/** Reply text that was checked against the contract when it was made, such as a released record. */
export class CheckedText {
  readonly text: string | Buffer
  constructor(text: string | Buffer) {
    this.text = text
  }
}

type Answer<R extends Route> = v.InferInput<R['reply']> | CheckedText | Refusal

/** Judges callers before a route's own work, and puts on record what is refused before it. */
export interface Gate {
  judge(request: FastifyRequest, route: Route): Promise<Refusal | null>
  record(request: FastifyRequest, route: Route, refusal: Refusal): Promise<void>
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal, pickLanguage(request.headers['accept-language']))
  if (refusal.retryAfter !== undefined) reply.header('retry-after', String(refusal.retryAfter))
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}

/** Registers one route of the contract: gate, validation, work, declared fields only. */
export function serveRoute<const R extends Route>(
  app: FastifyInstance,
  gate: Gate,
  definition: R,
  handler: (call: Call<R>) => Promise<Answer<R>>,
): void {
  const { method, path: url, params, query, body, reply: replySchema, status = 200 } = definition
  app.route({
    method,
    url,
    config: { contract: definition },
    handler: async (request, reply) => {
      const refuseWith = async (refusal: Refusal) => {
        await gate.record(request, definition, refusal)
        return sendProblem(request, reply, refusal)
      }
      const refused = await gate.judge(request, definition)
      if (refused) return refuseWith(refused)
      const input = { params: undefined, query: undefined, body: undefined } as Record<'params' | 'query' | 'body', unknown>
      if (params) {
        const parsed = v.safeParse(params, request.params)
        // An id of another form is no other answer than an id that is not there.
        if (!parsed.success) return refuseWith(refuse('not-found'))
        input.params = parsed.output
      }
      if (query) {
        const parsed = v.safeParse(query, request.query)
        if (!parsed.success) return refuseWith(fieldsOf(parsed.issues))
        input.query = parsed.output
      }
      if (body) {
        const parsed = v.safeParse(body, request.body)
        if (!parsed.success) return refuseWith(fieldsOf(parsed.issues))
        input.body = parsed.output
      }
      // Refusals of the work itself are recorded by it, in its own transaction where there is one.
      const answer = await handler({ ...input, request, reply } as unknown as Call<R>)
      if (isRefusal(answer)) return sendProblem(request, reply, answer)
      const text = answer instanceof CheckedText ? answer.text : JSON.stringify(v.parse(replySchema, answer))
      return reply.code(status).header('cache-control', 'no-store').type('application/json; charset=utf-8').send(text)
    },
  })
}

function fieldsOf(issues: readonly v.BaseIssue<unknown>[]): Refusal {
  const fields = [...new Set(issues.map((issue) => v.getDotPath(issue)?.split('.')[0]).filter((name) => name !== undefined))]
  if (fields.length === 0) return refuse('malformed')
  return fields.includes('cursor') ? refuse('cursor-invalid') : refuse('field-invalid', { fields })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    contract?: Route
  }
}
