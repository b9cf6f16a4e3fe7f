import { describe, expect, test } from 'vitest'
import { longFiles, nameBreaches, sizeBreaches, testBreaches, workplaceBreaches } from './support/house/files.ts'
import { barrelBreaches, computedImports, cycleBreaches, importBreaches } from './support/house/imports.ts'
import { contractBreaches, contractRoutes, missingRoutes, unruledRoutes } from './support/house/routes.ts'
import { type Breach, readHouse, type Source } from './support/house/source.ts'
import { chineseBreaches, spokenBreaches } from './support/house/words.ts'

const house = readHouse()
const told = (breaches: Breach[]) => breaches.map(({ path, line, says }) => `${path}:${line}: ${says}`)
const everywhere = (rule: (source: Source) => Breach[]) => told(house.flatMap(rule))

describe('the house keeps its rules', () => {
  test('the walk finds the programs', () => {
    const paths = house.map((source) => source.path)
    expect(paths).toEqual(
      expect.arrayContaining(['package.json', 'shared/contract/route.ts', 'tests/boundaries.test.ts', '.ci/run']),
    )
    expect(paths.filter((path) => path.includes('node_modules/') || path.startsWith('dist/'))).toEqual([])
  })
  test('imports go downwards only', () => expect(everywhere(importBreaches)).toEqual([]))
  test('no imports in a circle', () => expect(told(cycleBreaches(house))).toEqual([]))
  test('no barrels', () => expect(everywhere(barrelBreaches)).toEqual([]))
  test('no Chinese text in code', () => expect(everywhere(chineseBreaches)).toEqual([]))
  test('no text on screen that is not a key', () => expect(everywhere(spokenBreaches)).toEqual([]))
  test('files are named for what is inside', () => expect(everywhere(nameBreaches)).toEqual([]))
  test('files are short or say why not', () => expect(everywhere(sizeBreaches)).toEqual([]))
  test('no test stands alone or is skipped without a reason', () => expect(everywhere(testBreaches)).toEqual([]))
  test('nothing names the machine it was written on', () => expect(everywhere(workplaceBreaches)).toEqual([]))
  test('every exception is still needed', () => {
    const bySize = new Map(house.map((source) => [source.path, source.text.split('\n').length]))
    expect(Object.keys(longFiles).filter((path) => (bySize.get(path) ?? 0) <= 300)).toEqual([])
    expect(Object.keys(computedImports).filter((path) => !bySize.has(path))).toEqual([])
  })
})

describe('every route of the contract has an audit rule and a reply', () => {
  test('[AU-1] the contract', async () => {
    const routes = await contractRoutes()
    expect(routes.length).toBeGreaterThan(5)
    expect(contractBreaches(routes)).toEqual([])
  })
  test('a route without one is found', async () => {
    const [first] = await contractRoutes()
    const { route } = first!
    const change = (changes: object) => contractBreaches([{ from: 'x.ts: bad', route: { ...route, ...changes } }])
    expect(change({ audit: undefined })).toEqual(['x.ts: bad has no audit rule'])
    expect(change({ audit: { none: ' ' } })).toEqual(['x.ts: bad has no audit rule'])
    expect(change({ audit: 'Read Something' })).toEqual(['x.ts: bad: "Read Something" is no audit operation'])
    expect(change({ reply: undefined })).toEqual(['x.ts: bad has no reply schema'])
    expect(change({ path: '/api/x/:id', params: undefined })).toEqual(['x.ts: bad does not check its path parameters'])
    expect(contractBreaches([first!, { ...first!, from: 'y.ts: again' }])).toHaveLength(1)
  })
  test('a registered route that the contract does not know is found, and a forgotten one', async () => {
    const routes = await contractRoutes()
    const registered = routes.map(({ route }) => ({ method: route.method as string, path: route.path }))
    const more = [...registered, { method: 'GET', path: '/healthz' }, { method: 'POST', path: '/api/back-door' }]
    expect(unruledRoutes(more, routes, { 'GET /healthz': 'says only that the process lives' })).toEqual(['POST /api/back-door'])
    expect(missingRoutes(registered.slice(1), routes)).toEqual([`${registered[0]!.method} ${registered[0]!.path}`])
  })
})

/** Each rule on small files: what it must find, and what it must let pass. */
const bites = (rule: (source: Source) => Breach[], bad: [string, string][], good: [string, string][]) => {
  for (const [path, text] of bad) expect(rule({ path, text }), `${path}: ${text}`).toHaveLength(1)
  for (const [path, text] of good) expect(told(rule({ path, text })), `${path}: ${text}`).toEqual([])
}

describe('the rules bite', () => {
  test('imports', () =>
    bites(
      importBreaches,
      [
        ['shared/a/x.ts', "import { readFileSync } from 'node:fs'"],
        ['shared/a/x.ts', "import fs from 'fs'"],
        ['shared/a/x.ts', "import { h } from 'preact'"],
        ['shared/a/x.ts', "import { x } from '../../server/platform/x.ts'"],
        ['shared/a/x.ts', "type X = import('../../pwa/ui/x.ts').X"],
        ['pwa/reports/x.tsx', "import { x } from '../consents/x.tsx'"],
        ['pwa/reports/x.tsx', "import type { X } from '../../server/records/x.ts'"],
        ['pwa/reports/x.tsx', "import { createHash } from 'node:crypto'"],
        ['pwa/ui/x.tsx', "import { x } from '../reports/x.tsx'"],
        ['pwa/reports/x.tsx', "import { App } from '../app.tsx'"],
        ['pwa/sw.ts', "import './reports/x.ts'"],
        ['pwa/reports/x.tsx', `const x = await import(\`./\${name}.ts\`)`],
        ['extension/risk/x.ts', "export { x } from '../../pwa/ui/x.ts'"],
        ['server/consents/x.ts', "import { x } from '../records/rules.ts'"],
        ['server/consents/x.ts', "const x = await import('../records/store.ts')"],
        ['server/downloads/x.ts', "import { rows } from '../records/store.ts'"],
        ['server/platform/x.ts', "import { release } from '../records/release.ts'"],
        ['server/records/x.ts', "import { buildApp } from '../app.ts'"],
        ['server/records/x.ts', "import { x } from '../../tests/support/postgres.ts'"],
        ['server/records/x.ts', "import { x } from './rules.test.ts'"],
        ['server/records/x.ts', "import x from '../../../shared/data/x.json' with { type: 'json' }"],
      ],
      [
        ['shared/a/x.ts', "import * as v from 'valibot'\nimport { y } from '../b/y.ts'"],
        [
          'pwa/reports/x.tsx',
          "import { y } from '../ui/y.tsx'\nimport '../platform/z.ts'\nimport './w.ts'\nimport '../../shared/a/x.ts'",
        ],
        ['pwa/app.tsx', "import { x } from './reports/x.tsx'"],
        ['server/app.ts', "import { x } from './records/routes.ts'"],
        ['server/demo/seed.ts', "import { x } from '../records/import.ts'"],
        [
          'server/records/x.ts',
          "import { x } from './store.ts'\nimport '../evidence/y.ts'\nimport '../identity/z.ts'\nimport 'node:fs'",
        ],
        ['server/downloads/x.ts', "import { release } from '../records/release.ts'"],
        ['server/records/x.test.ts', "import { buildApp } from '../app.ts'"],
      ],
    ))

  test('circles, also of types', () => {
    const file = (path: string, text: string) => ({ path, text })
    const circle = [
      file('shared/a.ts', "import { b } from './b.ts'"),
      file('shared/b.ts', "import type { C } from './c.ts'"),
      file('shared/c.ts', "export { a } from './a.ts'"),
    ]
    expect(told(cycleBreaches(circle))).toEqual([
      'shared/c.ts:1: imports in a circle: shared/a.ts -> shared/b.ts -> shared/c.ts -> shared/a.ts',
    ])
    expect(cycleBreaches(circle.slice(0, 2))).toEqual([])
  })

  test('barrels', () =>
    bites(
      barrelBreaches,
      [
        ['server/records/index.ts', "export { a } from './a.ts'\nexport { b } from './b.ts'"],
        ['pwa/ui/all.ts', "export * from './a.ts'\nexport const b = 1"],
      ],
      [
        ['shared/contract/all.ts', "export * from './a.ts'"],
        ['shared/a/x.ts', "export { a } from './a.ts'\nexport const b = 1"],
      ],
    ))

  test('Chinese text', () =>
    bites(
      chineseBreaches,
      [
        ['pwa/ui/x.tsx', "const x = '知情'"],
        ['pwa/ui/x.tsx', 'const x = <p>报告</p>'],
        ['server/records/x.ts', "const x = '\\u77e5'"],
        ['server/records/x.ts', `const x = \`患者\${1}\``],
        ['shared/policy/x.ts', 'const x = /岁/'],
      ],
      [
        ['pwa/ui/x.tsx', '// 数据安全责任由本人承担\nconst x = /\\p{Script=Han}/u'],
        ['server/demo/people.ts', "const x = '林晓慧'"],
        ['server/records/items-blood.ts', "const x = '血红蛋白'"],
        ['server/records/x.test.ts', "const x = '林晓慧'"],
      ],
    ))

  test('text on screen', () =>
    bites(
      spokenBreaches,
      [
        ['pwa/ui/x.tsx', 'const x = <p>Reports</p>'],
        ['pwa/ui/x.tsx', "const x = <p>{'Reports'}</p>"],
        ['pwa/ui/x.tsx', "const x = <p>{on ? t('a') : 'Off'}</p>"],
        ['pwa/ui/x.tsx', `const x = <p>{\`Page \${n}\`}</p>`],
        ['pwa/ui/x.tsx', 'const x = <input placeholder="Name" />'],
        ['pwa/ui/x.tsx', "const x = <button aria-label={a ?? 'Close'} />"],
        ['pwa/ui/x.tsx', 'const x = <img alt="Logo" />'],
        ['pwa/ui/x.tsx', "const x = <a title={'Go ' + where}>{where}</a>"],
      ],
      [
        ['pwa/ui/x.tsx', `const x = <p class="note" id={\`a-\${n}\`}>{t("reports.title")} · {count}</p>`],
        ['pwa/ui/x.tsx', 'const x = <p>{kind === "laboratory" ? t("a") : null}</p>'],
        ['pwa/ui/x.tsx', 'const x = <img alt="" title={t("x")} />'],
        ['pwa/ui/x.test.tsx', 'const x = <p>Reports</p>'],
      ],
    ))

  test('names and sizes', () => {
    bites(
      nameBreaches,
      [
        ['server/records/auditLog.ts', ''],
        ['pwa/ui/date-utils.ts', ''],
        ['server/helpers/x.ts', ''],
        ['pwa/ui/Button.module.css', ''],
      ],
      [
        ['server/migrations/0001-people.ts', ''],
        ['pwa/ui/button.module.css', ''],
        ['server/records/list.twins.test.ts', ''],
      ],
    )
    bites(sizeBreaches, [['pwa/ui/x.ts', '\n'.repeat(301)]], [['pwa/ui/x.ts', '\n'.repeat(300)]])
  })

  test('lonely and silent tests', () =>
    bites(
      testBreaches,
      [
        ['a.test.ts', "test.only('x', () => {})"],
        ['a.test.ts', "describe.only.each([1])('x', () => {})"],
        ['a.test.ts', "test.skip('switched off', () => {})"],
        ['a.test.ts', "test('x', (context) => context.skip())"],
        ['a.test.ts', "test('x', (context) => context.skip(!ready))"],
        ['a.test.ts', "test.skipIf(!ready)('x', () => {})"],
        ['a.test.ts', "test.todo('later')"],
        ['a.spec.ts', 'test.skip()'],
        ['a.spec.ts', "test.fixme('x', async () => {})"],
      ],
      [
        ['a.test.ts', "test('x', (context) => context.skip(!ready, 'needs PostgreSQL'))"],
        ['a.test.ts', "test.skipIf(!ready)('x (needs ../shared/data)', () => {})"],
        ['a.spec.ts', "test.skip(!browser, 'needs Chromium')"],
        ['a.spec.ts', "test.skip(({ browserName }) => browserName !== 'chromium', 'needs Chromium')"],
      ],
    ))

  test('names of the machine', () => {
    const folder = ['', 'work', 'main'].join('/')
    bites(
      workplaceBreaches,
      [
        ['docs/x.md', `run it in ${folder}`],
        ['a.ts', `const x = '.${'library'}/x'`],
      ],
      [['docs/x.md', 'see ../shared/data and https://example.org/at-work/']],
    )
  })
})
