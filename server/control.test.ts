import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../tests/support/gateway.ts'
import { stores } from '../tests/support/stores.ts'
import { buildControl, type Control, directControl } from './control.ts'
import { socketControl } from './control-client.ts'
import { readIngestClients } from './records/ingest-routes.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhiqing-control-'))
const observation = {
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: { text: '钾' },
  subject: { reference: 'https://emr.example/fhir/Patient/p' },
}
const controls: Record<string, Control> = {}
let end: () => Promise<void>

beforeAll(async () => {
  const made = await stores[0]!.make()
  const { app, deps } = await startGateway(made.store)
  const served = buildControl(deps)
  const socket = join(folder, 's')
  await served.listen({ path: socket })
  controls.direct = directControl(deps)
  controls.socket = (await socketControl(socket))!
  end = async () => {
    await served.close()
    await app.close()
    await made.drop()
    rmSync(folder, { recursive: true })
  }
}, 60_000)
afterAll(() => end())

test.each(['direct', 'socket'])('a base names whose patients absolute references mean: %s', async (way) => {
  const bring = async (bases?: string[]) => {
    const told: object[] = []
    const task = { name: 'a.json', source: way, shiftDays: 0, ...(bases && { bases }) }
    await controls[way]!.import(task, Readable.from([Buffer.from(JSON.stringify(observation))]), (line) => told.push(line))
    return told
  }
  for (const bases of [undefined, ['https://another.example/fhir']])
    expect(await bring(bases)).toMatchObject([{ code: 'subject-unresolved' }, { stored: 0, rejected: 1 }])
  expect(await bring(['https://another.example', 'https://emr.example/fhir/'])).toMatchObject([{ stored: 1, rejected: 0 }])
})

test('a client may have a base, which is an address', () => {
  const file = join(folder, 'clients.json')
  const read = (more: object) => {
    const jwks = { keys: [{ kty: 'EC' }] }
    writeFileSync(file, JSON.stringify({ clients: [{ id: 'engine', source: 'hospital', jwks, ...more }] }))
    return readIngestClients(file)[0]!.base
  }
  expect(read({})).toBeUndefined()
  expect(read({ base: 'https://emr.example/fhir' })).toBe('https://emr.example/fhir')
  expect(() => read({ base: 'emr.example' })).toThrow('base')
})
