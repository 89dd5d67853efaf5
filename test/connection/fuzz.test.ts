import fc from 'fast-check'
import { describe, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { type ConnectionEvent, type ConnectionOptions, defaultLimits } from '../../src/connection/index.ts'
import { Fuzzed, type Step, step, writeStep } from './fuzzed.ts'
import { check } from './property.ts'
import { drain, POST } from './support.ts'
import type { SentFrame } from './wire.ts'
import { Wire } from './wire.ts'

/** Every declared event, and whether it belongs to the life of a stream; the compiler asks for each new one. */
const declared: Readonly<Record<ConnectionEvent['type'], boolean>> = {
  HeadersReceived: true,
  DataReceived: true,
  StreamReset: true,
  StreamClosed: true,
  StreamWritable: true,
  RequestRefused: true,
  SettingsReceived: false,
  SettingsAcknowledged: false,
  PingReceived: false,
  PingAcknowledged: false,
  GoAwayReceived: false,
  AltSvcReceived: false,
  OriginReceived: false,
  ExtensionFrameReceived: false,
  LimitExceeded: false,
  PushPromised: true,
  ConnectionClosed: false,
}

const server: ConnectionOptions = { role: 'server', extendedConnect: 'accept', limits: { maxConcurrentStreams: 2 } }
/** Limits so near that whatever is one too many is met soon: the end must come last then too. */
const near = { maxConcurrentStreams: 2, maxQueuedControlBytes: 30, resetBurst: 3, resetsPerSecond: 0, glitchBurst: 6 }
const role = fc.constantFrom<ConnectionOptions>(
  server,
  { role: 'client' },
  { ...server, streamWindow: 500 },
  { ...server, limits: near },
  { role: 'client', limits: near },
  { role: 'client', enablePush: true },
  { role: 'client', enablePush: true, limits: { ...near, maxReservedStreams: 2 } },
)

/** What must hold for the events of any connection, whatever the peer did. */
function judgeEvents(events: readonly ConnectionEvent[], options: ConnectionOptions): void {
  const ended = new Set<number>()
  const begun = new Set<number>()
  for (const [i, event] of events.entries()) {
    if (!(event.type in declared)) throw new Error(`an event of type ${event.type}`)
    if (event.type === 'ConnectionClosed' && i !== events.length - 1) throw new Error('an event after ConnectionClosed')
    if (!declared[event.type] || !('streamId' in event)) continue
    const { streamId } = event
    if (ended.has(streamId)) throw new Error(`${event.type} on stream ${streamId}, which had ended`)
    if (event.type === 'HeadersReceived') begun.add(streamId)
    else if (options.role === 'server' && event.type !== 'RequestRefused' && !begun.has(streamId)) {
      throw new Error(`${event.type} on stream ${streamId}, which had not begun`)
    }
    if (/StreamReset|StreamClosed|RequestRefused/.test(event.type)) ended.add(streamId)
  }
}

/** What must hold for the frames of any endpoint. */
function judgeFrames(frames: readonly SentFrame[], events: readonly ConnectionEvent[]): void {
  const reset = new Set<number>()
  for (const frame of frames) {
    if (frame.streamId !== 0 && reset.has(frame.streamId))
      throw new Error(`${frame.kind} after RST_STREAM on ${frame.streamId}`)
    if (frame.kind === 'RST_STREAM') reset.add(frame.streamId)
  }
  const last = events.at(-1)
  const error = last?.type === 'ConnectionClosed' && last.initiator === 'local' ? last.error : undefined
  const goAway = frames.at(-1)
  if (error !== undefined && !(goAway?.kind === 'GOAWAY' && goAway.errorCode === error.code)) {
    throw new Error(`${error.message} without a last GOAWAY`)
  }
  let lowest = 2 ** 31 - 1
  for (const frame of frames) {
    if (frame.kind !== 'GOAWAY') continue
    if (frame.lastStreamId > lowest) throw new Error('the last stream of GOAWAY grew')
    lowest = frame.lastStreamId
  }
}

function judge(endpoint: Fuzzed, options: ConnectionOptions): void {
  const frames = endpoint.finish()
  judgeEvents(endpoint.events, options)
  judgeFrames(frames, endpoint.events)
  if (endpoint.connection.openStreams > defaultLimits.maxConcurrentStreams) throw new Error('too many streams')
  if (endpoint.connection.state !== 'closed') return
  const before = endpoint.events.length
  endpoint.receive(new Wire().ping('too late').headers(99, POST).take(), 7)
  endpoint.connection.timeout(1e12)
  if (endpoint.events.length !== before || drain(endpoint.connection).length > 0)
    throw new Error('an event after the end')
  if (endpoint.connection.hasOutput) throw new Error('output after the end')
}

describe('a peer that obeys no rule', () => {
  const steps = fc.array(step, { minLength: 1, maxLength: 12 })
  const size = fc.constantFrom(1e9, 1e9, 1, 7, 30)

  it('frames of any kind in any order: no throw, declared events, one end, and lawful answers; and again the same', () => {
    check(
      fc.property(role, steps, size, (options, list, chunk) => {
        const endpoints = [new Fuzzed(options), new Fuzzed(options)] as const
        for (const endpoint of endpoints) for (const one of list) endpoint.take(one, chunk)
        for (const endpoint of endpoints) judge(endpoint, options)
        // Determinism: the same bytes, times and commands give the same events and output.
        if (endpoints[0].record !== endpoints[1].record)
          throw new Error('two endpoints that met the same fared differently')
      }),
    )
  })

  const written = (list: readonly Step[]): Uint8Array => {
    const wire = new Wire()
    for (const one of list) writeStep(wire, one)
    return wire.take()
  }
  const mutation = fc.tuple(fc.nat(2), fc.nat(600), fc.nat(255))

  it('mutated frames: bytes changed, lost and put in', () => {
    check(
      fc.property(
        role,
        steps,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        size,
        (options, list, mutations, chunk) => {
          let bytes = written(list)
          for (const [kind, where, octet] of mutations) {
            const at = where % (bytes.length + 1)
            const rest = bytes.subarray(kind === 0 ? at : at + 1)
            bytes = concat([bytes.subarray(0, at), kind === 1 ? new Uint8Array(0) : Uint8Array.of(octet), rest])
          }
          const endpoint = new Fuzzed(options)
          endpoint.receive(bytes, chunk)
          judge(endpoint, options)
        },
      ),
    )
  })

  it('random bytes', () => {
    check(
      fc.property(role, fc.uint8Array({ maxLength: 120 }), size, (options, bytes, chunk) => {
        const endpoint = new Fuzzed(options)
        endpoint.receive(bytes, chunk)
        judge(endpoint, options)
      }),
    )
  })
})
