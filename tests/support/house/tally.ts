export interface Skip {
  title: string
  reason: string
}
/** What one part of the test run came to. A failure is told by its title and, where there is one, its message. */
export interface Tally {
  passed: number
  failed: string[]
  skipped: Skip[]
}

export const nothing = (): Tally => ({ passed: 0, failed: [], skipped: [] })

/** A skip says why, in its note or at the end of its title, "(needs ...)"; one that does not is a failure: it hides a test. */
export function addSkip(tally: Tally, title: string, note: string | undefined): void {
  const reason = note?.trim() || /\(((?:needs|without) .+)\)$/.exec(title)?.[1]
  if (reason) tally.skipped.push({ title, reason })
  else tally.failed.push(`${title}: skipped without a reason`)
}

export const addUp = (tallies: Tally[]): Tally => ({
  passed: tallies.reduce((sum, one) => sum + one.passed, 0),
  failed: tallies.flatMap((one) => one.failed),
  skipped: tallies.flatMap((one) => one.skipped),
})

/** What CI must have: there a test that is skipped for want of it failed. */
export const strictly = (tally: Tally): Tally => {
  const wanted = ({ reason }: Skip) => /^needs (PostgreSQL|Chromium)/.test(reason)
  const failed = tally.skipped.filter(wanted).map(({ title, reason }) => `${title}: ${reason}`)
  return { ...tally, failed: [...tally.failed, ...failed], skipped: tally.skipped.filter((skip) => !wanted(skip)) }
}

/** The one line that machines read, always last. */
export const lastLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`

/** A runner's word against its exit code: a crash, a lost report or an empty run is a failure of its own. */
export function judgeRunner(name: string, exit: string, report: Tally | undefined): Tally {
  if (!report) return { ...nothing(), failed: [`${name}: ended (${exit}) without a report`] }
  const failed = [...report.failed]
  if (report.passed + failed.length + report.skipped.length === 0) failed.push(`${name}: found no tests`)
  if (exit !== 'exit 0' && failed.length === 0) failed.push(`${name}: ended with ${exit} although no test failed`)
  return { ...report, failed }
}

interface JourneySuite {
  title: string
  file?: string
  suites?: JourneySuite[]
  specs?: {
    title: string
    tests: {
      status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
      annotations: { type: string; description?: string }[]
      results: { status: string; error?: { message?: string } }[]
    }[]
  }[]
}
export interface JourneyReport {
  suites: JourneySuite[]
  errors: { message?: string }[]
}

/** From Playwright's JSON. A test that failed once and passed later failed. */
export function tallyJourneys(report: JourneyReport): Tally {
  const tally = nothing()
  const visit = (suite: JourneySuite, above: string[]) => {
    const titles = [...above, suite.title]
    for (const spec of suite.specs ?? []) {
      const title = [...titles, spec.title].join(' > ')
      for (const { status, annotations, results } of spec.tests) {
        if (status === 'expected') tally.passed += 1
        else if (status === 'skipped') {
          const note = annotations.find(({ type }) => type === 'skip' || type === 'fixme')?.description
          addSkip(tally, title, note)
        } else tally.failed.push(`${title}: ${results.find((result) => result.error)?.error?.message?.split('\n')[0] ?? status}`)
      }
    }
    for (const inner of suite.suites ?? []) visit(inner, titles)
  }
  for (const suite of report.suites) visit(suite, [])
  for (const error of report.errors) tally.failed.push(`journeys: ${error.message?.split('\n')[0] ?? 'unknown error'}`)
  return tally
}

/** Titles of a `--list` run, none of which could run for want of a browser. */
export function tallyUnrun(report: JourneyReport, reason: string): Tally {
  const titles = (suite: JourneySuite): string[] => [
    ...(suite.specs ?? []).flatMap((spec) => spec.tests.map(() => `${suite.title} > ${spec.title}`)),
    ...(suite.suites ?? []).flatMap(titles),
  ]
  const failed = report.errors.map((error) => `journeys: ${error.message ?? 'unknown error'}`)
  return { passed: 0, failed, skipped: report.suites.flatMap(titles).map((title) => ({ title, reason })) }
}
