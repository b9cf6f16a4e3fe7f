import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { findChromium } from './chromium.ts'
import { type Ended, runProgram } from './house/program.ts'
import {
  addUp,
  type JourneyReport,
  judgeRunner,
  lastLine,
  nothing,
  strictly,
  type Tally,
  tallyJourneys,
  tallyUnrun,
} from './house/tally.ts'

const usage = `npm test [-- --only PART[,PART...]]
  parts, in order: lint, types, build, unit, journeys
  CI=true: a missing PostgreSQL or Chromium is a failure, not a skip`

interface Part extends Tally {
  name: string
  seconds: number
}

const inCi = process.env.CI === 'true'
let reports = ''

/** The report a runner wrote; undefined when it is absent or cut off. */
function readReport<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    console.error(`${file}: ${error}`)
    return undefined
  }
}

/** A check counts as one test, however many commands it takes. */
async function check(name: string, commands: [string, ...string[]][]): Promise<Part> {
  const failed: string[] = []
  let seconds = 0
  for (const [program, ...args] of commands) {
    const ended = await runProgram(program, args, { minutes: 5 })
    seconds += ended.seconds
    if (ended.exit !== 'exit 0') failed.push(`${program} ${args.join(' ')} (${ended.exit})`)
  }
  return failed.length > 0
    ? { ...nothing(), name, seconds, failed: [`${name}: ${failed.join('; ')}`] }
    : { ...nothing(), name, seconds, passed: 1 }
}

async function unit(): Promise<Part> {
  const file = join(reports, 'unit.json')
  const args = ['run', '--reporter=default', '--reporter=./tests/support/house/unit-report.ts']
  const ended = await runProgram('vitest', args, { env: { ZHIQING_UNIT_REPORT: file }, minutes: 12 })
  return { ...judgeRunner('unit', ended.exit, readReport<Tally>(file)), name: 'unit', seconds: ended.seconds }
}

async function journeys(): Promise<Part> {
  const file = join(reports, 'journeys.json')
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: file, PLAYWRIGHT_HTML_OPEN: 'never' }
  const browser = findChromium()
  const part = (ended: Ended, report: Tally | undefined): Part => ({
    ...judgeRunner('journeys', ended.exit, report),
    name: 'journeys',
    seconds: ended.seconds,
  })
  if ('absent' in browser) {
    console.error(`Journeys: ${browser.absent}`)
    const ended = await runProgram('playwright', ['test', '--list', '--reporter=json'], { env, minutes: 2, quiet: true })
    const report = readReport<JourneyReport>(file)
    return part(ended, report && tallyUnrun(report, browser.absent))
  }
  const ended = await runProgram('playwright', ['test', '--reporter=list,json'], { env, minutes: 10 })
  const report = readReport<JourneyReport>(file)
  return part(ended, report && tallyJourneys(report))
}

const parts: Record<string, () => Promise<Part>> = {
  lint: () => check('lint', [['biome', 'check']]),
  types: () =>
    check('types', [
      ['tsc', '--build'],
      ['tsc', '-p', 'tests'],
    ]),
  build: () => check('build', [['vite', 'build', '--logLevel', 'warn']]),
  unit,
  journeys,
}

function chosenParts(): string[] {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, help: { type: 'boolean' } } })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    const chosen = (values.only ?? []).flatMap((names) => names.split(','))
    const unknown = chosen.filter((name) => !(name in parts))
    if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}`)
    return Object.keys(parts).filter((name) => chosen.length === 0 || chosen.includes(name))
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exit(2)
  }
}

async function runPart(name: string): Promise<Part> {
  console.log(`\n== ${name}`)
  try {
    const part = await parts[name]!()
    return inCi ? { ...part, ...strictly(part) } : part
  } catch (error) {
    console.error(error)
    return { ...nothing(), name, seconds: 0, failed: [`${name}: ${(error as Error).message}`] }
  }
}

const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
if (major < 24 || (major === 24 && minor < 7)) {
  console.error(
    `Node ${process.versions.node} is too old: 24.7 or newer is needed. On Linux "npm ci" brings one that npm scripts use; elsewhere install it.`,
  )
  console.log('0 passed, 1 failed')
  process.exit(1)
}

const chosen = chosenParts()
const done: Part[] = []
reports = mkdtempSync(join(tmpdir(), 'zhiqing-test-'))
process.once('exit', () => rmSync(reports, { recursive: true, force: true }))
for (const name of chosen) done.push(await runPart(name))

const total = addUp(done)
console.log('\n== outcome')
for (const part of done) console.log(`${part.name.padEnd(9)} ${lastLine(part)} (${part.seconds.toFixed(1)} s)`)
for (const { title, reason } of total.skipped) console.log(`skipped: ${title} [${reason}]`)
for (const failure of total.failed) console.log(`FAILED: ${stripVTControlCharacters(failure)}`)
console.log(lastLine(total))
process.exitCode = total.failed.length > 0 ? 1 : 0
