import { describe, expect, it } from 'vitest'
import type { FhirResource } from '../../shared/contract/fhir.ts'
import { sensitiveClasses } from '../../shared/policy/profile.ts'
import { windowStart } from './hospitals/draft.ts'
import { disguiseNames } from './hospitals/sensitive.ts'
import { generatePair } from './hospitals.ts'

const now = new Date('2026-05-31T07:30:00Z')
const seeds = Array.from({ length: 24 }, (_, seed) => seed)
const pairs = seeds.map((seed) => generatePair(seed, now))

const unpacked = (sent: FhirResource[]): FhirResource[] =>
  sent.flatMap((one) =>
    one.resourceType === 'Bundle' ? (one.entry as { resource: FhirResource }[]).map((entry) => entry.resource) : [one],
  )
const nameOf = (resource: FhirResource) => `${resource.resourceType}/${resource.id}`
const target = (reference: string) =>
  reference
    .replace('urn:uuid:', '/')
    .replace(/\/_history\/1$/u, '')
    .split('/')
    .at(-1) ?? ''

/** A record as it is where the hidden ones never were: what refers to one of them is cut. */
function cut(value: unknown, hidden: Set<string>): unknown {
  const refers = (one: unknown): boolean =>
    typeof one === 'object' &&
    one !== null &&
    Object.values(one).some((inner) => (typeof inner === 'string' ? hidden.has(target(inner)) : refers(inner)))
  if (Array.isArray(value)) return value.filter((one) => !refers(one)).map((one) => cut(one, hidden))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, cut(inner, hidden)] as const)
      .filter(
        ([key, inner]) => !(Array.isArray(inner) && inner.length === 0 && Array.isArray((value as Record<string, unknown>)[key])),
      ),
  )
}

describe('generated pairs', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(generatePair(3, now)).toEqual(pairs[3])
    expect(new Set(pairs.map((pair) => pair.patient.reference)).size).toBe(seeds.length)
    expect(new Set(pairs.map((pair) => JSON.stringify(pair.without))).size).toBe(seeds.length)
  })

  it('[VW-3] differ by the sensitive records and the references to them, and by nothing else', () => {
    for (const pair of pairs) {
      const hidden = new Set(pair.sensitiveRefs)
      const ids = new Set(pair.sensitiveRefs.map(target))
      const whole = unpacked(pair.with)
      const ordinary = whole.filter((one) => !hidden.has(nameOf(one)))
      expect(ordinary.map(nameOf)).toEqual(unpacked(pair.without).map(nameOf))
      expect(ordinary.map((one) => cut(one, ids))).toEqual(unpacked(pair.without).map((one) => cut(one, ids)))
      expect(whole.length - ordinary.length).toBe(hidden.size)
      expect(hidden.size).toBeGreaterThan(12)
      const text = JSON.stringify(pair.without)
      for (const id of ids) expect(text).not.toContain(id)
    }
  })

  it('hold every class in each, and every disguise between them', () => {
    for (const pair of pairs)
      expect([...new Set(pair.because.map((one) => one.about))].sort()).toEqual([...sensitiveClasses, 'unknown'].sort())
    const disguises = new Set(pairs.flatMap((pair) => pair.because.map((one) => one.disguise)))
    expect([...disguises].sort()).toEqual([...disguiseNames].sort())
  })

  it('name every record once and refer to nothing that is not sent', () => {
    for (const pair of pairs)
      for (const sent of [pair.with, pair.without]) {
        const all = unpacked(sent)
        const ids = new Set(all.map((one) => one.id ?? ''))
        expect(ids.size).toBe(all.length)
        const references = [...JSON.stringify(all).matchAll(/"reference":"([^#"][^"]*)"/gu)].map((match) => match[1] ?? '')
        expect(references.filter((reference) => !ids.has(target(reference)))).toEqual([])
      }
  })

  it('touch ordinary records, so that there are references to cut', () => {
    const touched = pairs.filter((pair) => {
      const ids = pair.sensitiveRefs.map(target)
      const hidden = new Set(pair.sensitiveRefs)
      const visible = JSON.stringify(unpacked(pair.with).filter((one) => !hidden.has(nameOf(one))))
      return ids.some((id) => visible.includes(id))
    })
    expect(touched.length).toBeGreaterThan(seeds.length / 2)
  })

  it('fall on both sides of the window, on its edge, and on shared instants', () => {
    const start = windowStart(now)
    expect(new Date(start).toISOString()).toBe('2026-02-27T16:00:00.000Z')
    const times = pairs.map((pair) =>
      unpacked(pair.without).flatMap((one) => {
        const at = one.effectiveDateTime ?? one.authoredOn
        return typeof at === 'string' && at.length > 10 ? [Date.parse(at)] : []
      }),
    )
    for (const one of times) {
      expect(one.some((time) => time < start)).toBe(true)
      expect(one.some((time) => time >= start)).toBe(true)
      expect(Math.max(...one)).toBeLessThan(now.getTime())
      expect(new Set(one).size).toBeLessThan(one.length)
    }
    expect(times.flat()).toContain(start)
    expect(times.flat()).toContain(start - 1000)
  })

  it('come in several shapes, with members before and after their reports', () => {
    const shapes = new Set(pairs.flatMap((pair) => pair.with.map((one) => (one.resourceType === 'Bundle' ? one.type : 'bare'))))
    expect([...shapes].sort()).toEqual(['bare', 'batch', 'collection', 'searchset', 'transaction'])
    const orders = pairs.flatMap((pair) => {
      const all = unpacked(pair.without)
      const place = new Map(all.map((one, index) => [one.id ?? '', index]))
      return all.flatMap((one, index) =>
        one.resourceType === 'DiagnosticReport' && Array.isArray(one.result)
          ? (one.result as { reference: string }[]).map(({ reference }) => (place.get(target(reference)) ?? 0) < index)
          : [],
      )
    })
    expect(new Set(orders).size).toBe(2)
  })
})
