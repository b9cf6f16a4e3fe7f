import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ShownBy, shownBy } from './house/shown-by.ts'
import { readHouse, root } from './house/source.ts'

const usage = `npm run requirements [-- --json]
  every requirement of docs/requirements.json with the tests whose title carries its id, as [VW-2]
  exit 1: a title carries an id that is no requirement`

interface Requirement {
  id: string
  says: string
}

function wantsJson(): boolean {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } })
    if (!values.help) return values.json ?? false
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
}

function print(requirements: (Requirement & { tests: ShownBy[] })[]): void {
  for (const { id, says, tests } of requirements.filter((one) => one.tests.length > 0)) {
    console.log(`${id}  ${says}`)
    for (const { file, title } of tests) console.log(`    ${file}: ${title}`)
  }
  const unshown = requirements.filter((one) => one.tests.length === 0)
  console.log(`\nShown by no test (${unshown.length} of ${requirements.length}):`)
  for (const { id, says } of unshown) console.log(`${id}  ${says}`)
}

const asJson = wantsJson()
const list: Requirement[] = JSON.parse(readFileSync(join(root, 'docs/requirements.json'), 'utf8'))
const shown = readHouse().flatMap(shownBy)
const requirements = list.map((one) => ({ ...one, tests: shown.filter(({ id }) => id === one.id) }))
const known = new Set(list.map(({ id }) => id))
const unknown = shown.filter(({ id }) => !known.has(id))

if (asJson) {
  const tests = (found: ShownBy[]) => found.map(({ file, title }) => ({ file, title }))
  console.log(
    JSON.stringify({ requirements: requirements.map((one) => ({ ...one, tests: tests(one.tests) })), unknown }, null, 2),
  )
} else print(requirements)
for (const { id, file, title } of unknown) console.error(`${id} is no requirement: ${file}: ${title}`)
process.exitCode = unknown.length > 0 ? 1 : 0
