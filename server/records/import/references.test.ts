import { expect, test } from 'vitest'
import type { FhirResource } from '../../../shared/contract/fhir.ts'
import { isBase, referencesOf, resolveReferences } from './references.ts'

const entry = (resource: FhirResource, fullUrl: string | null = null, path = 'entry[0].resource') => ({ path, fullUrl, resource })
const uuid = 'urn:uuid:0c5b1d3e-0000-4000-8000-000000000001'
const pat = entry({ resourceType: 'Patient', id: 'p', identifier: [{ system: 'urn:mrn', value: '7|1' }] }, uuid)
const resolve = (reference: string, more: ReturnType<typeof entry>[] = []) => {
  const observation = entry({ resourceType: 'Observation', id: 'o', subject: { reference } })
  const { entries } = resolveReferences([pat, ...more, observation], { bundle: true })
  return (entries.at(-1)!.resource.subject as { reference: string }).reference
}

test.each([
  [uuid, 'Patient/p'],
  [uuid.toUpperCase().replace('URN:UUID', 'urn:uuid'), 'Patient/p'],
  ['Patient/p', 'Patient/p'],
  ['Patient/p/_history/3', 'Patient/p'],
  ['https://other.example/fhir/Patient/p', 'https://other.example/fhir/Patient/p'],
  ['https://other.example/fhir/Patient/9/_history/2', 'https://other.example/fhir/Patient/9/_history/2'],
  ['http://x/base', 'http://x/base'],
  ['urn:uuid:unknown', 'urn:uuid:unknown'],
  ['#inside', '#inside'],
  ['Patient?identifier=urn:mrn|7%7C1', 'Patient/p'],
  ['Patient?identifier=urn:mrn|8', 'Patient?identifier=urn:mrn|8'],
])('%s becomes %s', (from, to) => {
  expect(resolve(from)).toBe(to)
})

test('a conditional reference that two entries answer stays', () => {
  const twin = entry({ resourceType: 'Patient', id: 'q', identifier: [{ system: 'urn:mrn', value: '7|1' }] })
  expect(resolve('Patient?identifier=urn:mrn|7|1', [twin])).toBe('Patient?identifier=urn:mrn|7|1')
})

test('an absolute address of an entry wins over its own form', () => {
  const other = entry({ resourceType: 'Patient', id: 'real' }, 'http://host/Patient/alias')
  expect(resolve('http://host/Patient/alias', [other])).toBe('Patient/real')
})

const about = (reference: string, fullUrl: string | null, bases: string[] = [], bundle = true) => {
  const observation = entry({ resourceType: 'Observation', id: 'o', subject: { reference } }, fullUrl)
  const { entries } = resolveReferences([pat, observation], { bundle, bases })
  return (entries.at(-1)!.resource.subject as { reference: string }).reference
}

test("an entry's own address says which server's ids are meant, and no other server's are", () => {
  expect(about('http://host/base/Patient/z', 'http://host/base/Observation/o')).toBe('Patient/z')
  expect(about('http://host/base/Patient/z/_history/1', 'http://host/base/Observation/o')).toBe('Patient/z')
  for (const [reference, fullUrl] of [
    ['http://host/other/Patient/z', 'http://host/base/Observation/o'],
    ['http://host/base/deeper/Patient/z', 'http://host/base/Observation/o'],
    ['http://host/base/Patient/z', 'http://host/base/Observation/another'],
    ['http://host/base/Patient/z', 'http://host/base/Patient/o'],
    ['http://host/base/Patient/z', 'urn:uuid:0c5b1d3e-0000-4000-8000-000000000002'],
    ['http://host/base/Patient/z', null],
  ] as const)
    expect(about(reference, fullUrl)).toBe(reference)
})

test('addresses that were configured are our own, in a bundle and outside', () => {
  for (const bundle of [true, false]) {
    expect(about('http://host/base/Patient/z', null, ['http://x', 'http://host/base/'], bundle)).toBe('Patient/z')
    expect(about('http://host/base2/Patient/z', null, ['http://host/base'], bundle)).toBe('http://host/base2/Patient/z')
  }
  expect(['https://host/fhir', 'https://host'].map(isBase)).toEqual([true, true])
  expect(['', 'host/fhir', 'ftp://host', 'https://h?x=1', 'https://h#x', 'https://'].some(isBase)).toBe(false)
})

test('many references in one resource, and many copies of one identity, take no more than their length', () => {
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, { reference: uuid }]))
  const copies = Array.from({ length: 20_000 }, () => entry({ resourceType: 'Patient', id: 'w' }))
  const from = performance.now()
  const { errors } = resolveReferences([pat, entry({ resourceType: 'Patient', id: 'w', ...wide }), ...copies], { bundle: true })
  expect(errors).toHaveLength(20_000)
  // Quadratic, either of them takes minutes.
  expect(performance.now() - from).toBeLessThan(10_000)
})

test('ids come from the fullUrl, or are missing', () => {
  const { entries, errors } = resolveReferences(
    [
      entry({ resourceType: 'Patient' }, uuid),
      entry({ resourceType: 'Patient' }, 'http://h/Patient/7'),
      entry({ resourceType: 'Patient' }, null, 'entry[2].resource'),
    ],
    { bundle: true },
  )
  expect(entries.map(({ resource }) => resource.id)).toEqual([uuid.slice(9), '7'])
  expect(errors).toMatchObject([{ path: 'entry[2].resource', code: 'id-missing' }])
})

test('one identity with two contents keeps the first; the same twice is one', () => {
  const changed = entry({ ...pat.resource, gender: 'male' }, null, 'entry[1].resource')
  const { entries, errors } = resolveReferences([pat, changed, pat], { bundle: true })
  expect(entries).toHaveLength(1)
  expect(errors).toMatchObject([{ path: 'entry[1].resource', code: 'identity-duplicate' }])
  const stranger = entry({ resourceType: 'Patient', id: 'z' }, uuid, 'entry[1].resource')
  expect(resolveReferences([pat, stranger], { bundle: true }).errors).toMatchObject([{ code: 'full-url-duplicate' }])
  expect(resolveReferences([pat, changed], { bundle: false }).errors).toEqual([])
})

test('the name of a department that is not stored stays in the reference', () => {
  const lab = entry({ resourceType: 'Organization', id: 'lab', name: '检验科' }, 'urn:uuid:lab')
  const report = entry({ resourceType: 'DiagnosticReport', id: 'r', performer: [{ reference: 'urn:uuid:lab' }] })
  const { entries } = resolveReferences([lab, report], { bundle: true })
  expect(entries[1]?.resource.performer).toEqual([{ reference: 'Organization/lab', display: '检验科' }])
  expect(report.resource.performer).toEqual([{ reference: 'urn:uuid:lab' }])
})

test('references are found wherever they stand', () => {
  const resource = {
    resourceType: 'DiagnosticReport',
    result: [{ reference: 'Observation/1' }],
    contained: [{ resourceType: 'Observation', subject: { reference: 'Patient/2' } }],
  }
  expect(referencesOf(resource)).toEqual([
    { path: 'result[0].reference', reference: 'Observation/1' },
    { path: 'contained[0].subject.reference', reference: 'Patient/2' },
  ])
})
