import { pathToFileURL } from 'node:url'
import { type Bench, finish } from './harness.ts'

// One bench in a process of its own, so that none measures another's memory or warm code. Results go over IPC: stdout is the report's.
const [name, file] = process.argv.slice(2) as [string, string]
try {
  const module: { default?: Bench } = await import(pathToFileURL(file).href)
  if (typeof module.default !== 'function') throw new Error(`${name}.bench.ts exports no default function`)
  process.send!({ results: finish(name, await module.default()) }, () => process.exit(0))
} catch (error) {
  console.error(error)
  process.send!({ error: String(error) }, () => process.exit(1))
}
