import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { socketControl } from '../../server/control-client.ts'
import type { Visitor } from './gateway-process.ts'
import { type Database, databaseRows } from './look-inside.ts'

/** What was acknowledged, and so must be there whatever happened next. */
export interface Acknowledged {
  /** Answers that let data out: each is an event. */
  lists: number
  reveals: number
  /** Entries of the access log that were questioned, and when by the answer. */
  questions: Map<string, string>
  /** Numbers to which a code was promised. */
  codes: string[]
  /** Ids of observations in files whose counts were printed. */
  imported: string[]
  /** Asked but unanswered: may be there or not. */
  unanswered: number
}

export const nothingYet = (): Acknowledged => ({
  lists: 0,
  reveals: 0,
  questions: new Map(),
  codes: [],
  imported: [],
  unanswered: 0,
})

/** Under 50 a second for each session. */
const pauseMs = 25

/** Does one thing over and over until the gateway is gone or `until` says so. */
export async function write(done: Acknowledged, until: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!until.aborted) {
    try {
      await act()
    } catch {
      done.unanswered += 1
      if (!until.aborted) await sleep(10)
    }
    await sleep(pauseMs)
  }
}

export async function readLists(done: Acknowledged, visitor: Visitor): Promise<void> {
  const { status } = await visitor.ask('GET', '/api/people/self/reports')
  if (status === 200) done.lists += 1
}

export async function reveal(done: Acknowledged, visitor: Visitor): Promise<void> {
  const { status, json } = await visitor.ask('POST', '/api/people/self/identity/reveal', { field: 'phone' })
  if (status === 200 && json.value) done.reveals += 1
}

/** Questions every entry of the newest page that has no question yet. */
export async function question(done: Acknowledged, visitor: Visitor): Promise<void> {
  const { json } = await visitor.ask('GET', '/api/people/self/access-log')
  for (const { id, questionedAt } of json.items as { id: string; questionedAt: string | null }[]) {
    if (questionedAt !== null) continue
    await sleep(pauseMs)
    const answer = await visitor.ask('POST', `/api/people/self/access-log/${id}/question`, { text: 'I do not recognise this' })
    if (answer.status === 200) done.questions.set(id, answer.json.questionedAt as string)
  }
}

export async function askCode(done: Acknowledged, visitor: Visitor, phone: string): Promise<void> {
  const { status } = await visitor.ask('POST', '/api/registration/code', { phone })
  if (status === 202) done.codes.push(phone)
}

export const raceSource = 'races'

/** Imports one bundle after another through the socket of the gateway, as `zhiqing import` does; the counts acknowledge it. */
export async function importBundle(done: Acknowledged, socket: string, ids: string[]): Promise<void> {
  const control = await socketControl(socket)
  if (control === null) throw new Error('no gateway listens')
  const patient = { reference: `Patient/${ids[0]?.split('-')[0]}` }
  const entry = ids.map((id) => ({ resource: { ...observation, id, subject: patient } }))
  const bundle = Readable.from([Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry }))])
  const task = { name: 'bundle.json', source: raceSource, shiftDays: 0 }
  await control.import(task, bundle, (line) => {
    if ((line as { stored?: number }).stored === ids.length) done.imported.push(...ids)
  })
}

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  effectiveDateTime: '2026-11-01T08:00:00+08:00',
  valueQuantity: { value: 70, unit: '/min' },
}

/** Everything acknowledged, asked of the store itself once nothing else has it open. Answers what is missing. */
export async function missing(done: Acknowledged, database: Database, phones: string[]): Promise<string[]> {
  const { count, questions, records } = await databaseRows(database, raceSource, done.imported)
  const lost: string[] = []
  const atLeast = (what: string, least: number, found: number) => {
    if (found < least) lost.push(`${what}: ${least} acknowledged, ${found} there`)
  }
  atLeast('lists', done.lists, count('reports-listed'))
  atLeast('reveals', done.reveals, count('identifier-revealed'))
  for (const [id, at] of done.questions) if (questions.get(id) !== at) lost.push(`question ${id} of ${at}: ${questions.get(id)}`)
  for (const id of done.imported) if (!records.has(id)) lost.push(`record ${id}`)
  const told = new Set(phones)
  for (const phone of done.codes) if (!told.has(phone)) lost.push(`code for ${phone}`)
  return lost
}
