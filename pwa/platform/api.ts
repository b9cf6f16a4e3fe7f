import { type InferInput, type InferOutput, safeParse } from 'valibot'
import { type ErrorCode, isErrorCode } from '../../shared/contract/errors.ts'
import type { Route } from '../../shared/contract/route.ts'
import { epoch } from './memory.ts'

/** `offline`: no answer came. `unexpected`: an answer came that the contract does not know. */
export type FailureCode = ErrorCode | 'offline' | 'unexpected'
export interface Failure {
  code: FailureCode
  fields: string[]
  reasons: string[]
  /** Seconds. */
  retryAfter: number | null
}
export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure }

type Part<R extends Route, Name extends 'params' | 'query' | 'body'> =
  R[Name] extends NonNullable<Route[Name]> ? InferInput<R[Name]> : undefined
export interface Input<R extends Route> {
  params?: Part<R, 'params'>
  query?: Part<R, 'query'>
  body?: Part<R, 'body'>
}

/** Milliseconds after which an answer is not waited for any longer. */
export const patience = 25_000
let sessionLost: (code: ErrorCode) => void = () => undefined
let heard: () => void = () => undefined
let ready: (route: Route) => Promise<boolean> = async () => true

/**
 * Called once by the session: on an answer that says nobody is signed in any more, on every other answer, and before
 * each request, which is not sent unless it is ready.
 */
export function watchAnswers(
  lost: (code: ErrorCode) => void,
  answered: () => void,
  mayAsk: (route: Route) => Promise<boolean>,
): void {
  sessionLost = lost
  heard = answered
  ready = mayAsk
}

/** One call of the contract. Expected refusals and a missing network come back as values. */
export async function call<R extends Route>(route: R, input: Input<R> = {}): Promise<Outcome<InferOutput<R['reply']>>> {
  const asked = epoch()
  const answer = (await ready(route)) && (await send(route, input))
  if (!answer) return failed('offline')
  const { response, body } = answer
  if (response.ok) {
    heard()
    const parsed = safeParse(route.reply, body)
    return parsed.success ? { ok: true, value: parsed.output as InferOutput<R['reply']> } : failed('unexpected')
  }
  const problem = (body ?? {}) as Partial<Failure>
  if (!isErrorCode(problem.code)) return failed(response.status >= 500 ? 'unavailable' : 'unexpected')
  // Said of the one who asked; somebody else may be here by now.
  if (asked === epoch() && isOver(problem.code)) sessionLost(problem.code)
  return failed(problem.code, {
    fields: problem.fields ?? [],
    reasons: problem.reasons ?? [],
    retryAfter: problem.retryAfter ?? null,
  })
}

/** The gateway says that nobody is signed in. */
export const isOver = (code: FailureCode): boolean => code === 'not-signed-in' || code === 'session-ended'

function failed(code: FailureCode, more: Partial<Failure> = {}): { ok: false; failure: Failure } {
  return { ok: false, failure: { code, fields: [], reasons: [], retryAfter: null, ...more } }
}

interface Answer {
  response: Response
  body: unknown
}

async function send<R extends Route>(route: R, { params, query, body }: Input<R>): Promise<Answer | null> {
  const values = (params ?? {}) as Record<string, string>
  let url = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
  const pairs = Object.entries((query ?? {}) as Record<string, string | undefined>).filter(
    (pair): pair is [string, string] => !!pair[1],
  )
  if (pairs.length > 0) url += `?${new URLSearchParams(pairs)}`

  const { answers } = window.zhiqing
  const early = answers.get(url)
  answers.delete(url)
  const timer = new AbortController()
  const timeout = setTimeout(() => timer.abort(), patience)
  // The signal cannot end what `early.ts` asked for, so the waiting ends by itself.
  const gaveUp = new Promise<never>((_, reject) => timer.signal.addEventListener('abort', reject))
  const request: RequestInit = { method: route.method, cache: 'no-store', signal: timer.signal }
  if (route.method === 'POST') {
    request.headers = { 'content-type': 'application/json' }
    request.body = JSON.stringify(body ?? {})
  }
  try {
    const response = await Promise.race([early && route.method === 'GET' ? early : fetch(url, request), gaveUp])
    return { response, body: await Promise.race([response.json().catch(() => undefined), gaveUp]) }
  } catch {
    // It rejects only when no answer came: no network, no gateway, or our patience ended.
    return null
  } finally {
    clearTimeout(timeout)
  }
}
