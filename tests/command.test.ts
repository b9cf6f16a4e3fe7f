import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { freePort, GatewayProcess, runCommand } from './races/gateway-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhiqing-command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const env = { ZHIQING_DATA: join(folder, 'data') }
const lines = (out: string) =>
  out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

function write(name: string, content: unknown): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const subject = { reference: 'Patient/p' }
const person = { resourceType: 'Patient', id: 'p', name: [{ text: 'Lin Hui' }], gender: 'female', birthDate: '1980-05-06' }
const result = (id: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'Glucose' },
  subject,
  effectiveDateTime: '2025-03-01T08:00:00+08:00',
  valueQuantity: { value: 5.1, unit: 'mmol/L' },
  ...more,
})

describe('what the command says', () => {
  test('help goes to stdout with 0, bad usage to stderr with 2', async () => {
    const overview = await runCommand(['--help'], env)
    expect([overview.code, overview.err]).toEqual([0, ''])
    for (const name of ['serve', 'import', 'label', 'desk-code']) {
      expect(overview.out).toContain(`  ${name} `)
      const { code, out, err } = await runCommand([name, '--help'], env)
      expect([code, err]).toEqual([0, ''])
      expect(out).toContain(`zhiqing ${name}`)
    }
    for (const args of [
      [],
      ['dance'],
      ['import'],
      ['import', join(folder, 'nowhere')],
      ['import', '--jump'],
      ['desk-code'],
      ['label', '--profile', 'XX'],
    ]) {
      const { code, out, err } = await runCommand(args, env)
      expect([args, code]).toEqual([args, 2])
      if (args.length > 0) {
        expect(out).toBe('')
        expect(err).toMatch(/^zhiqing: /)
      }
    }
    expect(existsSync(env.ZHIQING_DATA)).toBe(false)
  }, 60_000)

  test('label: stdin, files and lines', async () => {
    const bundle = write('label.json', {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: person }, { resource: result('a') }, { resource: result('b', { code: { text: 'HIV antibody' } }) }],
    })
    const file = await runCommand(['label', bundle], env)
    expect([file.code, file.err]).toEqual([0, ''])
    const found = lines(file.out)
    expect(found.map(({ ref }) => ref)).toEqual(['Patient/p', 'Observation/a', 'Observation/b'])
    expect(found.map(({ hidden }) => hidden)).toEqual([false, false, true])
    expect(Object.keys(found[2] ?? {})).toEqual(['ref', 'classes', 'proxies', 'hidden', 'because'])
    expect(found[2]?.classes).toEqual(['HIV'])
    const because = found[2]?.because as { rule: string; at: string; match: string }[]
    expect(because.some(({ at }) => at.endsWith('code.text'))).toBe(true)
    const piped = await runCommand(['label'], env, `${JSON.stringify(result('b', { code: { text: 'HIV antibody' } }))}\n`)
    expect(lines(piped.out)).toEqual([found[2]])
    const words = await runCommand(['label', '--lines'], env, 'Glucose 5.1\n\nHIV antibody positive\n')
    expect(lines(words.out).map(({ ref, classes, hidden }) => [ref, classes, hidden])).toEqual([
      [1, [], false],
      [2, [], false],
      [3, ['HIV'], true],
    ])
    const [told] = lines(words.out)[2]!.because as { at: string; match: string }[]
    const [start, end] = (told?.at ?? '').split('-').map(Number)
    expect('HIV antibody positive'.slice(start, end).toLowerCase()).toBe(told?.match.toLowerCase())
    const broken = await runCommand(['label'], env, '{"resourceType":')
    expect([broken.code, broken.out]).toEqual([1, ''])
    expect(lines(broken.err)[0]).toMatchObject({ file: 'stdin', code: 'json-invalid' })
  }, 60_000)
})

describe('import', () => {
  test('a folder: good entries go in, bad ones are told by file and path, twice changes nothing', async () => {
    const bundle = write('hospital/a.json', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: person },
        { resource: result('a') },
        { resource: { ...result('b'), status: 7 } },
        { resource: { resourceType: 'Basic', id: 'x' } },
      ],
    })
    const ndjson = write(
      'hospital/below/b.ndjson',
      `${JSON.stringify(result('c'))}\n{"resourceType":\n${JSON.stringify(result('d'))}\n`,
    )
    write('hospital/readme.txt', 'not read')
    const first = await runCommand(['import', join(folder, 'hospital')], env)
    expect([first.code, first.err]).toEqual([1, ''])
    expect(lines(first.out)).toEqual([
      {
        file: bundle,
        path: expect.stringMatching(/^entry\[2\]\.resource\.status/),
        code: expect.any(String),
        message: expect.any(String),
      },
      { file: bundle, stored: 2, unchanged: 0, skipped: 1, rejected: 1 },
      { file: ndjson, path: 'line 2', code: 'json-invalid', message: expect.any(String) },
      { file: ndjson, stored: 2, unchanged: 0, skipped: 0, rejected: 1 },
    ])
    const again = await runCommand(['import', join(folder, 'hospital')], env)
    expect(again.code).toBe(1)
    expect(lines(again.out).filter(({ stored }) => stored !== undefined)).toEqual([
      { file: bundle, stored: 0, unchanged: 2, skipped: 1, rejected: 1 },
      { file: ndjson, stored: 0, unchanged: 2, skipped: 0, rejected: 1 },
    ])
  }, 60_000)

  test('an id that belongs to another person is refused; another source keeps them apart', async () => {
    const other = write('other.json', { ...person, name: [{ text: 'Chen Wei' }], gender: 'male', birthDate: '1951-02-03' })
    const refused = await runCommand(['import', other], env)
    expect(refused.code).toBe(1)
    expect(lines(refused.out)).toEqual([
      { file: other, path: '', code: 'identity-conflict', message: expect.stringContaining('--source') },
      { file: other, stored: 0, unchanged: 0, skipped: 0, rejected: 1 },
    ])
    const apart = await runCommand(['import', other, '--source', 'branch'], env)
    expect([apart.code, lines(apart.out)]).toEqual([0, [{ file: other, stored: 1, unchanged: 0, skipped: 0, rejected: 0 }]])
  }, 60_000)

  test('--shift-to moves all dates alike, so that the newest falls on the day', async () => {
    const files = [write('shift/a.json', person), write('shift/b.json', result('s', { effectiveDateTime: '2025-03-11' }))]
    const shifted = await runCommand(['import', ...files, '--source', 'moved', '--shift-to', '2026-11-20'], env)
    expect(shifted.code).toBe(0)
    expect(shifted.err).toContain('newest clinical date 2025-03-11: all dates move by 619 days')
    const again = await runCommand(['import', ...files, '--source', 'moved', '--shift-to', '2026-11-20'], env)
    expect(lines(again.out).map(({ unchanged }) => unchanged)).toEqual([1, 1])
    for (const day of ['2026-13-01', 'tomorrow'])
      expect((await runCommand(['import', ...files, '--shift-to', day], env)).code).toBe(2)
  }, 60_000)

  test('desk-code: for a patient of the index, and for nobody else', async () => {
    const known = await runCommand(['desk-code', 'p'], env)
    expect(known.code).toBe(0)
    expect(lines(known.out)).toEqual([{ patient: 'p', code: expect.stringMatching(/^\S{6,}$/) }])
    const unknown = await runCommand(['desk-code', 'nobody'], env)
    expect([unknown.code, lines(unknown.out)]).toEqual([1, [{ patient: 'nobody', code: null }]])
  }, 60_000)

  test('while a gateway has the store open, it goes through the gateway', async () => {
    const running = { ZHIQING_DATA: join(folder, 'running'), PORT: String(await freePort()) }
    const gateway = await GatewayProcess.start(running)
    try {
      const file = write('through.ndjson', `${JSON.stringify(person)}\n${JSON.stringify(result('a'))}\n{\n`)
      const { code, out } = await runCommand(['import', file, '--source', 'live'], running)
      expect(code).toBe(1)
      expect(lines(out)).toEqual([
        { file, path: 'line 3', code: 'json-invalid', message: expect.any(String) },
        { file, stored: 2, unchanged: 0, skipped: 0, rejected: 1 },
      ])
      const desk = await runCommand(['desk-code', 'p', '--source', 'live'], running)
      expect(lines(desk.out)[0]?.code).toEqual(expect.any(String))
    } finally {
      await gateway.end('SIGTERM')
    }
  }, 90_000)
})

describe('import of published data', () => {
  const totals = (out: string) => {
    const sum = { files: 0, stored: 0, unchanged: 0, skipped: 0, rejected: 0 }
    for (const line of lines(out)) {
      if (line.stored === undefined) continue
      sum.files += 1
      for (const name of ['stored', 'unchanged', 'skipped', 'rejected'] as const) sum[name] += line[name] as number
    }
    return sum
  }
  const into = (name: string) => ({ ZHIQING_DATA: join(folder, name) })

  test('the FHIR files of ../shared/data', async (context) => {
    const data = join(import.meta.dirname, '../../shared/data/fhir')
    if (!existsSync(data)) return context.skip('needs ../shared/data')
    const synthea = await runCommand(['import', join(data, 'synthea'), '--shift-to', '2026-11-20'], into('published'))
    console.log('synthea', totals(synthea.out))
    expect([synthea.code, totals(synthea.out).rejected]).toEqual([0, 0])
    expect(totals(synthea.out).stored).toBeGreaterThan(5000)
    for (const name of ['shift', 'cdc']) {
      const { out } = await runCommand(['import', join(data, name), '--source', name], into('published'))
      console.log(name, totals(out))
      expect(totals(out).stored).toBeGreaterThan(50)
    }
    const again = await runCommand(['import', join(data, 'synthea'), '--shift-to', '2026-11-20'], into('published'))
    expect(totals(again.out)).toMatchObject({ stored: 0, unchanged: totals(synthea.out).stored })
  }, 150_000)

  test('the examples of HL7', async (context) => {
    const examples = hl7Examples()
    if ('absent' in examples) return context.skip(examples.absent)
    const { out, err } = await runCommand(['import', examples.folder], into('examples'))
    const rejections = new Map<unknown, number>()
    for (const { code } of lines(out)) if (code !== undefined) rejections.set(code, (rejections.get(code) ?? 0) + 1)
    console.log('hl7.fhir.r4.examples', totals(out), Object.fromEntries(rejections))
    expect(err).toBe('')
    expect(totals(out).files).toBeGreaterThan(5000)
    expect(totals(out).stored).toBeGreaterThan(200)
    expect(totals(out).rejected).toBeLessThan(200)
  }, 150_000)
})

/** The examples as HL7 publishes them, fetched once per machine. */
function hl7Examples(): { folder: string } | { absent: string } {
  const kept = join(tmpdir(), 'zhiqing-test-hl7-examples')
  if (existsSync(kept)) return { folder: join(kept, 'package') }
  const fresh = mkdtempSync(join(tmpdir(), 'zhiqing-test-hl7-'))
  try {
    execFileSync('npm', ['pack', '--silent', 'hl7.fhir.r4.examples@4.0.1'], { cwd: fresh, timeout: 60_000, stdio: 'pipe' })
    execFileSync('tar', ['-xzf', 'hl7.fhir.r4.examples-4.0.1.tgz'], { cwd: fresh, timeout: 60_000, stdio: 'pipe' })
    renameSync(fresh, kept)
  } catch {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(kept)) return { absent: 'needs the npm registry for hl7.fhir.r4.examples@4.0.1' }
  }
  return { folder: join(kept, 'package') }
}
