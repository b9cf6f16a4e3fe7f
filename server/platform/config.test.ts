import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BadConfig, clock, embeddedMaster, type Mode, readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhiqing-test-config-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const words = { 'zh-Hans': '知行医院', 'zh-Hant': '知行醫院', en: 'Zhixing Hospital' }
const hospital = file('hospital.json', JSON.stringify({ name: words, inPersonPlace: words, inPersonPhone: '020-1' }))
const serving = {
  DATABASE_URL: 'postgresql:///zhiqing',
  ZHIQING_MASTER_KEY: 'ab'.repeat(32),
  ZHIQING_HOSPITAL_FILE: hospital,
  ZHIQING_ORIGIN: 'https://my.hospital.cn',
}

describe('the environment', () => {
  const bad: [mode: Mode, env: Record<string, string>, says: RegExp][] = [
    ['demo', { NODE_ENV: 'production' }, /^--demo is refused with NODE_ENV=production$/],
    ['serve', {}, /^serve needs DATABASE_URL .*ZHIQING_MASTER_KEY_FILE .*ZHIQING_HOSPITAL_FILE .*ZHIQING_ORIGIN .*npm start$/],
    ['serve', { ...serving, ZHIQING_NOW: '2026-11-20T10:00:00+08:00' }, /^ZHIQING_NOW is for the demo only$/],
    ['command', { DATABASE_URL: 'postgresql:///x' }, /^with DATABASE_URL, ZHIQING_MASTER_KEY_FILE is needed too$/],
    ['demo', { ZHIQING_PROFILE: 'XX' }, /^ZHIQING_PROFILE "XX" is unknown; there are CN, /],
    ['demo', { ZHIQING_PROFILE: '__proto__' }, /^ZHIQING_PROFILE "__proto__" is unknown/],
    ['demo', { ZHIQING_PROFILE: 'HK' }, /^profile HK has fields without a source yet: .*ages/],
    ['demo', { PORT: 'http' }, /^PORT must be a port number, not "http"$/],
    ['demo', { PORT: '65536' }, /^PORT must be/],
    ['demo', { PORT: '-1' }, /^PORT must be/],
    ['demo', { PORT: '80.5' }, /^PORT must be/],
    ['demo', { ZHIQING_ORIGIN: 'my.hospital.cn' }, /^ZHIQING_ORIGIN must be an origin such as/],
    ['demo', { ZHIQING_ORIGIN: 'https://my.hospital.cn/' }, /^ZHIQING_ORIGIN must be an origin such as/],
    ['demo', { ZHIQING_NOW: 'tomorrow' }, /^ZHIQING_NOW must be an instant with its offset/],
    ['demo', { ZHIQING_NOW: '2026-11-20T10:00:00' }, /^ZHIQING_NOW must be an instant with its offset/],
    ['demo', { ZHIQING_NOW: '2026-13-20T10:00:00Z' }, /^ZHIQING_NOW must be an instant with its offset/],
    ['demo', { DATABASE_URL_FILE: '/nonexistent/url' }, /^DATABASE_URL_FILE: \/nonexistent\/url cannot be read \(ENOENT\)$/],
    ['serve', { ...serving, ZHIQING_MASTER_KEY: 'short' }, /^ZHIQING_MASTER_KEY must be 32 bytes/],
    ['serve', { ...serving, ZHIQING_MASTER_KEY: 'ab'.repeat(31) }, /^ZHIQING_MASTER_KEY must be 32 bytes/],
    ['serve', { ...serving, ZHIQING_HOSPITAL_FILE: join(folder, 'absent') }, /^ZHIQING_HOSPITAL_FILE .*absent: ENOENT/],
    ['serve', { ...serving, ZHIQING_HOSPITAL_FILE: file('a.json', '{') }, /^ZHIQING_HOSPITAL_FILE .*a\.json: .*JSON/],
    [
      'serve',
      { ...serving, ZHIQING_HOSPITAL_FILE: file('b.json', '{"name":{}}') },
      /^ZHIQING_HOSPITAL_FILE .*b\.json: name\.zh-Hans: /,
    ],
  ]
  test.each(bad)('[J-1] [SE-2] %s with %j says what to mend', (mode, env, says) => {
    expect(() => readConfig(env, mode)).toThrow(BadConfig)
    expect(() => readConfig(env, mode)).toThrow(says)
  })

  test('[SE-2] no sentence repeats a secret', () => {
    const secret = 'c2VjcmV0LWtleS1vZi10aGUtaG9zcGl0YWw'
    try {
      readConfig({ ...serving, ZHIQING_MASTER_KEY: secret }, 'serve')
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain(secret)
    }
  })

  test('secrets come from the environment or from the file that _FILE names, as hex or base64', () => {
    const bytes = Buffer.alloc(32, 7)
    for (const text of [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('hex').toUpperCase()]) {
      const { ZHIQING_MASTER_KEY: _, ...rest } = serving
      expect(readConfig({ ...rest, ZHIQING_MASTER_KEY_FILE: file('key', `${text}\n`) }, 'serve').master).toEqual(bytes)
    }
    const config = readConfig(serving, 'serve')
    expect(config).toMatchObject({ port: 8080, host: '127.0.0.1', origin: 'https://my.hospital.cn', startAt: null, proxies: [] })
    expect(config.hospital?.name.en).toBe('Zhixing Hospital')
  })

  test('[SE-1] the demo listens on this machine alone, whatever is asked', () => {
    expect(readConfig({ HOST: '0.0.0.0' }, 'demo')).toMatchObject({ host: 'localhost', origin: 'http://localhost:8080' })
    expect(readConfig({ PORT: '9000' }, 'demo').origin).toBe('http://localhost:9000')
    expect(readConfig({ ZHIQING_NOW: '2026-11-20T10:00:00+08:00' }, 'demo').startAt?.toISOString()).toBe(
      '2026-11-20T02:00:00.000Z',
    )
  })
})

describe('the embedded master key', () => {
  test("[SE-2] is made once, for its owner's eyes, and is not made up for a store that lost its own", () => {
    const data = join(folder, 'data')
    mkdirSync(data)
    const key = embeddedMaster(data)
    expect(key).toHaveLength(32)
    expect(embeddedMaster(data)).toEqual(key)
    const path = join(data, 'keys', 'master.key')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    mkdirSync(join(data, 'store'))
    rmSync(path)
    expect(() => embeddedMaster(data)).toThrow(/master\.key is missing: without it the store cannot be read/)
    expect(existsSync(path)).toBe(false)
  })
})

describe('the clock', () => {
  test("starts where it is told and runs on; else it is the machine's", () => {
    let machine = 1000
    const told = clock(new Date('2026-11-20T02:00:00Z'), () => machine)
    expect(told().toISOString()).toBe('2026-11-20T02:00:00.000Z')
    machine += 61_000
    expect(told().toISOString()).toBe('2026-11-20T02:01:01.000Z')
    expect(clock(null, () => machine)().getTime()).toBe(machine)
  })
})
