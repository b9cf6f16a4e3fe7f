import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'
import { addSkip, nothing } from './tally.ts'

/** Writes a `Tally` to the file that ZHIQING_UNIT_REPORT names. Vitest's own JSON leaves out why a test was skipped, and errors outside tests. */
export default class UnitReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env.ZHIQING_UNIT_REPORT
    if (!file) throw new Error('ZHIQING_UNIT_REPORT names no file')
    const tally = nothing()
    for (const module of modules) {
      const path = relative(process.cwd(), module.moduleId)
      const before = tally.failed.length
      for (const test of module.children.allTests()) {
        const title = `${path} > ${test.fullName}`
        const result = test.result()
        if (result.state === 'passed') tally.passed += 1
        else if (result.state === 'skipped') addSkip(tally, title, result.note)
        else
          tally.failed.push(
            `${title}: ${result.state === 'failed' ? (result.errors[0]?.message.split('\n')[0] ?? 'failed') : 'did not finish'}`,
          )
      }
      // A file that does not load, a hook that throws, a worker that dies: no test of it need have failed.
      if (!module.ok() && tally.failed.length === before) {
        tally.failed.push(`${path}: ${module.errors()[0]?.message.split('\n')[0] ?? 'did not finish'}`)
      }
    }
    for (const error of errors) tally.failed.push(`outside any test: ${error.message}`)
    writeFileSync(file, JSON.stringify(tally))
  }
}
