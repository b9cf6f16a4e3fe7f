import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../server/app.ts'
import { contractRoutes } from '../../server/platform/openapi.ts'
import { type Browser, type Gateway, origin, signIn } from '../support/gateway.ts'
import { expectProblem } from './expect-problem.ts'
import { nextSecond, onBothStores } from './on-both-stores.ts'
import { admit, newPerson, publicIdOf, reportId, reportOf } from './people.ts'

const at = '2026-11-18T01:00:00Z'
const nobody = 'A'.repeat(22)

onBothStores('addresses', {}, (place) => {
  let gateway: Gateway
  let browser: Browser
  let foreign: { person: string; report: string; cursor: string }
  beforeAll(async () => {
    gateway = place.gateway
    const [mine, theirs] = [newPerson(), newPerson()]
    const reports = Array.from({ length: 22 }, (_, index) => reportOf(theirs, `foreign-${index}`, at)).flat()
    const phone = await admit(gateway, mine, ...reportOf(mine, 'bad-input-mine', at))
    const theirPhone = await admit(gateway, theirs, ...reports)
    browser = await signIn(gateway, phone)
    await nextSecond(gateway)
    const other = await signIn(gateway, theirPhone)
    const { json } = await other.get('/api/people/self/reports')
    expect(json.next).not.toBeNull()
    foreign = { person: publicIdOf(gateway.deps, theirs), report: reportId(gateway.deps, 'foreign-1'), cursor: json.next }
  })
  /** Nothing of the gateway's own doing may be wrong. */
  const unharmed = async () => {
    expect(gateway.reports).toEqual([])
    expect((await browser.get('/api/people/self/reports')).status).toBe(200)
  }
  test('[SE-5] addresses: unknown, other methods, broken encodings, ways out of the folder', async () => {
    const paths = [
      '/api',
      '/api/',
      '/api/nothing',
      '/api/people/self',
      '/api/people//reports',
      '/api/people/self/reports/',
      '/api/people/%zz/reports',
      '/api/people/%/reports',
      '/api/people/%00/reports',
      '/api/people/%ff%fe/reports',
      '/api/people/self/reports/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '/api/people/../../etc/passwd',
      `/api/people/${'a'.repeat(129)}/reports`,
      `/api/people/${'%F0%9F%98%80'.repeat(20)}/reports`,
      '/api/:x(',
      '/api/:x(.*)',
      '/api/a*b',
      '/api/*',
      '/:a(%5Cd+',
      '/api/people/:person/reports',
      '/api/people/__proto__/reports',
      '/api/people/constructor/reports/toString',
      '/ingest/nothing',
      '/demo/people',
      '/demo/outbox',
      '/fhir/Patient',
      '/metrics',
      '/package.json',
      '/.env',
      '/../server/main.ts',
      '/%2e%2e/server/main.ts',
      '//evil.example/%2e%2e',
      '/server/main.ts%00.js',
    ]
    for (const path of paths) {
      const answer = await browser.send('GET', path)
      expectProblem(answer, path)
    }
    for (const { method, path } of contractRoutes) {
      const url = path.replace(':person', 'self').replace(':id', nobody)
      for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'] as const) {
        if (other === method || contractRoutes.some((route) => route.path === path && route.method === other)) continue
        const answer = await gateway.app.inject({ method: other as 'GET', url, headers: { origin } })
        expect(answer.statusCode, `${other} ${url}`).toBe(405)
        if (other !== 'HEAD') expect(answer.json().code).toBe('method-not-allowed')
      }
    }
    await unharmed()
  })

  test('[SE-5] [VW-3] foreign persons, records and cursors are answered as if there were none', async () => {
    const same = async (one: string, other: string, code: string) => {
      const [a, b] = [await browser.get(one), await browser.get(other)]
      expectProblem(a, one)
      expect(a.json.code).toBe(code)
      expect(a.body).toBe(b.body)
      expect({ ...a.headers, date: null }).toEqual({ ...b.headers, date: null })
    }
    await same(`/api/people/${foreign.person}/reports`, `/api/people/${nobody}/reports`, 'not-found')
    await same(`/api/people/self/reports/${foreign.report}`, `/api/people/self/reports/${nobody}`, 'not-found')
    await same(`/api/people/${foreign.person}/reports/${foreign.report}`, `/api/people/self/reports/${nobody}`, 'not-found')
    await same(`/api/people/${foreign.person}/identity`, `/api/people/${nobody}/identity`, 'not-found')
    await same(`/api/people/self/reports/${nobody}`, '/api/people/self/reports/not-an-id', 'not-found')
    await same(
      `/api/people/self/reports?cursor=${foreign.cursor}`,
      `/api/people/self/reports?cursor=${'B'.repeat(60)}`,
      'cursor-invalid',
    )
    await unharmed()
  })

  test('[SE-5] cursors: of another list, mangled, doubled, too long', async () => {
    const own = place.gateway.deps.keys.sealCursor('1795140000000 x', `reports|${foreign.person}`)
    const lists = ['reports', 'medications', 'access-log'].map((list) => `/api/people/self/${list}`)
    const flipped = [...foreign.cursor].map((character, index) => (index === 20 ? (character === 'A' ? 'B' : 'A') : character))
    for (const list of lists) {
      for (const query of [
        `cursor=${own}`,
        `cursor=${foreign.cursor}`,
        `cursor=${flipped.join('')}`,
        `cursor=${foreign.cursor.slice(0, -4)}`,
        `cursor=${'A'.repeat(257)}`,
        'cursor=',
        'cursor=%00',
        `cursor=${foreign.cursor}&cursor=${foreign.cursor}`,
        `cursor[a]=${foreign.cursor}`.replace('cursor[a]', 'cursor=x&cursor%5Ba%5D'),
      ]) {
        const answer = await browser.get(`${list}?${query}`)
        expectProblem(answer, `${list}?${query}`)
        expect(answer.json.code).toBe('cursor-invalid')
      }
      expect((await browser.get(`${list}?__proto__=1&constructor=2&unknown=3`)).status).toBe(200)
    }
    await unharmed()
  })

  test('[SE-5] the folder of the client gives its own files and nothing beside them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhiqing-test-client-'))
    mkdirSync(join(folder, 'pwa', 'assets'), { recursive: true })
    writeFileSync(join(folder, 'secret.txt'), 'beside the folder')
    writeFileSync(join(folder, 'pwa', 'index.html'), '<!doctype html><title>shell</title>')
    writeFileSync(join(folder, 'pwa', 'assets', 'main.js'), 'run()')
    writeFileSync(join(folder, 'pwa', '.env'), 'hidden')
    const options = { origin, proxies: [], clientDirectory: join(folder, 'pwa'), ingestClients: [], report: () => {} }
    const { app } = await buildApp(gateway.deps, options)
    const get = (url: string) => app.inject({ url })
    expect((await get('/assets/main.js')).body).toBe('run()')
    expect((await get('/assets/main.js')).headers['cache-control']).toContain('immutable')
    for (const page of ['/', '/reports', '/reports/abc', '/..%2f..%2fetc/passwd']) {
      const answer = await get(page)
      expect(answer.body, page).toContain('shell')
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    }
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/%2e%2e/%2e%2e/secret.txt',
      '/..%5csecret.txt',
      '/assets/main.js%00.html',
      '//secret.txt',
      '/api/nothing',
      '/ingest/nothing',
    ]) {
      const answer = await get(path)
      expect(answer.statusCode, path).toBeGreaterThanOrEqual(400)
      expect(answer.statusCode, path).toBeLessThan(500)
      expect(answer.headers['content-type'], path).toMatch(/^application\/problem\+json/)
      expect(answer.body).not.toContain('beside')
    }
    await app.close()
    rmSync(folder, { recursive: true })
  })
})
