import * as v from 'valibot'

/** 128 bits, keyed, as 22 characters of base64url: the only kind of id a patient ever sees. */
export const PublicId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/))
/** RFC 3339 instant in UTC with milliseconds. */
export const Instant = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/))
/** Calendar day in the hospital's zone. */
export const Day = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d$/))
/** Opaque to clients; bound to the list and the person it was made for. */
export const Cursor = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,256}$/))
/** Whose data: a public id, or `self`. */
export const Subject = v.union([v.literal('self'), PublicId])
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Free text typed by a person: no control or bidi-override characters, bounded, at least one visible character. */
export const typed = (max: number) =>
  v.pipe(
    v.string(),
    v.maxLength(max),
    v.check((text) => !/[\p{Cc}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u.test(text.replace(/[\n\t]/g, ''))),
    v.trim(),
    v.minLength(1),
  )

/** GB/T 39725 data categories and levels (1 open .. 5 very few people). */
export const Category = v.picklist([
  'personal-attributes',
  'health-status',
  'medical-application',
  'medical-payment',
  'health-resources',
  'public-health',
])
export const Level = v.picklist([1, 2, 3, 4, 5])

export type CategoryCode = v.InferOutput<typeof Category>
export type LevelCode = v.InferOutput<typeof Level>
