/**
 * The closed list of refusals: code -> HTTP status. Answers carry them as RFC 9457 problem documents;
 * the sentences ("what happened", "what to do") are the keys `error.<code>` and `error.<code>.do` of en.json.
 */
export const errorStatus = {
  malformed: 400,
  'cursor-invalid': 400,
  'not-signed-in': 401,
  'session-ended': 401,
  'sign-in-refused': 401,
  'ingest-unauthorised': 401,
  'cross-site': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'too-slow': 408,
  'too-large': 413,
  'unsupported-media': 415,
  'field-invalid': 422,
  'code-refused': 422,
  'password-weak': 422,
  'too-many': 429,
  internal: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof errorStatus

/** RFC 9457 problem document. `fields` names what to mend; `reasons` are further closed codes; `retryAfter` is in seconds. */
export interface Problem {
  type: `urn:zhiqing:problem:${ErrorCode}`
  code: ErrorCode
  status: number
  title: string
  detail: string
  fields?: string[]
  reasons?: string[]
  retryAfter?: number
}

/** An expected refusal, as a value. */
export interface Refusal {
  readonly refused: ErrorCode
  readonly fields?: string[]
  readonly reasons?: string[]
  readonly retryAfter?: number
}

export const refuse = (refused: ErrorCode, more: Omit<Refusal, 'refused'> = {}): Refusal => ({ refused, ...more })

export const isRefusal = (value: unknown): value is Refusal => typeof value === 'object' && value !== null && 'refused' in value

export const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(errorStatus, value)
