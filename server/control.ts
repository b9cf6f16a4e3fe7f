import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { makeDeskCode } from './identity/desk.ts'
import type { Deps } from './platform/deps.ts'
import type { ImportError } from './records/import/entry.ts'
import { importStream } from './records/import/run.ts'

export interface ImportTask {
  name: string
  source: string
  /** Addresses of the source's own FHIR server. */
  bases?: string[]
  shiftDays: number
}

export interface DeskTask {
  source: string
  patient: string
}

/** What commands of this machine ask of the store, directly or through the running gateway's socket. */
export interface Control {
  /** Tells errors as they come, then the counts. */
  import(task: ImportTask, chunks: AsyncIterable<Uint8Array>, tell: (line: object) => void): Promise<{ rejected: number }>
  deskCode(task: DeskTask): Promise<string | null>
  close(): Promise<void>
}

/** Acts on an open store. */
export const directControl = (deps: Deps): Control => ({
  async import({ name, source, bases = [], shiftDays }, chunks, tell) {
    const origin = { source, actor: 'import', operation: 'imported' } as const
    const told = (error: ImportError) => tell({ file: name, ...error })
    const counts = await importStream(deps, origin, chunks, { name, shiftDays, bases }, told)
    tell({ file: name, ...counts })
    return counts
  },
  async deskCode({ source, patient }) {
    const patientId = deps.keys.publicId(source, 'Patient', patient)
    return deps.store.owner.transaction().execute(async (tx) => {
      const known = await sql`select 1 from patient where id = ${patientId}`.execute(tx)
      return known.rows.length === 0 ? null : makeDeskCode(tx, deps, patientId, 'desk')
    })
  },
  close: () => deps.store.close(),
})

/** The running gateway's side of the socket. */
export function buildControl(deps: Deps): FastifyInstance {
  const control = directControl(deps)
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024 })
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload))
  app.post<{ Querystring: { name: string; source: string; shift: string; bases?: string } }>(
    '/import',
    async (request, reply) => {
      const { name, source, shift, bases } = request.query
      const lines = new Readable({ read() {} })
      const tell = (line: object) => lines.push(`${JSON.stringify(line)}\n`)
      control
        .import(
          { name, source, shiftDays: Number(shift), bases: JSON.parse(bases ?? '[]') as string[] },
          request.body as Readable,
          tell,
        )
        .then(() => lines.push(null))
        .catch((error: Error) => lines.destroy(error))
      return reply.type('application/x-ndjson').send(lines)
    },
  )
  app.post<{ Body: DeskTask }>('/desk-code', async (request) => ({ code: await control.deskCode(request.body) }))
  return app
}
