import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildApp } from '../../server/app.ts'
import { demoHospitalInfo } from '../../server/demo/hospital.ts'
import { storeOnEmbedded } from '../../server/platform/db.ts'
import type { Deps } from '../../server/platform/deps.ts'
import { lockDirectory, openEmbedded } from '../../server/platform/embedded.ts'
import { openKeys } from '../../server/platform/keys.ts'
import { migrate } from '../../server/platform/migrate.ts'
import { bringIn, giveAccount, profile, seededRandom } from '../support/gateway.ts'
import { generatePair } from '../support/hospitals.ts'

// One of two twins as a process of its own: node twin-gateway.ts PORT SEED with|without. Prints the phone once it listens.
const [port, seed, side] = process.argv.slice(2) as [string, string, 'with' | 'without']
const now = new Date('2026-05-31T07:30:00Z')
const directory = mkdtempSync(join(tmpdir(), 'zhiqing-browser-twin-'))
const lock = lockDirectory(directory)
const store = storeOnEmbedded(await openEmbedded(directory), () => lock.release())
await migrate(store.owner)
const random = seededRandom('browser twins')
const keys = await openKeys(store.owner, createHmac('sha256', 'master').update('browser twins').digest(), random)
const deps: Deps = { store, keys, profile, hospital: demoHospitalInfo, now: () => now, random, demo: true }
const pair = generatePair(Number(seed), now)
await bringIn(deps, pair[side])
const phone = `+86${pair.patient.phone}`
await giveAccount(deps, keys.publicId('hospital', 'Patient', pair.patient.reference.split('/')[1] as string), phone)
const { app } = await buildApp(deps, {
  origin: `http://localhost:${port}`,
  proxies: [],
  clientDirectory: fileURLToPath(new URL('../../dist/pwa', import.meta.url)),
  ingestClients: [],
  report: (line) => console.error(line),
})
await app.listen({ host: 'localhost', port: Number(port) })
console.log(pair.patient.phone)
process.once('SIGTERM', async () => {
  await app.close()
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})
