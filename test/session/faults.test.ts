import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClientSession, ServerSession, type ServerStream } from '../../src/session/index.ts'
import { type FaultPlan, memoryPair } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { get, OK, type Pair, post, readText, sessionPair } from './support/pair.ts'

const RUNS = Number(process.env.FC_RUNS ?? 150)

const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)

/** Echoes the request's body, with trailers, as fast as the client takes it. */
function echo(stream: ServerStream): void {
  stream.respond(OK)
  stream.onData = (data, endStream) => {
    if (data.length > 0 && !stream.write(data.slice())) stream.pause()
    if (endStream) stream.sendTrailers([{ name: 'x-sum', value: 'done' }])
  }
  stream.onWritable = () => stream.resume()
}

interface Outcome {
  /** What came back of each request, or the name of the error that ended it. */
  readonly answers: string[]
  readonly streams: number
  readonly closes: number
}

/** Three echoes of different sizes and one request without a body, at the same time. */
async function work(pair: Pair): Promise<Outcome> {
  let streams = 0
  let closes = 0
  const exchange = async (size: number): Promise<string> => {
    const stream = await pair.client.request(size === 0 ? get() : post(), { endStream: size === 0 })
    streams++
    stream.onClose = () => closes++
    if (size > 0) stream.end(new TextEncoder().encode('x'.repeat(size)))
    const text = await readText(stream)
    return `${stream.fields[0]?.value} ${text.length} ${stream.trailers?.[0]?.value}`
  }
  const outcomes = await Promise.allSettled([0, 1, 3000, 90_000].map(exchange))
  const answers = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.name))
  return { answers, streams, closes }
}

/** Moves time on until the work is done and both sessions are closed. */
async function toTheEnd<T>(pair: Pair, working: Promise<T>): Promise<T> {
  for (let i = 0; i < 20; i++) await settle()
  void pair.client.close({ drain: 1000 })
  void pair.server.close({ drain: 1000 })
  for (let i = 0; i < 6; i++) await pair.clock.advance(5000)
  await Promise.all([pair.client.closed, pair.server.closed])
  return working
}

const smooth = {
  seed: fc.nat(),
  maxSlice: fc.integer({ min: 1000, max: 20_000 }),
  coalesce: fc.integer({ min: 1, max: 50_000 }),
  refuseEvery: fc.integer({ min: 1, max: 5 }),
}

describe('sessions on a transport that misbehaves', () => {
  beforeAll(() => {
    process.on('unhandledRejection', note)
  })
  afterAll(() => {
    process.off('unhandledRejection', note)
  })

  it('give the same answers however the bytes are sliced, gathered and held back', async () => {
    const plan = fc.record(smooth)
    await fc.assert(
      fc.asyncProperty(plan, plan, async (clientFaults, serverFaults) => {
        const pair = sessionPair(echo, { clientFaults, serverFaults, highWaterMark: 10_000 })
        const { answers } = await work(pair)
        expect(answers).toEqual(['200 0 done', '200 1 done', '200 3000 done', '200 90000 done'])
        expect(pair.errors).toEqual([])
        await toTheEnd(pair, Promise.resolve())
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    )
    expect(uncaught).toEqual([])
  })

  it('give the same answers byte by byte', async () => {
    const faults: FaultPlan = { maxSlice: 1 }
    const pair = sessionPair((stream) => {
      stream.respond(OK)
      stream.end(new Uint8Array(100))
    })
    const sliced = sessionPair(echo, { clientFaults: faults, serverFaults: faults })
    const stream = await sliced.client.request(post())
    stream.end(new Uint8Array(500))
    expect(await readText(stream)).toHaveLength(500)
    await toTheEnd(pair, Promise.resolve())
    await toTheEnd(sliced, Promise.resolve())
  })

  it('end whole whatever is cut, stalled or corrupted, on whichever side', async () => {
    const fault = fc.oneof(
      fc.record({ cutAt: fc.nat(100_000), cut: fc.constantFrom('end' as const, 'abort' as const) }),
      fc.record({ cutAt: fc.nat(200), cut: fc.constantFrom('end' as const, 'abort' as const) }),
      fc.record({ stallAt: fc.nat(2000) }),
      fc.record({ corruptAt: fc.nat(400), corruptMask: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ corruptAt: fc.nat(95_000), corruptMask: fc.integer({ min: 1, max: 255 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fault, fc.boolean(), fc.record(smooth), async (what, onClient, rest) => {
        let serverStreams = 0
        let serverCloses = 0
        const plan = { ...rest, ...what }
        const pair = sessionPair(
          (stream) => {
            serverStreams++
            stream.onClose = () => serverCloses++
            echo(stream)
          },
          onClient ? { clientFaults: plan } : { serverFaults: plan },
        )
        const { answers, streams, closes } = await toTheEnd(pair, work(pair))
        // every request ended one way or the other, and every stream that began closed exactly once
        expect(answers).toHaveLength(4)
        expect(closes).toBe(streams)
        expect(serverCloses).toBe(serverStreams)
        expect([pair.client.streamCount, pair.server.streamCount]).toEqual([0, 0])
        expect(pair.clock.pendingTimers).toBe(0)
      }),
      { numRuns: RUNS },
    )
    expect(uncaught).toEqual([])
  })

  it('bear any bytes whatever, in both roles', async () => {
    const garbage = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(garbage, fc.boolean(), fc.boolean(), async (chunks, asClient, withStart) => {
        const clock = new FakeClock()
        const [near, far] = memoryPair()
        const session = asClient
          ? new ClientSession(near, { platform: clock })
          : new ServerSession(near, { platform: clock, onStream: echo })
        far.start({ data() {}, end: () => far.end(), drained() {}, closed() {} })
        if (withStart) {
          if (!asClient) far.write([new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')])
          far.write([new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0])])
        }
        far.write(chunks)
        await settle()
        far.end()
        for (let i = 0; i < 3; i++) await clock.advance(5000)
        await session.closed
        expect(clock.pendingTimers).toBe(0)
      }),
      { numRuns: RUNS * 4 },
    )
    expect(uncaught).toEqual([])
  })
})
