import { connect } from 'node:net'
import type { Request } from './serving.ts'

// The clients of a bench, in a process of their own: bare sockets kept alive, each asking again once it was answered.

export interface Task {
  port: number
  requests: Request[]
  connections: number
  seconds: number
  /** Asks everything just once, this often in a second. */
  once?: number
}

export interface Answered {
  count: number
  bytes: number
  /** Milliseconds from question to answer, the 50th and 99th of 100. */
  p50: number
  p99: number
}

const cookie = '__Host-zhiqing'

process.on('message', (task: Task) => {
  void run(task).then(
    (answered) => process.send!(answered),
    (error: Error) => process.send!({ error: error.message }),
  )
})
process.once('disconnect', () => process.exit(0))

async function run({ port, requests, connections, seconds, once }: Task): Promise<Answered> {
  const texts = requests.map(({ path, session }) =>
    Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}=${session}\r\nUser-Agent: Mozilla/5.0 (Linux; Android 15) Chrome/140\r\n\r\n`,
    ),
  )
  const pause = once === undefined ? 0 : 1000 / once
  const times: number[] = []
  let next = 0
  let bytes = 0
  const until = performance.now() + seconds * 1000
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let asked = 0
      let parts: Buffer[] = []
      let length = 0
      let needed = 0
      const ask = () => {
        asked = performance.now()
        socket.write(texts[next++ % texts.length] as Buffer)
      }
      socket.setNoDelay(true)
      socket.on('connect', ask)
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the gateway closed a connection')))
      socket.on('data', (part: Buffer) => {
        parts.push(part)
        length += part.length
        if (needed === 0) needed = sizeOf(Buffer.concat(parts), reject)
        if (needed === 0 || length < needed) return
        times.push(performance.now() - asked)
        bytes += length
        parts = []
        length = 0
        needed = 0
        if (pause > 0 ? next < texts.length : performance.now() < until) return pause > 0 ? setTimeout(ask, pause) : ask()
        socket.removeAllListeners('close')
        socket.end()
        resolve()
      })
    })
  await Promise.all(Array.from({ length: connections }, one))
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  return { count: times.length, bytes, p50: at(0.5), p99: at(0.99) }
}

/** Head and body in bytes once the head is there; anything but 200 ends the bench. */
function sizeOf(head: Buffer, reject: (error: Error) => void): number {
  const end = head.indexOf('\r\n\r\n')
  if (end === -1) return 0
  const text = head.toString('latin1', 0, end)
  if (!text.startsWith('HTTP/1.1 200')) reject(new Error(`answered ${text.split('\r\n')[0]}`))
  return end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN)
}
