import { describe, expect, it } from 'vitest'
import type { ServerStream } from '../../src/session/index.ts'
import { settle } from './support/fake-clock.ts'
import { bytes, get, OK, post, readText, sessionPair } from './support/pair.ts'

describe('updateSettings of a session', () => {
  it('RFC 9113 §5.1.2: fewer streams make requests wait, more let them go, and nothing is refused', async () => {
    const arrived: ServerStream[] = []
    const { client, server, errors } = sessionPair((stream) => arrived.push(stream))
    await client.ready()
    await settle()
    server.updateSettings({ maxConcurrentStreams: 1 })
    await settle()
    expect([client.peerSettings.maxConcurrentStreams, server.localSettings.maxConcurrentStreams]).toEqual([1, 1])
    const answers = [1, 2, 3].map(async () => (await (await client.request(get(), { endStream: true })).response())[0])
    await settle()
    expect(arrived).toHaveLength(1)
    server.updateSettings({ maxConcurrentStreams: 50 })
    await settle()
    expect(arrived).toHaveLength(3)
    for (const stream of arrived) stream.respond(OK, { endStream: true })
    expect(await Promise.all(answers)).toMatchObject([{ value: '200' }, { value: '200' }, { value: '200' }])
    expect(errors).toEqual([])
  })

  it('RFC 9113 §10.5: handlers of streams that were reset are counted against the number of streams in force', async () => {
    let streams = 0
    const { client, server } = sessionPair(
      (stream) => {
        streams++
        stream.hold()
      },
      { server: { limits: { maxUnfinishedHandlers: 0 } } },
    )
    await client.ready()
    server.updateSettings({ maxConcurrentStreams: 2 })
    await settle()
    for (let i = 0; i < 4; i++) {
      const stream = await client.request(get(), { endStream: true })
      await settle()
      stream.reset()
      await settle()
    }
    expect(streams).toBe(2)
  })

  it('RFC 9113 §6.9.2: windows that are made small and large again in the middle of a body lose nothing of it', async () => {
    const { client, server, errors } = sessionPair((stream) => {
      stream.respond(OK)
      stream.onData = (data, endStream) => {
        if (!stream.write(data.slice())) stream.pause()
        if (endStream) stream.end()
      }
      stream.onWritable = () => stream.resume()
    })
    const stream = await client.request(post())
    const body = 'x'.repeat(500_000)
    const text = readText(stream)
    stream.write(bytes(body))
    stream.end()
    for (const initialWindowSize of [1000, 100_000, 1, 65_535]) {
      client.updateSettings({ initialWindowSize })
      server.updateSettings({ initialWindowSize })
      await Promise.resolve()
    }
    expect(await text).toBe(body)
    expect(errors).toEqual([])
    expect(client.localSettings.initialWindowSize).toBe(65_535)
  })

  it('RFC 9113 §6.5.2: a value that cannot be is thrown at the caller', () => {
    const { client, server } = sessionPair(() => {})
    expect(() => client.updateSettings({ enableConnectProtocol: true })).toThrow('ENABLE_CONNECT_PROTOCOL')
    expect(() => server.updateSettings({ maxFrameSize: 1 })).toThrow('maxFrameSize')
  })
})
