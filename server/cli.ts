#!/usr/bin/env node
import { faultName } from './app.ts'
import { deskCodeCommand } from './commands/desk-code.ts'
import { importCommand } from './commands/import.ts'
import { labelCommand } from './commands/label.ts'
import { serveCommand } from './commands/serve.ts'
import { BadUsage, type Command } from './commands/usage.ts'
import { BadConfig } from './platform/config.ts'
import { DirectoryInUse } from './platform/embedded.ts'
import { OtherRules } from './records/label-rules.ts'

const commands: Record<string, Command> = {
  serve: serveCommand,
  import: importCommand,
  label: labelCommand,
  'desk-code': deskCodeCommand,
}

const overview = `zhiqing COMMAND [OPTIONS]   (each has --help)

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Results go to stdout, talk to stderr. Exit code: 0, 1 = found something or failed, 2 = bad usage.
`

async function run([name, ...rest]: string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(overview)
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new BadUsage(`there is no command ${name}\n\n${overview}`)
  if (rest.includes('--help')) {
    process.stdout.write(command.help)
    return 0
  }
  return command.run(rest)
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  if (error instanceof BadUsage || error instanceof BadConfig) {
    process.stderr.write(`zhiqing: ${error.message}\n`)
    process.exitCode = 2
  } else if (error instanceof DirectoryInUse || error instanceof OtherRules) {
    process.stderr.write(`zhiqing: ${error.message}\n`)
    process.exitCode = 1
  } else {
    process.stderr.write(`zhiqing: it failed (${faultName(error)}). Nothing half-done is kept.\n`)
    process.exitCode = 1
  }
}
