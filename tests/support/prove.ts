import { runProgram } from './house/program.ts'

// The long property runs: the same tests as in `npm test`, ten times the pairs. Further arguments go to vitest.
const files = ['.twins.test.', '.prove.test.']
const args = ['run', '--testTimeout=1800000', '--hookTimeout=600000', ...files, ...process.argv.slice(2)]
const { exit, seconds } = await runProgram('vitest', args, { env: { ZHIQING_PROVE: '1' }, minutes: 240 })
console.log(`prove: ${exit === 'exit 0' ? 'held' : `failed (${exit})`}, ${seconds} s`)
process.exitCode = exit === 'exit 0' ? 0 : 1
