import { errorStatus, type Problem, type Refusal } from '../../shared/contract/errors.ts'
import type { LanguageCode } from '../../shared/contract/session.ts'
import { problemSentences } from './words.ts'

/** RFC 9457: the one mapping from a refusal to an HTTP answer, and to sentences that say what to do. */
export function problemOf(refusal: Refusal, language: LanguageCode): Problem {
  const { refused: code, fields, reasons, retryAfter } = refusal
  const { title, detail } = problemSentences(language, code)
  return {
    type: `urn:zhiqing:problem:${code}`,
    code,
    status: errorStatus[code],
    title,
    detail,
    ...(fields === undefined ? {} : { fields }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

/** What a thrown fault is to the caller. Faults of input that Fastify finds keep their 4xx; a lost store is 503; the rest 500. */
export function refusalOf(error: unknown): Refusal {
  const { statusCode, code } = error as { statusCode?: number; code?: string }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413) return { refused: 'too-large' }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415) return { refused: 'unsupported-media' }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return { refused: 'malformed' }
  if (statusCode === 503 || code === 'ZQ_OTHER_RULES' || isStoreLost(error)) return { refused: 'unavailable', retryAfter: 5 }
  return { refused: 'internal' }
}

/** The store cannot be reached, went away in mid-answer, or did not answer in time. */
function isStoreLost(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|ENOENT|08|57P|53|57014|25P03)/.test(code)) return true
  return (
    typeof message === 'string' &&
    /connection terminated|timeout exceeded when trying to connect|not queryable|client was closed|cannot use a pool after/i.test(
      message,
    )
  )
}
