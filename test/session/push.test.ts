import { describe, expect, it } from 'vitest'
import { Flag } from '../../src/frames/index.ts'
import type { ClientSessionOptions, ClientStream } from '../../src/session/index.ts'
import { settle } from './support/fake-clock.ts'
import { get, OK, readText } from './support/pair.ts'
import { PushingServer } from './support/pushing-server.ts'

async function asked(options: Partial<ClientSessionOptions> = {}): Promise<[PushingServer, ClientStream]> {
  const server = new PushingServer(options)
  return [server, await server.ask('/page')]
}

const style = get('/style.css')

describe('a pushed stream', () => {
  it('RFC 9113 §8.4: comes to onPush of the request that it goes with, and is read like a response', async () => {
    const [server, page] = await asked()
    const pushed: ClientStream[] = []
    page.onPush = (stream) => pushed.push(stream)
    server.wire.promise(1, 2, style).headers(1, OK).headers(2, OK).data(2, 'body {').end(2, '}').end(1, 'page')
    await server.send()
    expect(pushed).toHaveLength(1)
    const [stream] = pushed
    expect([stream!.id, stream!.promised, stream!.outputEnded]).toMatchObject([2, style, true])
    expect((await stream!.response())[0]).toMatchObject({ value: '200' })
    expect(await readText(stream!)).toBe('body {}')
    expect(await readText(page)).toBe('page')
    expect(page.promised).toBeUndefined()
    expect(server.client.streamCount).toBe(0)
    expect(await server.received()).toEqual([])
  })

  it('RFC 9113 §8.4: comes to the session’s onPush when the request has none, or is over already', async () => {
    const pushed: string[] = []
    const [server, page] = await asked({ onPush: (stream) => pushed.push(`session ${stream.id}`) })
    server.wire.promise(1, 2, style)
    await server.send()
    page.onPush = (stream) => pushed.push(`request ${stream.id}`)
    server.wire.promise(1, 4, style)
    await server.send()
    page.onPush = undefined
    server.wire.promise(1, 6, style).headers(1, OK, Flag.END_STREAM)
    await server.send()
    expect(pushed).toEqual(['session 2', 'request 4', 'session 6'])
  })

  it('RFC 9113 §8.4.2: that nobody claims is cancelled as it is promised, and the request goes on', async () => {
    const [server, page] = await asked()
    server.wire.promise(1, 2, style)
    await server.send()
    expect(await server.received()).toEqual(['RST_STREAM 2 CANCEL'])
    server.wire.headers(2, OK).end(2, 'on its way').headers(1, OK).end(1, 'page')
    await server.send()
    server.wire.ping('answered')
    await server.send()
    expect(await server.received()).toEqual(['PING ACK answered'])
    expect(await readText(page)).toBe('page')
    expect(server.client.streamCount).toBe(0)
  })

  it('RFC 9113 §8.4.2: may be reset from inside onPush, and later', async () => {
    const [server, page] = await asked()
    let kept: ClientStream | undefined
    page.onPush = (stream) => {
      if (kept === undefined) kept = stream
      else stream.reset(7)
    }
    server.wire.promise(1, 2, style).promise(1, 4, style)
    await server.send()
    expect(await server.received()).toEqual(['RST_STREAM 4 REFUSED_STREAM'])
    const codes: number[] = []
    kept!.onReset = ({ code }) => codes.push(code)
    kept!.reset()
    await settle()
    expect(codes).toEqual([8])
    expect(await server.received()).toEqual(['RST_STREAM 2 CANCEL'])
    await expect(kept!.response()).rejects.toMatchObject({ code: 8, initiator: 'local' })
  })

  it('RFC 9113 §5.4.2: ends with INTERNAL_ERROR when onPush throws, and nothing else does', async () => {
    const [server, page] = await asked()
    page.onPush = () => {
      throw new Error('oops')
    }
    server.wire.promise(1, 2, style).headers(1, OK).end(1, 'page')
    await server.send()
    expect(await server.received()).toEqual(['RST_STREAM 2 INTERNAL_ERROR'])
    expect(server.errors).toMatchObject([{ message: 'oops' }])
    expect(await readText(page)).toBe('page')
  })

  it('RFC 9113 §8.7: ends with the server’s error when the server gives it up', async () => {
    const [server, page] = await asked()
    const errors: unknown[] = []
    page.onPush = (stream) => {
      stream.onReset = (error) => errors.push(error)
    }
    server.wire.promise(1, 2, style).reset(2, 7)
    await server.send()
    expect(errors).toMatchObject([{ code: 7, initiator: 'remote', retryable: true }])
    expect(server.client.state).toBe('open')
  })
})

it('RFC 9113 §6.6: without enablePush a promise ends the connection, whatever onPush there is', async () => {
  const [server, page] = await asked({ enablePush: false, onPush: () => {} })
  server.wire.promise(1, 2, style)
  await server.send()
  expect(await server.received()).toEqual(['GOAWAY 0 PROTOCOL_ERROR'])
  await expect(page.response()).rejects.toMatchObject({ code: 1 })
})
