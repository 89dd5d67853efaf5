import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import { ClientSession, ServerSession, type ServerStream } from '../../src/session/index.ts'
import { type ByteTransport, memoryPair, type TransportReceiver } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { bytes, get, OK, post, readText, sessionPair } from './support/pair.ts'
import { RawPeer } from './support/raw-peer.ts'

describe('the end of a stream', () => {
  it('RFC 9113 §5.4.2: a reset tells the other side its code, and its own side that it was local', async () => {
    const told: string[] = []
    const { client } = sessionPair((stream) => {
      stream.onReset = (error) => void told.push(`server ${error.initiator} ${error.code}`)
      stream.onClose = () => void told.push('server closed')
    })
    const stream = await client.request(post())
    stream.onReset = (error) => void told.push(`client ${error.initiator} ${error.code}`)
    stream.onClose = () => void told.push('client closed')
    await settle()
    stream.reset(ErrorCode.ENHANCE_YOUR_CALM)
    expect(told).toEqual([]) // never from inside the command
    await settle()
    expect(told).toEqual(['client local 11', 'client closed', 'server remote 11', 'server closed'])
    expect(client.streamCount).toBe(0)
  })

  it('commands on a stream that is gone do nothing', async () => {
    const { client, errors } = sessionPair((stream) => stream.reset())
    const stream = await client.request(post())
    await settle()
    expect(stream.write(bytes('x'))).toBe(false)
    stream.end(bytes('x'))
    stream.sendTrailers([])
    stream.reset()
    stream.pause()
    stream.resume()
    await expect(stream.drained()).rejects.toMatchObject({ name: 'StreamError' })
    await expect(stream.response()).rejects.toMatchObject({ name: 'StreamError' })
    expect(stream.signal.aborted).toBe(true)
    expect(errors).toEqual([])
    expect(client.state).toBe('open')
  })

  it('RFC 9113 §8.1: NO_ERROR after a complete response leaves the response whole', async () => {
    const [near, far] = memoryPair()
    const client = new ClientSession(near, { platform: new FakeClock() })
    const peer = new RawPeer(far, { role: 'server' })
    const stream = await client.request(post())
    await settle()
    peer.connection.sendHeaders(1, OK, false)
    peer.connection.sendData(1, bytes('whole'), true)
    peer.flush()
    peer.connection.reset(1, ErrorCode.NO_ERROR)
    peer.flush()
    await settle()
    expect(await readText(stream)).toBe('whole')
    expect(stream.writable).toBe(false)
  })

  it('the signal of a request cancels its stream and not the connection', async () => {
    const resets: number[] = []
    const { client } = sessionPair((stream) => {
      stream.onReset = (error) => void resets.push(error.code)
    })
    const controller = new AbortController()
    const stream = await client.request(get(), { endStream: true, signal: controller.signal })
    await settle()
    controller.abort()
    await expect(stream.response()).rejects.toMatchObject({ code: ErrorCode.CANCEL })
    await settle()
    expect(resets).toEqual([ErrorCode.CANCEL])
    await expect(client.request(get(), { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(client.state).toBe('open')
  })

  it('stream.signal aborts when the peer resets', async () => {
    let signal!: AbortSignal
    const { client } = sessionPair((stream) => {
      signal = stream.signal
    })
    const stream = await client.request(get(), { endStream: true })
    await settle()
    expect(signal.aborted).toBe(false)
    stream.reset()
    await settle()
    expect(signal.reason).toMatchObject({ name: 'StreamError', code: ErrorCode.CANCEL })
  })
})

describe('the end of a connection', () => {
  it('RFC 9113 §6.8: close lets streams in flight finish and takes no new ones', async () => {
    let held!: ServerStream
    const { client, server } = sessionPair((stream) => {
      held = stream
    })
    const stream = await client.request(get(), { endStream: true })
    await settle()
    const closing = server.close()
    await settle()
    expect(client.state).toBe('draining')
    await expect(client.request(get())).rejects.toMatchObject({ name: 'StreamError', retryable: true })
    expect(client.open(get(), { endStream: true })).toBeUndefined()
    held.respond(OK)
    held.end(bytes('done'))
    expect(await readText(stream)).toBe('done')
    await closing
    await client.closed
    expect([client.error, server.error]).toEqual([undefined, undefined])
  })

  it('RFC 9113 §6.8: what is left when the time to drain is over is cancelled', async () => {
    const told: string[] = []
    const { client, server, clock, errors } = sessionPair((stream) => {
      stream.onReset = (error) => void told.push(`server ${error.initiator} ${error.code}`)
    })
    const stream = await client.request(get(), { endStream: true })
    stream.onReset = (error) => void told.push(`client ${error.initiator} ${error.code}`)
    await settle()
    const closing = server.close({ drain: 500 })
    await clock.advance(499)
    expect(told).toEqual([])
    await clock.advance(1)
    await closing
    expect(told).toEqual(['server local 8', 'client remote 8'])
    expect(errors).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  it('RFC 9113 §5.4.1: after a fault the GOAWAY is written, our side ends, and input is read until the peer ends', async () => {
    const [near, far] = memoryPair()
    const clock = new FakeClock()
    const errors: unknown[] = []
    const session = new ServerSession(near, {
      platform: clock,
      onStream: () => {},
      onError: (error) => void errors.push(error),
    })
    const peer = new RawPeer(far, { role: 'client' })
    await settle()
    // a DATA frame on stream 0
    peer.transport.write([new Uint8Array([0, 0, 1, 0, 0, 0, 0, 0, 0, 7])])
    await settle()
    expect(peer.of('GoAwayReceived')[0]?.code).toBe(ErrorCode.PROTOCOL_ERROR)
    expect(peer.ended).toBe(true)
    expect(peer.closed).toBe(false)
    peer.transport.write([new Uint8Array(50_000)]) // swallowed
    peer.transport.end()
    await session.closed
    expect(session.error).toMatchObject({ name: 'ConnectionError', code: ErrorCode.PROTOCOL_ERROR })
    expect(errors).toHaveLength(1)
    expect(peer.closed).toBe(true)
    expect(peer.error).toBeUndefined()
    expect(clock.pendingTimers).toBe(0)
  })

  it('a peer that does not end its side is cut off after a second', async () => {
    const [near, far] = memoryPair()
    const clock = new FakeClock()
    const session = new ServerSession(near, { platform: clock, onStream: () => {} })
    const peer = new RawPeer(far, { role: 'client' })
    await settle()
    session.abort(ErrorCode.ENHANCE_YOUR_CALM, 'enough')
    await clock.advance(999)
    expect(peer.closed).toBe(false)
    expect(new TextDecoder().decode(peer.of('GoAwayReceived')[0]?.debugData)).toBe('enough')
    await clock.advance(1)
    await session.closed
    expect(peer.closed).toBe(true)
  })

  it('RFC 9113 §5.4.1: abort ends every stream and every wait, on both sides', async () => {
    const told: string[] = []
    const { client, server } = sessionPair((stream) => {
      stream.onReset = (error) => void told.push(`server ${error.initiator}`)
    })
    const stream = await client.request(post())
    stream.onReset = (error) => void told.push(`client ${error.initiator}`)
    const ping = client.ping()
    await settle()
    expect(await ping).toBe(0)
    client.abort()
    const late = client.ping()
    await expect(late).rejects.toMatchObject({ name: 'ConnectionError' })
    await Promise.all([client.closed, server.closed])
    expect(told).toEqual(['client local', 'server transport'])
  })

  it('an abort of our own is no failure, unless it says so', async () => {
    const { client, server, errors } = sessionPair(() => {})
    await client.request(get(), { endStream: true })
    await settle()
    client.abort()
    await Promise.all([client.closed, server.closed])
    expect(client.error).toBeUndefined()
    expect(errors).toEqual([server.error]) // a stream was in flight there
    const other = sessionPair(() => {})
    other.client.abort(ErrorCode.ENHANCE_YOUR_CALM)
    await other.client.closed
    expect(other.client.error).toMatchObject({ code: ErrorCode.ENHANCE_YOUR_CALM })
  })

  it('RFC 9113 §6.8: a slow peer gets the last bytes of a regular end', async () => {
    const [near, far] = memoryPair({ highWaterMark: 1000 })
    const clock = new FakeClock()
    const session = new ServerSession(near, {
      platform: clock,
      onStream: (stream) => {
        stream.respond(OK)
        stream.end(new Uint8Array(20_000))
      },
    })
    const peer = new RawPeer(far, { role: 'client' })
    await settle()
    peer.connection.openStream(get(), true)
    peer.connection.shutdown(0)
    peer.flush()
    far.pause()
    await clock.advance(5000)
    far.resume()
    await settle()
    expect(peer.of('DataReceived').reduce((sum, { data }) => sum + data.length, 0)).toBe(20_000)
    far.end()
    await session.closed
    expect(session.error).toBeUndefined()
  })

  it('RFC 9113 §6.8: a peer that never takes the last bytes is cut off', async () => {
    const [near, far] = memoryPair({ highWaterMark: 1000 })
    const clock = new FakeClock()
    const session = new ServerSession(near, {
      platform: clock,
      onStream: (stream) => {
        stream.respond(OK)
        stream.end(new Uint8Array(20_000))
      },
    })
    const peer = new RawPeer(far, { role: 'client' })
    await settle()
    peer.connection.openStream(get(), true)
    peer.flush()
    far.pause()
    await settle()
    void session.close({ drain: 3000 })
    await clock.advance(2999)
    expect(peer.closed).toBe(false)
    await clock.advance(1001)
    await session.closed
    expect(clock.pendingTimers).toBe(0)
  })

  it('a transport that fails is the error of the session', async () => {
    const [near, far] = memoryPair()
    const errors: unknown[] = []
    const client = new ClientSession(near, { platform: new FakeClock(), onError: (error) => void errors.push(error) })
    const peer = new RawPeer(far, { role: 'server' })
    const stream = await client.request(get(), { endStream: true })
    await settle()
    peer.transport.abort()
    await client.closed
    await expect(stream.response()).rejects.toMatchObject({ initiator: 'transport' })
    expect(client.error?.message).toBe('the peer aborted the connection')
    expect(errors).toEqual([client.error])
    await expect(client.request(get())).rejects.toBe(client.error)
    await expect(client.ready()).resolves.toMatchObject({ received: true })
  })

  for (const [name, write, error] of [
    ['breaks while it is written to', (receiver) => receiver.closed(new Error('EPIPE')), 'EPIPE'],
    [
      'throws, and is closed by being dropped',
      () => {
        throw new Error('broken')
      },
      'broken',
    ],
  ] as readonly (readonly [string, (receiver: TransportReceiver) => void, string])[]) {
    it(`a transport that ${name} ends the streams and every wait all the same`, async () => {
      let receiver!: TransportReceiver
      const transport: ByteTransport = {
        start: (given) => {
          receiver = given
        },
        write: () => {
          write(receiver)
          return true
        },
        end: () => {},
        abort: () => receiver.closed(undefined),
        pause: () => {},
        resume: () => {},
      }
      const told: string[] = []
      const onError = (reason: unknown) => void told.push(String(reason))
      const session = new ClientSession(transport, { platform: new FakeClock(), onError })
      const stream = session.open(get(), { endStream: true })!
      stream.onReset = () => void told.push('reset')
      stream.onClose = () => void told.push('close')
      session.ping().catch(() => told.push('no answer to the ping'))
      await session.closed
      await settle()
      expect(told.sort()).toEqual([`Error: ${error}`, 'close', 'no answer to the ping', 'reset'])
      expect([session.state, session.streamCount, session.error?.message]).toEqual(['closed', 0, error])
    })
  }
  it('RFC 9113 §3.4: ready waits for SETTINGS, and fails with the connection', async () => {
    const [near, far] = memoryPair()
    const client = new ClientSession(near, { platform: new FakeClock() })
    const waiting = client.ready()
    await settle()
    const controller = new AbortController()
    const givenUp = client.ready({ signal: controller.signal })
    controller.abort()
    await expect(givenUp).rejects.toMatchObject({ name: 'AbortError' })
    far.start({ data() {}, end() {}, drained() {}, closed() {} })
    far.end()
    await expect(waiting).rejects.toMatchObject({ name: 'ConnectionError' })
  })

  it('RFC 9113 §6.8: requests the server never took up are retryable', async () => {
    const [near, far] = memoryPair()
    const client = new ClientSession(near, { platform: new FakeClock() })
    const peer = new RawPeer(far, { role: 'server' })
    const stream = await client.request(get(), { endStream: true })
    let error: unknown
    stream.onReset = (why) => {
      error = why
    }
    // GOAWAY, last stream 0, NO_ERROR
    peer.transport.write([new Uint8Array([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])])
    await settle()
    expect(error).toMatchObject({ retryable: true, code: ErrorCode.REFUSED_STREAM })
  })
})
