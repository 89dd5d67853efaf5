import { describe, expect, it } from 'vitest'
import { accept, connect, memoryPair, type Pipe, webSocket } from '../../src/runtime/web/index.ts'

/** Two identity streams, one for each direction. */
function streams(): [Pipe, Pipe] {
  const there = new TransformStream<Uint8Array, Uint8Array>()
  const back = new TransformStream<Uint8Array, Uint8Array>()
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ]
}

function ports(): [Pipe, Pipe] {
  const { port1, port2 } = new MessageChannel()
  return [port1, port2]
}

const pipes: readonly (readonly [string, () => [Pipe, Pipe]])[] = [
  ['transports', () => memoryPair()],
  ['Web Streams', streams],
  ['message ports', ports],
]

describe('connect and accept over what a program has', () => {
  it.each(pipes)('%s', async (_name, pipe) => {
    const [near, far] = pipe()
    const errors: unknown[] = []
    const onError = (error: unknown): void => void errors.push(error)
    const server = accept(far, {
      fetch: (request) => new Response(request.url),
      connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
      onError,
    })
    const session = connect(near, { origin: 'https://example.test/ignored' })
    expect(await (await session.fetch('/path')).text()).toBe('https://example.test/path')
    const socket = await session.webSocket('/')
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data)
    })
    socket.send('hello')
    expect(await answer).toBe('hello')
    await session.close({ drain: 0 })
    await server.closed
    expect(errors).toEqual([])
  })

  it('RFC 8441 §3: extended CONNECT is offered only by who has a handler for it', async () => {
    const [near, far] = memoryPair()
    accept(far, { onError: () => undefined })
    const session = connect(near, { origin: 'http://example.test' })
    await expect(session.webSocket('/')).rejects.toMatchObject({ reason: 'not-supported' })
    expect((await session.fetch('/')).status).toBe(404)
    await session.close()
  })

  it('what a handler throws reaches onError', async () => {
    const [near, far] = memoryPair()
    const errors: unknown[] = []
    const mistake = new Error('a mistake')
    const fetch = (): never => {
      throw mistake
    }
    accept(far, { fetch, onError: (error) => errors.push(error) })
    const session = connect(near, { origin: 'http://example.test' })
    expect((await session.fetch('/')).status).toBe(500)
    expect(errors).toEqual([mistake])
    await session.close()
  })

  it('takes no origin but one of http and https, and then takes nothing over', () => {
    const [near] = streams()
    expect(() => connect(near, { origin: 'ws://example.test' })).toThrow(/http: or https:/)
    expect('readable' in near && near.readable.locked).toBe(false)
  })
})
