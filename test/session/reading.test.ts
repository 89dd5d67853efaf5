import { describe, expect, it } from 'vitest'
import { ServerSession, type ServerStream } from '../../src/session/index.ts'
import { memoryPair } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { bytes, get, OK, post, readText, sessionPair } from './support/pair.ts'
import { RawPeer } from './support/raw-peer.ts'

/** A server under test, and a bare client connection that sends what a test tells it. */
function serverWithRawClient(onStream: (stream: ServerStream) => void, window = 65_535) {
  const [near, far] = memoryPair()
  const errors: unknown[] = []
  const session = new ServerSession(near, {
    platform: new FakeClock(),
    streamWindow: window,
    onStream,
    onError: (error) => void errors.push(error),
  })
  const peer = new RawPeer(far, { role: 'client' })
  return { session, peer, errors }
}

/** What the client may still send on a stream: what it queued and could not send tells. */
async function sendAll(peer: RawPeer, id: number, size: number): Promise<number> {
  peer.connection.sendData(id, new Uint8Array(size), false)
  peer.flush()
  await settle()
  peer.flush()
  await settle()
  return size - peer.connection.queuedBytes(id)
}

describe('reading a body', () => {
  it('RFC 9113 §5.2: credit comes back after each onData call', async () => {
    const { peer } = serverWithRawClient((stream) => {
      stream.onData = () => {}
    })
    await settle()
    const id = peer.connection.openStream(post(), false)
    expect(await sendAll(peer, id, 1_000_000)).toBe(1_000_000)
  })

  it('RFC 9113 §5.2: a paused stream takes one window and no more, and goes on after resume', async () => {
    let read = 0
    let stream!: ServerStream
    const { peer } = serverWithRawClient((arrived) => {
      stream = arrived
      stream.onData = (data) => {
        read += data.length
      }
      stream.pause()
    })
    await settle()
    const id = peer.connection.openStream(post(), false)
    expect(await sendAll(peer, id, 200_000)).toBe(65_535)
    expect(read).toBe(0)
    stream.resume()
    for (let i = 0; i < 10; i++) await settle()
    expect(read).toBe(200_000)
  })

  it('RFC 9113 §5.2: a call that pauses keeps the credit of its own bytes', async () => {
    const sizes: number[] = []
    let stream!: ServerStream
    // one DATA frame is more than half of this window: its credit would be told at once
    const { peer } = serverWithRawClient((arrived) => {
      stream = arrived
      stream.onData = (data) => {
        sizes.push(data.length)
        stream.pause()
      }
    }, 20_000)
    await settle()
    const id = peer.connection.openStream(post(), false)
    expect(await sendAll(peer, id, 200_000)).toBe(20_000)
    expect(sizes).toEqual([16_384])
    stream.resume()
    await settle()
    expect(sizes).toHaveLength(2)
  })

  it('RFC 9113 §5.2: bytes that arrive before a reader are kept within the window and delivered to it', async () => {
    let stream!: ServerStream
    const { peer } = serverWithRawClient((arrived) => {
      stream = arrived
    })
    await settle()
    const id = peer.connection.openStream(post(), false)
    expect(await sendAll(peer, id, 100_000)).toBe(65_535)
    const got: number[] = []
    stream.onData = (data) => void got.push(data.length)
    expect(got).toEqual([]) // never from inside the setter
    for (let i = 0; i < 5; i++) await settle()
    expect(got.reduce((a, b) => a + b, 0)).toBe(100_000)
  })

  it('keeps many tiny DATA frames packed', async () => {
    const sizes: number[] = []
    let stream!: ServerStream
    const { peer } = serverWithRawClient((arrived) => {
      stream = arrived
    })
    await settle()
    const id = peer.connection.openStream(post(), false)
    for (let i = 0; i < 1000; i++) {
      peer.connection.sendData(id, new Uint8Array([i]), false)
      peer.flush()
    }
    await settle()
    stream.onData = (data) => void sizes.push(...data)
    await settle()
    expect(sizes).toEqual(Array.from({ length: 1000 }, (_, i) => i & 255))
  })

  it('RFC 9113 §8.1: endStream is told exactly once, with an empty array when no bytes came with it', async () => {
    const calls: [number, boolean][] = []
    const { client } = sessionPair((stream) => {
      stream.onData = (data, endStream) => {
        calls.push([data.length, endStream])
        if (endStream) stream.respond(OK, { endStream: true })
      }
    })
    await (await client.request(get(), { endStream: true })).response()
    expect(calls).toEqual([[0, true]])
    calls.length = 0
    const withBody = await client.request(post())
    withBody.write(bytes('abc'))
    await settle()
    withBody.end()
    await withBody.response()
    expect(calls).toEqual([
      [3, false],
      [0, true],
    ])
  })

  it('RFC 9113 §8.1: trailers come after the body and before the end is told', async () => {
    const told: string[] = []
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      stream.write(bytes('body'))
      stream.sendTrailers([{ name: 'sum', value: '4' }])
    })
    const stream = await client.request(get(), { endStream: true })
    stream.onTrailers = (fields) => void told.push(`trailers ${fields[0]!.value}`)
    stream.onData = (data, endStream) => void told.push(`data ${data.length} ${endStream}`)
    stream.onClose = () => void told.push('close')
    await settle()
    expect(told).toEqual(['data 4 false', 'trailers 4', 'data 0 true', 'close'])
    expect(stream.trailers?.[0]?.name).toBe('sum')
  })

  it('RFC 9113 §8.1: trailers wait for a reader that has paused', async () => {
    const told: string[] = []
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      stream.write(bytes('body'))
      stream.sendTrailers([{ name: 'sum', value: '4' }])
    })
    const stream = await client.request(get(), { endStream: true })
    stream.pause()
    stream.onTrailers = () => void told.push('trailers')
    stream.onData = (data, endStream) => void told.push(`data ${data.length} ${endStream}`)
    stream.onClose = () => void told.push('close')
    await settle()
    expect(told).toEqual([])
    expect(stream.trailers).toBeUndefined()
    stream.resume()
    await settle()
    expect(told).toEqual(['data 4 false', 'trailers', 'data 0 true', 'close'])
  })

  it('RFC 9113 §6.9: bodies that nobody reads do not use up the connection', async () => {
    const { client, errors } = sessionPair((stream) => {
      stream.respond(OK)
      stream.end(new Uint8Array(60_000))
    })
    for (let i = 0; i < 50; i++) await (await client.request(get(), { endStream: true })).response()
    await settle()
    const last = await client.request(get(), { endStream: true })
    expect((await readText(last)).length).toBe(60_000)
    expect(errors).toEqual([])
  })

  it('RFC 9113 §6.9: a body that is let go after its stream has closed is credited once, be others unread or not', async () => {
    const { client, server, errors } = sessionPair((stream) => {
      stream.respond(OK)
      stream.write(new Uint8Array(60_000))
      if (stream.id === 1) stream.end()
    })
    const closed = await client.request(get(), { endStream: true })
    const unread = await client.request(get(), { endStream: true })
    await settle()
    closed.reset() // its credit went back when it closed, and must not be taken from what the other stream holds
    closed.reset()
    await settle()
    expect((await unread.response())[0]?.value).toBe('200')
    unread.reset()
    await settle()
    expect([errors, client.state, server.state]).toEqual([[], 'open', 'open'])
  })

  it('RFC 9113 §8.1: a request body that comes after a complete response is let go', async () => {
    const { peer, session } = serverWithRawClient((stream) => stream.respond(OK, { endStream: true }))
    await settle()
    const id = peer.connection.openStream(post(), false)
    expect(await sendAll(peer, id, 500_000)).toBe(500_000)
    peer.connection.sendData(id, new Uint8Array(0), true)
    peer.flush()
    await settle()
    expect(session.streamCount).toBe(0)
  })

  it('RFC 9113 §6.4: who resets in a call for what was kept is told no more of it, and its credit goes back once', async () => {
    const told: [number, boolean][] = []
    let first!: ServerStream
    const { peer, session, errors } = serverWithRawClient((stream) => {
      if (stream.id === 1) first = stream
      else stream.onData = () => {}
    })
    await settle()
    const id = peer.connection.openStream(post(), false)
    expect(await sendAll(peer, id, 50_000)).toBe(50_000)
    first.onTrailers = () => void told.push([-1, true])
    first.onData = (data, endStream) => {
      told.push([data.length, endStream])
      first.reset()
    }
    peer.connection.sendTrailers(id, [{ name: 'x-sum', value: '1' }])
    peer.flush()
    await settle()
    expect(told).toEqual([[expect.any(Number), false]])
    expect(told[0]![0]).toBeLessThan(50_000)
    expect(await sendAll(peer, peer.connection.openStream(post(), false), 500_000)).toBe(500_000)
    expect([errors, session.state]).toEqual([[], 'open'])
  })

  it('a body can be read after its stream has closed', async () => {
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      stream.end(bytes('late'))
    })
    const stream = await client.request(get(), { endStream: true })
    let closed = false
    stream.onClose = () => {
      closed = true
    }
    await settle()
    expect(closed).toBe(true)
    expect(await readText(stream)).toBe('late')
  })
})

describe('async iteration', () => {
  it('RFC 9113 §5.2: takes no more than is read', async () => {
    let sent = 0
    const { client } = sessionPair(
      (stream) => {
        stream.respond(OK)
        const fill = () => {
          while (stream.write(new Uint8Array(10_000))) sent += 10_000
          sent += 10_000
        }
        stream.onWritable = fill
        fill()
      },
      { client: { streamWindow: 65_535 } },
    )
    const stream = await client.request(get(), { endStream: true })
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    for (let i = 0; i < 10; i++) await settle()
    const held = sent
    expect(held).toBeLessThan(65_535 + 65_536 + 65_536)
    for (let i = 0; i < 50; i++) await iterator.next()
    expect(sent).toBeGreaterThan(held)
    await iterator.return?.()
  })

  it('RFC 9113 §8.1: throws the StreamError of a reset, also to those who wait', async () => {
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      stream.onData = () => stream.reset(2)
    })
    const stream = await client.request(post())
    await stream.response()
    const reading = readText(stream)
    stream.write(bytes('x'))
    await expect(reading).rejects.toMatchObject({ name: 'StreamError', code: 2, initiator: 'remote' })
    await expect(readText(stream)).rejects.toThrow('read already')
  })

  it('RFC 9113 §6.4: leaving the loop early resets with CANCEL', async () => {
    let code = -1
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      stream.write(bytes('endless'))
      stream.onReset = (error) => {
        code = error.code
      }
    })
    const stream = await client.request(get(), { endStream: true })
    for await (const chunk of stream) {
      expect(chunk).toHaveLength(7)
      break
    }
    await settle()
    expect(code).toBe(8)
  })
})
