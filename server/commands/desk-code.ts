import { parseArgs } from 'node:util'
import { reachStore } from './store.ts'
import { BadUsage, type Command, parse, printLine } from './usage.ts'

export const deskCodeCommand: Command = {
  summary: 'a code that is handed over at the desk, for those whose number proves nothing',
  help: `zhiqing desk-code PATIENT [--source NAME]

Makes a code for the patient whose FHIR id is PATIENT, to be handed over in person against the identity card. With it and
an SMS code the person opens an account, or gives an existing one new credentials. A new code replaces the one before.
stdout: {"patient","code"}. Exit code 1 where the hospital's index has no such patient.
`,
  async run(args) {
    const { values, positionals } = parse(() =>
      parseArgs({ args, allowPositionals: true, options: { source: { type: 'string', default: 'hospital' } } }),
    )
    const [patient] = positionals
    if (patient === undefined || positionals.length > 1)
      throw new BadUsage('desk-code needs one PATIENT; see zhiqing desk-code --help')
    const store = await reachStore()
    try {
      const code = await store.deskCode({ source: values.source, patient })
      printLine({ patient, code })
      return code === null ? 1 : 0
    } finally {
      await store.close()
    }
  },
}
