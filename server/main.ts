import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { buildApp, faultName } from './app.ts'
import { buildControl } from './control.ts'
import { demoHospital } from './demo/hospital.ts'
import { seedDemo, seededAt } from './demo/seed.ts'
import { addBreachedPasswords } from './identity/password.ts'
import { isOldDemo, open, setAsideDemo } from './open.ts'
import { BadConfig, type Config } from './platform/config.ts'
import type { Deps } from './platform/deps.ts'
import { tidy } from './platform/housekeeping.ts'
import { readIngestClients } from './records/ingest-routes.ts'
import { needsRelabel, relabel } from './records/relabel.ts'

const clientDirectory = fileURLToPath(new URL('../dist/pwa', import.meta.url))
const tidyEveryMs = 10 * 60_000

/** Runs the gateway until it is told to stop. Talk goes to stderr. */
export async function serve(config: Config, say: (line: string) => void): Promise<{ close(): Promise<void> }> {
  const ingestClients = config.ingestClientsFile === null ? [] : readClients(config.ingestClientsFile)
  if (config.breachedPasswordsFile !== null) readBreached(config.breachedPasswordsFile)
  const deps = await openFresh(config, say)
  const closers: (() => Promise<unknown>)[] = [() => deps.store.close()]
  const close = async () => {
    for (const closer of closers.reverse()) await closer()
  }
  try {
    if (deps.demo && (await seededAt(deps)) === null) {
      say('seeding the demo hospital ...')
      await seedDemo(deps)
    }
    if (await needsRelabel(deps)) await relabel(deps, (people) => say(`labelling anew: ${people} people so far`))
    const { app, jobs } = await buildApp(deps, {
      origin: config.origin,
      proxies: config.proxies,
      clientDirectory,
      ingestClients,
      report: say,
    })
    closers.push(() => app.close())
    if (config.databaseUrl === null) closers.push(await listenControl(buildControl(deps), config))
    await app.listen({ host: config.host, port: config.port }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      throw new BadConfig(`port ${config.port} is in use: stop what listens there, or set PORT to another`)
    })
    jobs.start()
    jobs.poke()
    const tidying = setInterval(() => void tidy(deps).catch((error) => say(`tidying failed: ${faultName(error)}`)), tidyEveryMs)
    closers.push(async () => clearInterval(tidying))
    welcome(deps, config, say)
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openFresh(config: Config, say: (line: string) => void): Promise<Deps> {
  const deps = await open(config)
  const seeded = deps.demo && config.databaseUrl === null ? await seededAt(deps) : null
  const now = deps.now()
  if (seeded === null || !isOldDemo(seeded, now)) return deps
  await deps.store.close()
  const to = setAsideDemo(config, now)
  say(`the demo store was over 30 days old: it lies in ${to} now, and a new one is made`)
  return open(config)
}

function readBreached(path: string): void {
  try {
    addBreachedPasswords(readFileSync(path, 'utf8').split(/\r?\n/))
  } catch (error) {
    throw new BadConfig(`ZHIQING_BREACHED_PASSWORDS_FILE ${path}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

function readClients(path: string) {
  try {
    return readIngestClients(path)
  } catch (error) {
    throw new BadConfig(`ZHIQING_INGEST_CLIENTS_FILE ${path}: ${(error as Error).message}`)
  }
}

export const controlSocket = (dataDirectory: string): string => join(dataDirectory, 'control.sock')

/** Commands of this machine reach a running gateway here; the folder is 0700 and the socket 0600. */
async function listenControl(control: FastifyInstance, config: Config): Promise<() => Promise<void>> {
  const path = controlSocket(config.dataDirectory)
  // The directory's lock is ours: a socket that is still there is a dead process's.
  if (existsSync(path)) rmSync(path)
  await control.listen({ path })
  chmodSync(path, 0o600)
  return () => control.close()
}

function welcome(deps: Deps, config: Config, say: (line: string) => void): void {
  say(`Zhiqing listens on ${config.origin}`)
  if (!deps.demo) return
  const people = demoHospital(deps.now()).people
  say('This is the demo hospital; nobody in it is real. Sign in with one of:')
  for (const { name, phone, password, registered } of people) if (registered) say(`  ${name}  ${phone}  ${password}`)
  say(`SMS codes arrive at ${config.origin}/demo/outbox; everybody there is: ${config.origin}/demo/people`)
}
