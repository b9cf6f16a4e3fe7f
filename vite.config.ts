import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { preact } from '@preact/preset-vite'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

/** Shells with a lower number must not be used any more: raise it when a change on the server breaks them. */
const shellNumber = 1

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }

const wordsOf = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`./shared/i18n/${language}.json`, import.meta.url), 'utf8'))

/** The page's few fixed words come from the word files too, and the early script stands first, as a file of its own: a plain one, because a module would wait for the page. */
function shellPage(): Plugin {
  return {
    name: 'shell-page',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const early = Object.values(bundle ?? {}).find((file) => file.type === 'chunk' && file.isEntry && file.name === 'early')
        const src = early ? `/${early.fileName}` : '/early.ts'
        const noscript = ['zh-Hans', 'zh-Hant', 'en'].map((language) => wordsOf(language)['shell.noscript']).join('<br>')
        return {
          html: html.replace('{description}', wordsOf('zh-Hans')['shell.description']!).replace('{noscript}', noscript),
          tags: [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }],
        }
      },
    },
  }
}

/** Hands the worker the list of files that make the shell, and writes `version.json`, by which an old worker learns that it is old. */
function shellWorker(): Plugin {
  const shell = new Map<string, string>()
  return {
    name: 'shell-worker',
    sharedDuringBuild: true,
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        if (this.environment.name === 'client') {
          for (const [name, file] of Object.entries(bundle)) {
            // Help texts are long and of use only beside a report, which needs the network anyway.
            if (/(^|\/)help\./.test(name) || name.endsWith('.map')) continue
            shell.set(name === 'index.html' ? '/' : `/${name}`, file.type === 'chunk' ? file.code : String(file.source))
          }
          return
        }
        const hash = createHash('sha256')
        for (const content of shell.values()) hash.update(content)
        const build = hash.digest('hex').slice(0, 12)
        const files = [...shell.keys(), '/manifest.webmanifest', '/icon.svg']
        for (const file of Object.values(bundle)) {
          if (file.type !== 'chunk') continue
          file.code = file.code.replace('__SHELL__', () => JSON.stringify({ build, number: shellNumber, files }))
        }
        this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ build, minimum: shellNumber }) })
      },
    },
  }
}

/** The gateway serves these beside the plain files; best compression costs nothing here. */
function compress(folder: URL): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|css|json|html|svg|webmanifest)$/.test(path)) continue
    const file = new URL(path, folder)
    const content = readFileSync(file)
    writeFileSync(new URL(`${path}.br`, folder), brotliCompressSync(content))
    writeFileSync(new URL(`${path}.gz`, folder), gzipSync(content, { level: 9 }))
  }
}

const gateway = { target: 'http://127.0.0.1:8080' }

/** What the first list needs is one file, so that no request waits for another; what a feature adds is one file each. */
const laterUi = '(classification|display-settings|field|offline-screen)\\.'
const chunks = [
  {
    name: 'app',
    test: new RegExp(
      [
        'node_modules.(preact|i18next|valibot)',
        'shared.contract.(errors|primitives|reports|session)',
        'pwa.platform.(?!help|reply)',
        `pwa.ui.(?!${laterUi})`,
        'pwa.(app|main)\\.',
        'pwa.reports.(report-list|report-row|flag|units|reports\\.module)',
      ].join('|'),
    ),
    priority: 2,
  },
  { name: 'sign-in', test: /pwa.sign-in/, priority: 1 },
  { name: 'ui', test: new RegExp(`pwa.(ui.${laterUi}|platform.reply)`), priority: 1 },
]

const clients: UserConfig = {
  root: 'pwa',
  publicDir: '../public',
  plugins: [preact({ reactAliasesEnabled: false }), shellPage(), shellWorker()],
  define: { __VERSION__: JSON.stringify(version) },
  // WeChat's and Huawei's web views lag behind the browsers they are made from.
  build: { target: ['chrome93', 'safari15.4', 'firefox104'], modulePreload: false, cssCodeSplit: false, assetsInlineLimit: 0 },
  css: { modules: { generateScopedName: '[hash:base64:5]' } },
  server: { host: '127.0.0.1', proxy: { '/api': gateway, '/demo': gateway } },
  builder: {
    // The worker comes last: it carries the list of what the client build wrote.
    async buildApp(builder) {
      await builder.build(builder.environments.client!)
      await builder.build(builder.environments.worker!)
      compress(new URL('./dist/pwa/', import.meta.url))
    },
  },
  environments: {
    client: {
      build: {
        outDir: '../dist/pwa',
        emptyOutDir: true,
        rolldownOptions: {
          input: { index: 'pwa/index.html', early: 'pwa/early.ts' },
          output: { codeSplitting: { groups: chunks } },
        },
      },
    },
    worker: {
      consumer: 'client',
      build: {
        outDir: '../dist/pwa',
        emptyOutDir: false,
        copyPublicDir: false,
        rolldownOptions: { input: { sw: 'pwa/sw.ts' }, output: { entryFileNames: 'sw.js' } },
      },
    },
  },
}

// Unit tests share this file, but neither its root nor its plugins.
const unit = { test: { include: ['{shared,server,pwa,tests}/**/*.test.ts'] } }

export default defineConfig(process.env.VITEST ? unit : clients)
