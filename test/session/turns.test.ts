import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { ServerSession, type ServerSessionOptions, type ServerStream } from '../../src/session/index.ts'
import type { ByteTransport, TransportReceiver } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { bytes, get, OK, post } from './support/pair.ts'

/** A transport in a test's hand: it counts writes, and says false when told to. */
class HeldTransport implements ByteTransport {
  receiver!: TransportReceiver
  readonly writes: Uint8Array[][] = []
  /** Whether each write was to let others read. */
  readonly yielding: (boolean | undefined)[] = []
  room = true
  ended = false
  onWrite: (() => void) | undefined

  start(receiver: TransportReceiver): void {
    this.receiver = receiver
  }

  write(chunks: readonly Uint8Array[], yielding?: boolean): boolean {
    this.yielding.push(yielding)
    this.writes.push(chunks.map((chunk) => chunk.slice()))
    this.onWrite?.()
    return this.room
  }

  end(): void {
    this.ended = true
  }

  abort(): void {
    queueMicrotask(() => this.receiver.closed(undefined))
  }

  pause(): void {}
  resume(): void {}
}

function serverOn(transport: ByteTransport, onStream: ServerSessionOptions['onStream']): ServerSession {
  return new ServerSession(transport, { platform: new FakeClock(), onStream })
}

function output(connection: Connection): Uint8Array {
  while (connection.nextEvent() !== undefined) {}
  return Uint8Array.from(connection.takeOutput(1 << 24).flatMap((chunk) => [...chunk]))
}

describe('turns', () => {
  it('a chunk with many requests leads to one write', async () => {
    const transport = new HeldTransport()
    serverOn(transport, (stream) => {
      stream.respond(OK)
      stream.end(bytes('hello'))
    })
    await settle()
    const client = new Connection({ role: 'client' })
    for (let i = 0; i < 50; i++) client.openStream(get(), true)
    expect(transport.writes).toHaveLength(1) // the preface
    transport.receiver.data(output(client))
    expect(transport.writes).toHaveLength(2)
    for (const chunk of transport.writes.flat()) client.receive(chunk, 0)
    let ended = 0
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent()) {
      if (event.type === 'StreamClosed') ended++
    }
    expect(ended).toBe(50)
  })

  it('what a long turn has led to leaves before all of it is told', async () => {
    const transport = new HeldTransport()
    const toldAtWrite: number[] = []
    let told = 0
    transport.onWrite = () => toldAtWrite.push(told)
    serverOn(transport, (stream) => {
      told++
      stream.respond(OK, { endStream: true })
    })
    await settle()
    const client = new Connection({ role: 'client' })
    transport.receiver.data(output(client))
    toldAtWrite.length = 0
    const chunk: number[] = []
    for (let i = 0; i < 100; i++) {
      client.sendData(client.openStream(post(), false), bytes('body'), true)
      chunk.push(...output(client))
    }
    transport.receiver.data(Uint8Array.from(chunk))
    expect(toldAtWrite).toEqual([64, 100])
    for (const chunk of transport.writes.flat()) client.receive(chunk, 0)
    let closed = 0
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent()) {
      if (event.type === 'StreamClosed') closed++
    }
    expect(closed).toBe(100)
  })

  it('what arrives from inside such a write is told in its order, after what arrived before', async () => {
    const transport = new HeldTransport()
    const bodies: string[] = []
    serverOn(transport, (stream) => {
      const [name] = [stream.fields.find((field) => field.name === ':path')?.value ?? '']
      stream.onData = (data) => void bodies.push(`${name} ${String.fromCharCode(...data)}`)
      stream.respond(OK, { endStream: true })
    })
    await settle()
    const client = new Connection({ role: 'client' })
    const send = (path: string): Uint8Array => {
      const id = client.openStream(post(path), false)
      client.sendData(id, bytes(path), true)
      return output(client)
    }
    const paths = Array.from({ length: 82 }, (_, i) => `/${i}`)
    const [first, ...later] = [paths.slice(0, 80), ['/80'], ['/81']].map((some) =>
      Uint8Array.from(some.flatMap((path) => [...send(path)])),
    )
    transport.onWrite = () => {
      // each cut in two, so that a frame ends in the chunk behind it
      for (const chunk of later.splice(0)) {
        transport.receiver.data(chunk.slice(0, 20))
        transport.receiver.data(chunk.slice(20))
      }
    }
    transport.receiver.data(first!)
    expect(bodies).toEqual(paths.map((path) => `${path} ${path}`))
  })

  it('commands outside of a turn are written together, in a microtask', async () => {
    const transport = new HeldTransport()
    const streams: { respond(fields: typeof OK, options: { endStream: boolean }): void }[] = []
    serverOn(transport, (stream) => void streams.push(stream))
    const client = new Connection({ role: 'client' })
    for (let i = 0; i < 10; i++) client.openStream(get(), true)
    transport.receiver.data(output(client))
    await settle()
    const before = transport.writes.length
    for (const stream of streams) stream.respond(OK, { endStream: true })
    expect(transport.writes).toHaveLength(before)
    await Promise.resolve()
    expect(transport.writes).toHaveLength(before + 1)
  })

  it('nothing is written while the transport has no room', async () => {
    const transport = new HeldTransport()
    serverOn(transport, (stream) => {
      stream.respond(OK)
      stream.end(new Uint8Array(60_000))
    })
    await settle()
    const client = new Connection({ role: 'client', streamWindow: 1 << 20, connectionWindow: 1 << 20 })
    transport.room = false
    client.openStream(get(), true)
    transport.receiver.data(output(client))
    expect(transport.writes).toHaveLength(2)
    client.openStream(get(), true)
    transport.receiver.data(output(client))
    await settle()
    expect(transport.writes).toHaveLength(2)
    transport.room = true
    transport.receiver.drained()
    expect(transport.writes.length).toBeGreaterThan(2)
    for (const chunk of transport.writes.flat()) client.receive(chunk, 0)
    let received = 0
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent()) {
      if (event.type === 'DataReceived') received += event.data.length
    }
    expect(received).toBe(120_000)
  })

  it('a body that is refilled as it is taken leaves in few large writes, and its frames stay as they are', async () => {
    const transport = new HeldTransport()
    const total = 1 << 21
    serverOn(transport, (stream) => {
      stream.respond(OK)
      let left = total
      const pump = () => {
        for (; left > 0; left -= 32_768) if (!stream.write(new Uint8Array(32_768))) break
        if (left > 0) left -= 32_768
        if (left === 0) stream.end()
      }
      stream.onWritable = pump
      pump()
    })
    await settle()
    const client = new Connection({ role: 'client', streamWindow: 4 << 20, connectionWindow: 4 << 20 })
    client.openStream(get(), true)
    transport.room = false
    transport.receiver.data(output(client))
    const sizes = []
    for (let round = 0; round < 20; round++) {
      const chunks = transport.writes.splice(0).flat()
      sizes.push(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
      for (const chunk of chunks) client.receive(chunk, 0)
      transport.receiver.drained()
    }
    const lengths = []
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent()) {
      if (event.type === 'DataReceived') lengths.push(event.data.length)
    }
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(total)
    expect(sizes.filter((size) => size > 500_000).length).toBeGreaterThanOrEqual(3)
    expect(Math.max(...sizes)).toBeLessThan(524_288 + 65_536 + 1000)
    expect(transport.yielding).not.toContain(true)
    expect(Math.max(...lengths)).toBe(16_384)
  })

  it('while a tunnel sends beside a body, writes are small and reading has its turn after each', async () => {
    const transport = new HeldTransport()
    const clock = new FakeClock()
    const onStream = (stream: ServerStream) => {
      stream.respond(OK)
      stream.onData = (data) => void stream.write(data.slice())
      if (stream.fields[0]!.value === 'CONNECT') return
      stream.onWritable = () => {
        while (stream.write(new Uint8Array(32_768)));
      }
      stream.onWritable()
    }
    new ServerSession(transport, { platform: clock, onStream })
    await settle()
    const client = new Connection({ role: 'client', streamWindow: 8 << 20, connectionWindow: 8 << 20 })
    const connect = get().flatMap(({ name, value }) =>
      name === ':method' ? [{ name, value: 'CONNECT' }] : name === ':authority' ? [{ name, value }] : [],
    )
    const tunnel = client.openStream(connect, false)
    client.openStream(get(), true)
    transport.room = false
    transport.receiver.data(output(client))
    const next = () => {
      transport.writes.length = 0
      transport.yielding.length = 0
      transport.receiver.drained()
      const [chunks] = transport.writes
      return { size: chunks!.reduce((sum, chunk) => sum + chunk.length, 0), yielding: transport.yielding[0] }
    }
    const large = { size: expect.toSatisfy((size: number) => size > 500_000), yielding: false }
    const small = { size: expect.toSatisfy((size: number) => size > 32_000 && size < 34_000), yielding: true }
    next()
    expect(next()).toEqual(large)
    client.sendData(tunnel, bytes('hello'), false)
    transport.receiver.data(output(client))
    next() // what was told of the tunnel is in it
    expect([next(), next(), next()]).toEqual([small, small, small])
    await clock.advance(999)
    expect(next()).toEqual(small)
    await clock.advance(1)
    next() // by which it learns the time
    expect(next()).toEqual(large)
  })

  it('a transport may deliver from inside write', async () => {
    const transport = new HeldTransport()
    const paths: string[] = []
    serverOn(transport, (stream) => {
      paths.push(stream.fields.find(({ name }) => name === ':path')!.value)
      stream.respond(OK, { endStream: true })
    })
    await settle()
    const client = new Connection({ role: 'client' })
    client.openStream(get('/1'), true)
    const first = output(client)
    client.openStream(get('/2'), true)
    const second = output(client)
    transport.onWrite = () => {
      transport.onWrite = undefined
      transport.receiver.data(second)
      transport.receiver.end()
    }
    transport.receiver.data(first)
    expect(paths).toEqual(['/1', '/2'])
    expect(transport.ended).toBe(true)
  })

  it('RFC 9113 §3.4: a peer that says nothing is cut off by the timer', async () => {
    const transport = new HeldTransport()
    const clock = new FakeClock()
    const session = new ServerSession(transport, { platform: clock, onStream: () => {} })
    await clock.advance(9_999)
    expect(session.state).toBe('open')
    await clock.advance(2)
    expect(session.state).toBe('closed')
    expect(transport.ended).toBe(true)
    await clock.advance(1_000)
    await session.closed
    expect(clock.pendingTimers).toBe(0)
  })

  it('an idle connection has one timer running, for its end', async () => {
    const transport = new HeldTransport()
    const clock = new FakeClock()
    new ServerSession(transport, { platform: clock, onStream: () => {}, limits: { idleTimeout: 600_000 } })
    const client = new Connection({ role: 'client' })
    transport.receiver.data(output(client))
    await settle()
    for (const chunk of transport.writes.flat()) client.receive(chunk, 0)
    transport.receiver.data(output(client))
    await clock.advance(60_000)
    expect(clock.pendingTimers).toBe(1)
  })

  it('flush() writes what there is before the turn goes on; outside a turn nothing waits for it', async () => {
    const transport = new HeldTransport()
    const writes: number[] = []
    const server = serverOn(transport, (stream) => {
      stream.respond(OK)
      stream.end(bytes('hello'))
      stream.flush()
      writes.push(transport.writes.length)
    })
    await settle()
    const client = new Connection({ role: 'client' })
    const ids = [1, 2, 3].map(() => client.openStream(get(), true))
    transport.receiver.data(output(client))
    expect(writes).toEqual([2, 3, 4]) // the first is the preface
    for (const chunk of transport.writes.flat()) client.receive(chunk, 0)
    const ended = []
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent())
      if (event.type === 'DataReceived' && event.endStream) ended.push(event.streamId)
    expect(ended).toEqual(ids)
    expect(server.state).toBe('open')
  })

  it('a chunk that comes from inside a write by flush() waits until what came before it is told', async () => {
    const transport = new HeldTransport()
    const told: string[] = []
    serverOn(transport, (stream) => {
      const path = stream.fields.find(({ name }) => name === ':path')!.value
      told.push(path)
      stream.respond(OK, { endStream: true })
      stream.flush()
      told.push(`${path} done`)
    })
    await settle()
    const client = new Connection({ role: 'client' })
    client.openStream(post('/1'), true)
    client.openStream(post('/2'), true)
    const first = output(client)
    client.openStream(post('/3'), true)
    let next: Uint8Array | undefined = output(client)
    transport.onWrite = () => {
      if (next !== undefined) transport.receiver.data(next)
      next = undefined
    }
    transport.receiver.data(first)
    expect(told).toEqual(['/1', '/1 done', '/2', '/2 done', '/3', '/3 done'])
  })

  it('a transport that throws in flush() ends its connection, and is no fault of the callback that called', async () => {
    const transport = new HeldTransport()
    const errors: unknown[] = []
    let returned = 0
    const server = new ServerSession(transport, {
      platform: new FakeClock(),
      onError: (error) => errors.push(error),
      onStream: (stream) => {
        stream.respond(OK, { endStream: true })
        transport.onWrite = () => {
          transport.onWrite = undefined
          throw new Error('broken')
        }
        stream.flush()
        returned++
      },
    })
    await settle()
    const client = new Connection({ role: 'client' })
    client.openStream(get(), true)
    transport.receiver.data(output(client))
    await settle()
    expect(returned).toBe(1)
    expect(errors).toMatchObject([{ message: 'broken' }])
    expect(server.state).toBe('closed')
    await server.closed
  })

  it('initial data comes first', async () => {
    const transport = new HeldTransport()
    const client = new Connection({ role: 'client' })
    client.openStream(post('/early'), true)
    const paths: string[] = []
    new ServerSession(transport, {
      platform: new FakeClock(),
      initialData: output(client),
      onStream: (stream) => void paths.push(stream.fields.find(({ name }) => name === ':path')!.value),
    })
    client.openStream(post('/late'), true)
    transport.receiver.data(output(client))
    await settle()
    expect(paths).toEqual(['/early', '/late'])
  })
})
