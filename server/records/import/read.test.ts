import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Batch, joinPath } from './entry.ts'
import { readEntries } from './read.ts'
import { checkShape } from './shape.ts'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function readAll(text: string | Uint8Array, name = 'a.json', size = 65_536): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of readEntries(pieces(Buffer.from(text as string), size), name)) batches.push(batch)
  return batches
}

const patient = (id: string) => ({ resourceType: 'Patient', id })
const flat = (batches: Batch[]) => ({
  paths: batches.flatMap(({ entries }) => entries.map(({ path }) => path)),
  ids: batches.flatMap(({ entries }) => entries.map(({ resource }) => resource.id)),
  errors: batches.flatMap(({ errors }) => errors.map(({ path, code }) => `${path} ${code}`.trim())),
  skipped: batches.reduce((sum, { skipped }) => sum + skipped, 0),
})

const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})

describe('forms of a file', () => {
  test.each([
    ['one resource', JSON.stringify(patient('a')), ['']],
    ['one resource over lines', JSON.stringify(patient('a'), null, 2), ['']],
    ['a byte order mark', `\ufeff${JSON.stringify(patient('a'))}`, ['']],
    ['a byte order mark over lines', `\ufeff${JSON.stringify(patient('a'), null, '\t')}`, ['']],
    ['CRLF', JSON.stringify(patient('a'), null, 2).replace(/\n/g, '\r\n'), ['']],
    ['a bundle', JSON.stringify(bundle(patient('a'))), ['entry[0].resource']],
    ['an array', JSON.stringify([patient('a'), patient('b')]), ['[0]', '[1]']],
    [
      'an array with a resource a line',
      `[\n${JSON.stringify(patient('a'))}\n,\n${JSON.stringify(patient('b'))}\n]`,
      ['[0]', '[1]'],
    ],
    [
      'a bundle whose entries have lines',
      `{"resourceType":"Bundle","entry":[\n{"resource":${JSON.stringify(patient('a'))}}\n]}`,
      ['entry[0].resource'],
    ],
    ['NDJSON', `${JSON.stringify(patient('a'))}\n${JSON.stringify(patient('b'))}\n`, ['line 1', 'line 2']],
    [
      'NDJSON with CRLF and blank lines',
      `\r\n${JSON.stringify(patient('a'))}\r\n\r\n${JSON.stringify(patient('b'))}\r\n`,
      ['line 2', 'line 4'],
    ],
    [
      'NDJSON with a bundle',
      `${JSON.stringify(patient('a'))}\n${JSON.stringify(bundle(patient('b')))}`,
      ['line 1', 'line 2 entry[0].resource'],
    ],
  ])('%s, whole, in single bytes and in gzip', async (_, text, paths) => {
    for (const batches of [await readAll(text), await readAll(text, 'x', 1), await readAll(gzipSync(text), 'x', 7)]) {
      expect(flat(batches)).toMatchObject({ paths, errors: [] })
    }
  })

  test('a bundle is one atomic batch, on a line too; lines are not', async () => {
    const batches = await readAll(
      `${JSON.stringify(patient('a'))}\n${JSON.stringify(bundle(patient('b')))}\n${JSON.stringify(patient('c'))}`,
    )
    expect(batches.map(({ atomic, entries }) => [atomic, entries.length])).toEqual([
      [false, 1],
      [true, 1],
      [false, 1],
    ])
  })

  test('lines come in groups of bounded size', async () => {
    const batches = await readAll(Array.from({ length: 450 }, (_, index) => JSON.stringify(patient(`p${index}`))).join('\n'))
    expect(batches.map(({ entries }) => entries.length)).toEqual([200, 200, 50])
  })
})

describe('bad input is named, and the rest goes in', () => {
  test.each([
    ['nothing', '', ['file-empty']],
    ['blanks', '\n \r\n', ['file-empty']],
    ['no JSON', 'hello', ['json-invalid']],
    ['truncated', JSON.stringify(patient('a'), null, 2).slice(0, -2), ['json-invalid']],
    ['no resource', '{"a":1}', ['not-a-resource']],
    ['a number', '12', ['not-a-resource']],
    ['a bundle in a bundle', JSON.stringify(bundle(bundle(patient('a')))), ['entry[0].resource bundle-nested']],
    [
      'an entry that is none',
      '{"resourceType":"Bundle","entry":[7,{}]}',
      ['entry[0] type-wrong', 'entry[1].resource resource-missing'],
    ],
    [
      'a deletion',
      '{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Patient/1"}}]}',
      ['entry[0].request deletion-unsupported'],
    ],
    ['entries that are no list', '{"resourceType":"Bundle","entry":{}}', ['entry type-wrong']],
  ])('%s', async (_, text, errors) => {
    expect(flat(await readAll(text))).toMatchObject({ ids: [], errors })
  })

  test.each([
    ['a spoilt first line', '{"resourceType":"Patient"', 'json-invalid'],
    ['a line cut in a string', '{"resourceType":"Pati', 'json-invalid'],
    ['a line of words', 'resourceType', 'json-invalid'],
    ['a resource without id', '{"resourceType":"Patient"}', 'id-missing'],
    ['a duplicate key', '{"resourceType":"Patient","id":"x","id":"y"}', 'id key-duplicate'],
  ])('%s', async (_, line, error) => {
    const good = JSON.stringify(patient('good'))
    expect(flat(await readAll(`${line}\n${good}\n${good}`, 'x.json'))).toMatchObject({
      ids: ['good', 'good'],
      errors: [`line 1 ${error}`],
    })
    expect(flat(await readAll(`${good}\n${line}\n${good}`, 'x.json'))).toMatchObject({
      ids: ['good', 'good'],
      errors: [`line 2 ${error}`],
    })
  })

  test('a duplicate key spoils only its entry', async () => {
    const text = `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a","gender":"male","gender":"female"}},{"resource":${JSON.stringify(patient('b'))}}]}`
    expect(flat(await readAll(text))).toMatchObject({ ids: ['b'], errors: ['entry[0].resource.gender key-duplicate'] })
  })

  test('invalid UTF-8 spoils only its entry', async () => {
    const text = JSON.stringify(bundle({ ...patient('a'), gender: '@' }, { ...patient('b'), language: '中' }))
    const bytes = Buffer.from(text)
    bytes[bytes.indexOf('@')] = 0xff
    expect(flat(await readAll(bytes))).toMatchObject({ ids: ['b'], errors: ['entry[0].resource.gender encoding-invalid'] })
  })

  test('a spoilt archive is an error, a fault of the source is thrown', async () => {
    const packed = gzipSync(JSON.stringify(patient('a')))
    expect(flat(await readAll(packed.subarray(0, -9))).errors).toEqual(['gzip-invalid'])
    async function* broken() {
      yield packed.subarray(0, 12)
      throw new Error('disk')
    }
    await expect(async () => {
      for await (const _ of readEntries(broken(), 'a.gz')) expect.unreachable()
    }).rejects.toThrow('disk')
  })

  test('a line over 16 MB and a document over 64 MB are let go in bounded memory', async () => {
    const good = JSON.stringify(patient('good'))
    const long = `{"resourceType":"Patient","id":"long","x":"${'x'.repeat(17 * 1024 * 1024)}"}`
    expect(flat(await readAll(`${good}\n${long}\n${good}`))).toMatchObject({
      ids: ['good', 'good'],
      errors: ['line 2 too-large'],
    })
    expect(flat(await readAll(`${long}\n${good}`))).toMatchObject({ ids: ['good'], errors: ['line 1 too-large'] })
    expect(flat(await readAll(long)).ids).toEqual(['long'])
    async function* endless() {
      yield Buffer.from('{"resourceType":"Patient",\n"x":"')
      for (let turn = 0; turn < 70; turn++) yield Buffer.alloc(1024 * 1024, 120)
      yield Buffer.from('"}')
    }
    const batches: Batch[] = []
    for await (const batch of readEntries(endless(), 'x')) batches.push(batch)
    expect(flat(batches).errors).toEqual(['too-large'])
  })

  test('of many errors a thousand are told and all are counted', async () => {
    const [batch] = await readAll(`[${'0,'.repeat(2999)}0]`)
    expect(batch).toMatchObject({ entries: [], rejected: 3000 })
    expect(batch!.errors).toHaveLength(1001)
    expect(batch!.errors.at(-1)).toEqual({ path: '', code: 'more-errors', message: '2000' })
    const [lines] = await readAll(`[${'0,'.repeat(1499)}0]\n[${'0,'.repeat(1499)}0]\n`)
    expect([lines!.rejected, lines!.errors.length, lines!.errors.at(-1)?.message]).toEqual([3000, 1001, '2000'])
  })

  test('an entry with several problems is one that is rejected', async () => {
    const [batch] = await readAll('[{"resourceType":"Patient","id":"x","a":1,"a":2,"b":1,"b":2}]')
    expect([batch!.rejected, batch!.errors.length]).toEqual([1, 2])
  })

  test('an entry with millions of copies, values or letters of a key costs what its text costs', async () => {
    const from = performance.now()
    const good = JSON.stringify(patient('good'))
    const problems = '{"a":1,"a":2},'.repeat(900)
    const [many] = await readAll(`[${problems}${`${good},`.repeat(100_000)}${good}]`)
    expect([many!.entries.length, many!.rejected]).toEqual([100_001, 900])
    const long = await readAll(`[{"${'k'.repeat(8_000_000)}":{${'"a":1,'.repeat(900)}"b":2}},${good}]`)
    expect(flat(long).ids).toEqual(['good'])
    expect(JSON.stringify(long[0]!.errors).length).toBeLessThan(1_000_000)
    expect(flat(await readAll(`[${'0,'.repeat(5_000_000)}0]`)).errors).toEqual(['too-large'])
    expect(performance.now() - from).toBeLessThan(20_000)
  })

  test('an archive that unpacks to hundreds of times its size is let go; one of like records is not', async () => {
    const bomb = gzipSync(`[${'0,'.repeat(20_000_000)}0]`)
    expect(bomb.length).toBeLessThan(50_000)
    expect(flat(await readAll(bomb)).errors).toEqual(['too-large'])
    expect(flat(await readAll(gzipSync(Buffer.alloc(40_000_000, 10)), 'x.ndjson')).errors).toEqual(['too-large'])
    const alike = Array.from({ length: 450_000 }, (_, at) => JSON.stringify(patient(`p${at}`))).join('\n')
    expect(alike.length).toBeGreaterThan(17_000_000)
    let read = 0
    for await (const { entries } of readEntries(pieces(gzipSync(alike, { level: 9 }), 65_536), 'x.ndjson')) read += entries.length
    expect(read).toBe(450_000)
  }, 30_000)

  test('a source that is not read to its end is let go', async () => {
    let closed = false
    async function* source() {
      try {
        for (;;) yield Buffer.from('{"resourceType":"Patient","id":"a"}\n')
      } finally {
        closed = true
      }
    }
    for await (const _ of readEntries(source(), 'x')) break
    expect(closed).toBe(true)
  })

  test('no bytes whatever throw', async () => {
    const parts = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.constantFrom('{', '}\n', '[', '"', '\n', '{"resourceType":"Patient"}\n', ','),
      ),
    )
    await fc.assert(
      fc.asyncProperty(parts, async (list) => {
        const bytes = Buffer.concat(list.map((part) => Buffer.from(part as string)))
        const { ids, errors } = flat(await readAll(bytes, 'x.ndjson', 5))
        // None of the pieces has an id: whatever they make, it is refused.
        expect(ids).toEqual([])
        expect(errors.length).toBeGreaterThan(0)
      }),
    )
  })
})

test('types that are not stored and records of no person are skipped', async () => {
  const group = { resourceType: 'Observation', id: 'g', subject: { reference: 'Group/1' } }
  expect(flat(await readAll(JSON.stringify([{ resourceType: 'ValueSet', id: 'v' }, group, patient('a')])))).toMatchObject({
    ids: ['a'],
    skipped: 2,
    errors: [],
  })
})

test('paths join as FHIRPath', () => {
  expect(joinPath('line 17', 'code.coding[0]')).toBe('line 17 code.coding[0]')
  expect(joinPath('entry[3].resource', 'code')).toBe('entry[3].resource.code')
  expect(joinPath('', 'code')).toBe('code')
})

const data = new URL('../../../../shared/data/fhir/synthea/', import.meta.url)
test.skipIf(!existsSync(data))('all of Synthea goes in (needs ../shared/data)', async () => {
  let stored = 0
  for (const file of readdirSync(data)
    .filter((name) => name.endsWith('.json'))
    .slice(0, 6)) {
    for (const batch of await readAll(readFileSync(new URL(file, data)), file)) {
      expect(batch.errors).toEqual([])
      for (const { resource } of batch.entries) expect(checkShape(resource)).toEqual([])
      expect(JSON.stringify(batch.entries)).not.toContain('"reference":"urn:uuid:')
      stored += batch.entries.length
    }
  }
  expect(stored).toBeGreaterThan(500)
})
