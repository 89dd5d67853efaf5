import { describe, expect, it } from 'vitest'
import { ClientSession, type ServerStream } from '../../src/session/index.ts'
import { memoryPair } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { bytes, get, OK, post, readText, sessionPair } from './support/pair.ts'

describe('requests that wait for a slot', () => {
  it('RFC 9113 §5.1.2: no more streams at once than the server allows, in order', async () => {
    const held: ServerStream[] = []
    let most = 0
    const { client, server } = sessionPair(
      (stream) => {
        held.push(stream)
        most = Math.max(most, server.streamCount)
      },
      { server: { limits: { maxConcurrentStreams: 2 } } },
    )
    await client.ready()
    const opened: number[] = []
    const requests = [1, 2, 3, 4, 5].map((n) =>
      client.request(get(`/${n}`), { endStream: true }).then((stream) => {
        opened.push(n)
        return stream
      }),
    )
    await settle()
    expect(opened).toEqual([1, 2])
    expect(client.open(get(), { endStream: true })).toBeUndefined()
    while (opened.length < 5) {
      held.shift()!.respond(OK, { endStream: true })
      await settle()
    }
    expect(opened).toEqual([1, 2, 3, 4, 5])
    expect(most).toBe(2)
    expect((await Promise.all(requests)).map(({ id }) => id)).toEqual([1, 3, 5, 7, 9])
  })

  it('RFC 9113 §5.1.2: a slot freed by our own reset is used', async () => {
    const { client } = sessionPair(() => {}, { server: { limits: { maxConcurrentStreams: 1 } } })
    await client.ready()
    const first = await client.request(get(), { endStream: true })
    const second = client.request(get(), { endStream: true })
    first.reset()
    expect((await second).id).toBe(3)
  })

  it('a wait is given up by its signal, and nothing was sent', async () => {
    const paths: string[] = []
    const { client } = sessionPair((stream) => void paths.push(stream.fields[3]!.value), {
      server: { limits: { maxConcurrentStreams: 1 } },
    })
    await client.ready()
    const first = await client.request(get('/first'), { endStream: true })
    const controller = new AbortController()
    const second = client.request(get('/second'), { endStream: true, signal: controller.signal })
    controller.abort()
    await expect(second).rejects.toMatchObject({ name: 'AbortError' })
    first.reset()
    await client.request(get('/third'), { endStream: true })
    await settle()
    expect(paths).toEqual(['/first', '/third'])
  })

  it('RFC 9113 §6.8: who waits when the connection ends is refused, and may try elsewhere', async () => {
    const { client } = sessionPair(() => {}, { server: { limits: { maxConcurrentStreams: 1 } } })
    await client.ready()
    await client.request(get(), { endStream: true })
    const waiting = client.request(get(), { endStream: true })
    void client.close({ drain: 1000 })
    await expect(waiting).rejects.toMatchObject({ name: 'StreamError', retryable: true })
  })

  it('rejects with the UsageError of a malformed request', async () => {
    const { client } = sessionPair(() => {})
    await expect(client.request([{ name: 'Upper', value: 'x' }])).rejects.toMatchObject({ name: 'UsageError' })
    expect(() => client.open([{ name: 'Upper', value: 'x' }])).toThrow('malformed')
    expect(client.streamCount).toBe(0)
  })
})

describe('answers', () => {
  it('RFC 9113 §8.1: interim responses come before the final one', async () => {
    const told: string[] = []
    const { client } = sessionPair((stream) => {
      stream.respond([{ name: ':status', value: '103' }])
      stream.respond([{ name: ':status', value: '100' }])
      expect(stream.responded).toBe(false)
      stream.respond(OK)
      expect(stream.responded).toBe(true)
      expect(() => stream.respond(OK)).toThrow('already')
      stream.end()
      stream.end()
      expect(() => stream.end(bytes('x'))).toThrow('after the end')
      expect(() => stream.write(bytes('x'))).toThrow('after the end')
      expect(() => stream.sendTrailers([])).toThrow('after the end')
    })
    const stream = await client.request(get(), { endStream: true })
    stream.onInformational = (fields) => void told.push(fields[0]!.value)
    stream.onResponse = (fields, endStream) => void told.push(`${fields[0]!.value} ${endStream}`)
    await stream.response()
    expect(told).toEqual(['103', '100', '200 false'])
    expect(await stream.response()).toBe(stream.fields)
  })

  it('RFC 9113 §5.2: write says when to wait, and drained and onWritable when to go on', async () => {
    let server!: ServerStream
    let writable = 0
    const { client } = sessionPair((stream) => {
      server = stream
      stream.respond(OK)
      stream.onWritable = () => writable++
      expect(stream.write(new Uint8Array(100_000))).toBe(false)
      expect(stream.writable).toBe(false)
      expect(stream.queuedBytes).toBe(100_000)
    })
    const stream = await client.request(get(), { endStream: true })
    stream.onData = () => {}
    await settle()
    await server.drained()
    expect(writable).toBe(1)
    expect(server.writable).toBe(true)
    await server.drained()
    server.end()
    await expect(server.drained()).rejects.toThrow()
  })

  it('a wait for room is given up by its signal', async () => {
    let server!: ServerStream
    const { client } = sessionPair((stream) => {
      server = stream
      stream.respond(OK)
      stream.write(new Uint8Array(500_000))
    })
    const stream = await client.request(get(), { endStream: true })
    await stream.response()
    const controller = new AbortController()
    const wait = server.drained({ signal: controller.signal })
    controller.abort()
    await expect(wait).rejects.toMatchObject({ name: 'AbortError' })
    const lost = server.drained()
    stream.reset()
    await expect(lost).rejects.toMatchObject({ name: 'StreamError' })
  })

  it('carries ten megabytes both ways at once', async () => {
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      stream.onData = (data, endStream) => {
        if (endStream) stream.end(data.slice())
        else if (!stream.write(data.slice())) stream.pause()
      }
      stream.onWritable = () => stream.resume()
    })
    const stream = await client.request(post())
    const chunk = Uint8Array.from({ length: 100_000 }, (_, i) => i & 255)
    let received = 0
    let wrong = 0
    const reading = (async () => {
      for await (const piece of stream) {
        for (const byte of piece) if (byte !== ((received++ % 100_000) & 255)) wrong++
      }
    })()
    for (let i = 0; i < 100; i++) {
      if (!stream.write(chunk)) await stream.drained()
    }
    stream.end()
    await reading
    expect([received, wrong]).toEqual([10_000_000, 0])
  })
})

describe('ping', () => {
  it('RFC 9113 §6.7: measures the round trip', async () => {
    const { client, clock } = sessionPair(() => {})
    await client.ready()
    const ping = client.ping()
    await clock.advance(0)
    expect(await ping).toBe(0)
    const [near] = memoryPair()
    const alone = new ClientSession(near, { platform: new FakeClock() })
    const controller = new AbortController()
    const unanswered = alone.ping({ signal: controller.signal })
    controller.abort()
    await expect(unanswered).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('refuses more than the connection allows unanswered', async () => {
    const [near] = memoryPair()
    const client = new ClientSession(near, { platform: new FakeClock() })
    const pings = Array.from({ length: 65 }, () => client.ping())
    await expect(pings[64]).rejects.toMatchObject({ name: 'UsageError' })
  })

  it('fails when the connection is closed', async () => {
    const { client } = sessionPair((stream) => stream.respond(OK, { endStream: true }))
    const stream = await client.request(get(), { endStream: true })
    expect(await readText(stream)).toBe('')
    await client.close()
    await expect(client.ping()).rejects.toMatchObject({ name: 'ConnectionError' })
    await client.close()
    client.abort()
  })
})
