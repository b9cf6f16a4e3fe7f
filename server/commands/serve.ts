import { parseArgs } from 'node:util'
import { serve } from '../main.ts'
import { readConfig } from '../platform/config.ts'
import { type Command, parse, say } from './usage.ts'

export const serveCommand: Command = {
  summary: 'the gateway',
  help: `zhiqing serve          the gateway for real patients
zhiqing serve --demo   the demo hospital, on loopback only (npm start)

Settings (environment; every secret X also as X_FILE naming a file):
  PORT                          8080
  HOST                          127.0.0.1; the demo always listens on loopback
  DATABASE_URL                  PostgreSQL; needed without --demo
  ZHIQING_MASTER_KEY_FILE       32 bytes as hex or base64, kept apart from the database; needed without --demo
  ZHIQING_ORIGIN                what browsers use, e.g. https://my.hospital.cn; needed without --demo
  ZHIQING_HOSPITAL_FILE         JSON: name, inPersonPlace (each zh-Hans, zh-Hant, en), inPersonPhone; needed without --demo
  ZHIQING_PROFILE               CN
  ZHIQING_DATA                  ./data (embedded store, its key, the control socket)
  ZHIQING_PROXIES               addresses whose X-Forwarded-For is believed, comma between
  ZHIQING_INGEST_CLIENTS_FILE   JSON: {"clients":[{"id","source","base"?,"jwks"}]} for POST /ingest/fhir
  ZHIQING_BREACHED_PASSWORDS_FILE   passwords that are refused, one a line, beside the built-in list
  ZHIQING_NOW                   demo only: the time its clock starts at
`,
  async run(args) {
    const { values } = parse(() => parseArgs({ args, options: { demo: { type: 'boolean', default: false } } }))
    const gateway = await serve(readConfig(process.env, values.demo ? 'demo' : 'serve'), say)
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
    await gateway.close()
    return 0
  },
}
