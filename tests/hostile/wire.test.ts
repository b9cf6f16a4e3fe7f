import { connect } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { origin } from '../support/gateway.ts'
import { onBothStores } from './on-both-stores.ts'

onBothStores('wire', {}, (place) => {
  const talk = (text: string | Buffer): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = place.gateway.app.server.address() as { port: number }
      const socket = connect(port, '127.0.0.1')
      let heard = ''
      socket.on('data', (chunk) => {
        heard += chunk.toString('utf8')
      })
      socket.on('error', (error: NodeJS.ErrnoException) => (heard === '' ? reject(error) : resolve(heard)))
      socket.on('close', () => resolve(heard))
      socket.setTimeout(5000, () => socket.destroy())
      socket.write(text)
    })
  beforeAll(async () => {
    await place.gateway.app.listen({ host: '127.0.0.1', port: 0 })
  })

  test('[SE-5] ten megabytes are refused with 413 and the next request is answered', async () => {
    const body = Buffer.from(JSON.stringify({ phone: '16455500001', password: 'x'.repeat(10 * 1024 * 1024) }))
    const { port } = place.gateway.app.server.address() as { port: number }
    const url = `http://127.0.0.1:${port}/api/sign-in/password`
    const headers = { origin, 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body })
    expect(answer.status).toBe(413)
    expect(((await answer.json()) as { code: string }).code).toBe('too-large')
    const chunked = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(64 * 1024, 0x20))
      },
    })
    const streamed = await fetch(url, { method: 'POST', headers, body: chunked, duplex: 'half' } as RequestInit).catch(
      (error: Error) => error,
    )
    if (streamed instanceof Response) expect(streamed.status).toBe(413)
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    expect(place.gateway.reports).toEqual([])
  })

  test('[SE-5] what is no HTTP, giant headers and two lengths get a problem document and the end of the connection', async () => {
    for (const text of [
      'GARBAGE\r\n\r\n',
      'GET / HTTP/1.1\r\nno colon here\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: x\r\nx-big: ${'a'.repeat(70_000)}\r\n\r\n`,
      `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      'POST /api/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /api/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
      'POST /api/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    ]) {
      const heard = await talk(text)
      expect(heard.slice(0, 12), text.slice(0, 40)).toMatch(/^HTTP\/1\.1 4\d\d/)
      expect(heard.toLowerCase()).toContain('content-type: application/problem+json')
      expect(heard.toLowerCase()).toContain('connection: close')
      expect(JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4))).toMatchObject({ code: 'malformed' })
    }
    expect(place.gateway.reports).toEqual([])
  })
})
