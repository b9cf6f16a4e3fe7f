import r4 from '../../server/records/import/r4.json' with { type: 'json' }
import type { FhirResource } from '../../shared/contract/fhir.ts'

const hostile = [
  '',
  ' ',
  'NaN',
  '-0',
  '<script>alert(1)</script>',
  '阳性',
  '3.5-9.5',
  '↑',
  'H',
  'male',
  'a\u202e',
  '检查所见：<b>x</b>',
  '__proto__',
  'constructor',
  '5.6',
  'text/html',
]
export const dates = ['2026', '2026-02', '2024-02-29', '1850-01-01T00:00:00+14:00', '2100-12-31T23:59:60.999999999-13:59']
const shapes = r4.types as Record<string, string>

/** Any resource that R4's definitions allow, from a stream of choices. */
export function build(type: string, choose: (most: number) => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[choose(list.length)]!
  if (type === 'boolean') return choose(2) === 1
  if (type === 'decimal') return pick([0, -0, 1, 5.6, -3, 1e308, -1e308, 5e-324, Number.MAX_SAFE_INTEGER])
  if (['integer', 'positiveInt', 'unsignedInt'].includes(type)) return 1 + choose(9)
  if (type === 'date') return pick(dates.slice(0, 3))
  if (type === 'dateTime') return pick(dates)
  if (type === 'instant') return pick(dates.slice(3))
  if (type === 'time') return '08:30:00'
  if (type === 'id') return pick(['a', 'b', 'c'])
  if (type === 'base64Binary') return Buffer.from(pick(hostile)).toString('base64')
  if (type === 'Resource') return build(pick(['Observation', 'Medication']), choose, depth - 1)
  if (type === 'Reference')
    return { reference: pick(['Observation/a', 'Observation/b', '#c', 'Organization/1']), display: pick(hostile).trim() || 'x' }
  const text = shapes[type]
  if (text === undefined) return pick(['final', ...hostile]).trim() || 'x'
  const result: Record<string, unknown> = type.includes('.') || !r4.stored.includes(type) ? {} : { resourceType: type }
  for (const element of text.split(' ')) {
    const [name = '', kinds = ''] = element.replace(/[!*+]/g, '').split(':')
    const required = /[!+]/.test(element)
    if (!required && (depth <= 0 || choose(3) === 0)) continue
    const kind = kinds === '' ? 'string' : pick(kinds.split('|'))
    const key = name.endsWith('[x]') ? name.slice(0, -3) + kind[0]!.toUpperCase() + kind.slice(1) : name
    const value = () => build(kind, choose, depth - 1)
    result[key] = /[^:][*+]$/.test(element) ? Array.from({ length: 1 + choose(2) }, value) : value()
  }
  return result
}

/** A resource of R4's definitions, drawn from a number. */
export function shapedResource(type: string, seed: number, depth: number): FhirResource {
  let state = seed
  const choose = (most: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % most
  }
  return build(type, choose, depth) as FhirResource
}
