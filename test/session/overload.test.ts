import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { ServerSession, type ServerStream } from '../../src/session/index.ts'
import type { ByteTransport, TransportReceiver } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { get, OK, sessionPair } from './support/pair.ts'

/** A transport that takes nothing after its first write, and notes whether anybody reads it. */
class StuckTransport implements ByteTransport {
  receiver!: TransportReceiver
  reading = true
  room = false
  aborted = false
  readonly written: Uint8Array[] = []

  start(receiver: TransportReceiver): void {
    this.receiver = receiver
  }

  write(chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) this.written.push(chunk.slice())
    return this.room
  }

  end(): void {}

  abort(): void {
    this.aborted = true
    queueMicrotask(() => this.receiver.closed(undefined))
  }

  pause(): void {
    this.reading = false
  }

  resume(): void {
    this.reading = true
  }
}

describe('a peer that asks and does not read', () => {
  /** As many requests as fit 40 turns of the loop, each answered by fields alone. */
  async function flooded(): Promise<{ transport: StuckTransport; session: ServerSession; clock: FakeClock }> {
    const transport = new StuckTransport()
    const clock = new FakeClock()
    const fields = [...OK, { name: 'x-long', value: 'long'.repeat(100), sensitive: true }]
    const onStream = (stream: ServerStream) => stream.respond(fields, { endStream: true })
    const session = new ServerSession(transport, {
      platform: clock,
      onStream,
      limits: { maxConcurrentStreams: 10_000 },
    })
    await settle()
    const client = new Connection({ role: 'client' })
    for (const chunk of transport.written) client.receive(chunk, 0)
    for (let turn = 0; turn < 40 && transport.reading; turn++) {
      for (let i = 0; i < 50; i++) client.openStream(get(), true)
      while (client.nextEvent() !== undefined) {}
      for (const chunk of client.takeOutput(1 << 20)) transport.receiver.data(chunk.slice())
    }
    return { transport, session, clock }
  }

  it('is not read either while its answers fill the memory, and read again when it takes them', async () => {
    const { transport, session } = await flooded()
    expect(transport.reading).toBe(false)
    expect(session.state).toBe('open')
    transport.room = true
    transport.receiver.drained()
    expect(transport.reading).toBe(true)
  })

  it('RFC 9113 §10.5: is dropped when it has taken nothing for writeStallTimeout', async () => {
    const { transport, session, clock } = await flooded()
    await clock.advance(60_000)
    expect(transport.aborted).toBe(true)
    expect(session.error).toMatchObject({ code: ErrorCode.ENHANCE_YOUR_CALM })
  })
})

describe('handlers that outlive their stream', () => {
  it('RFC 9113 §10.5: beyond maxUnfinishedHandlers new requests are refused until one has ended', async () => {
    const releases: (() => void)[] = []
    const { client } = sessionPair((stream) => void releases.push(stream.hold()), {
      server: { limits: { maxConcurrentStreams: 2, maxUnfinishedHandlers: 3 } },
    })
    await client.ready()
    const ask = async (): Promise<number | undefined> => {
      const stream = await client.request(get(), { endStream: true })
      let code: number | undefined
      stream.onReset = (error) => {
        code = error.code
      }
      await settle()
      if (code === undefined) stream.reset()
      await settle()
      return code === ErrorCode.REFUSED_STREAM ? code : undefined
    }
    const codes: unknown[] = []
    for (let i = 0; i < 6; i++) codes.push(await ask())
    expect(codes).toEqual([undefined, undefined, undefined, undefined, undefined, ErrorCode.REFUSED_STREAM])
    releases[0]!()
    releases[0]!() // a second call ends nothing more
    expect([await ask(), await ask()]).toEqual([undefined, ErrorCode.REFUSED_STREAM])
  })
})
