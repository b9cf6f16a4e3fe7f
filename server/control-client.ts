import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Control } from './control.ts'

/** The same acts through the socket of the gateway that has the store open; null where none listens. */
export async function socketControl(socketPath: string): Promise<Control | null> {
  if (!(await answers(socketPath))) return null
  return {
    async import({ name, source, bases = [], shiftDays }, chunks, tell) {
      const query = new URLSearchParams({ name, source, bases: JSON.stringify(bases), shift: String(shiftDays) })
      const reply = await call(socketPath, `/import?${query}`, 'application/octet-stream', Readable.from(chunks))
      let rejected = 0
      let complete = false
      for await (const line of createInterface({ input: reply })) {
        const said = JSON.parse(line) as { rejected?: number }
        if (said.rejected !== undefined) {
          rejected = said.rejected
          complete = true
        }
        tell(said)
      }
      if (!complete) throw new Error(`the gateway broke off at ${name}`)
      return { rejected }
    },
    async deskCode(task) {
      const reply = await call(socketPath, '/desk-code', 'application/json', Readable.from([JSON.stringify(task)]))
      const parts: Buffer[] = []
      for await (const part of reply) parts.push(part as Buffer)
      return (JSON.parse(Buffer.concat(parts).toString('utf8')) as { code: string | null }).code
    },
    close: async () => {},
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ socketPath, path: '/', method: 'GET' }, (reply) => {
      reply.resume()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
    probe.end()
  })
}

async function call(socketPath: string, path: string, type: string, body: Readable): Promise<Readable> {
  const outgoing = request({ socketPath, path, method: 'POST', headers: { 'content-type': type } })
  const replied = new Promise<Readable>((resolve, reject) => {
    outgoing.on('response', (reply) => {
      if (reply.statusCode === 200) resolve(reply)
      else reject(new Error(`the gateway refused: ${reply.statusCode}`))
    })
    outgoing.on('error', reject)
  })
  const [reply] = await Promise.all([replied, pipeline(body, outgoing)])
  return reply
}
