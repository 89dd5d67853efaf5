import { afterEach, describe, expect, it } from 'vitest'
import { connect, type NodeClientSession, type Server, type ServeOptions, serve } from '../../src/runtime/node/index.ts'
import { bytes, get, OK, readText } from '../session/support/pair.ts'

const open: { close(options?: { drain?: number }): Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close({ drain: 0 })
})

async function start(options: ServeOptions): Promise<{ server: Server; session: NodeClientSession }> {
  const server = await serve({ host: '127.0.0.1', ...options })
  const session = await connect(server.url.replace('localhost', '127.0.0.1'))
  open.push(session, server)
  return { server, session }
}

describe('serve and connect in clear, by prior knowledge', () => {
  it('RFC 9113 §3.3: a stream handler answers a request', async () => {
    const { session } = await start({
      onStream(stream) {
        stream.respond(OK)
        stream.end(bytes('hello'))
      },
    })
    const stream = await session.session.request(get(), { endStream: true })
    expect((await stream.response())[0]!.value).toBe('200')
    expect(await readText(stream)).toBe('hello')
  })

  it('answers fetch with fetch, relative to the origin', async () => {
    const { session, server } = await start({
      fetch: async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`),
    })
    const response = await session.fetch('/a?b', { method: 'POST', body: 'body' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(`POST http://127.0.0.1:${server.address.port}/a?b body`)
  })

  it('rejects with the system error when the port is in use', async () => {
    const { server } = await start({ onStream: () => {} })
    const again = serve({ host: '127.0.0.1', port: server.address.port, onStream: () => {} })
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
