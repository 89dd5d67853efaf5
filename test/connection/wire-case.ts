import { expect, it } from 'vitest'
import type { ConnectionEvent, ConnectionOptions } from '../../src/connection/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { Flag, type SettingEntry } from '../../src/frames/index.ts'
import { atEveryChunking, Bench, drain, GET, merged, OK, POST, word } from './support.ts'
import { line, type SentFrame, type Wire } from './wire.ts'

/** A sentence of an RFC as bytes: what comes in after a beginning, and what must come of it at every chunk size. */
export interface WireCase {
  readonly options: ConnectionOptions
  /** The peer's first SETTINGS. */
  readonly settings?: readonly SettingEntry[]
  /** Before the case: frames of the peer and commands of ours. */
  readonly before?: (bench: Bench) => void
  /** The case itself, written by the same peer. */
  readonly wire: (wire: Wire) => void
  /** After it. */
  readonly after?: (bench: Bench) => void
}

export interface Outcome {
  readonly events: readonly ConnectionEvent[]
  readonly words: readonly string[]
  readonly frames: readonly SentFrame[]
  readonly lines: readonly string[]
  readonly bench: Bench
}

/** Replays the case at every chunk size; `judge` sees each outcome. */
export function replay(wireCase: WireCase, judge: (outcome: Outcome) => void): void {
  const begin = (): Bench => {
    const bench = new Bench(wireCase.options, wireCase.settings)
    wireCase.before?.(bench)
    bench.deliver()
    bench.answers()
    return bench
  }
  const written = begin()
  wireCase.wire(written.wire)
  atEveryChunking(written.wire.take(), (chunks) => {
    const bench = begin()
    // The case is written once and replayed; writing it again only brings the peer's encoder to the same place.
    wireCase.wire(bench.wire)
    bench.wire.take()
    const events: ConnectionEvent[] = []
    for (const chunk of chunks) {
      bench.connection.receive(chunk, 1)
      for (const event of drain(bench.connection)) {
        events.push(event.type === 'DataReceived' ? { ...event, data: event.data.slice() } : event)
      }
    }
    const frames = bench.frames()
    const joined = merged(events)
    judge({ events: joined, words: joined.map(word), frames, lines: frames.map(line), bench })
    wireCase.after?.(bench)
  })
}

/** A lawful (or ignored) case: exactly these events and answers. */
export function lawful(title: string, wireCase: WireCase, events: readonly string[], answers: readonly string[]): void {
  it(title, () => {
    replay(wireCase, ({ words, lines, bench }) => {
      expect(words).toEqual(events)
      expect(lines).toEqual(answers)
      expect(bench.connection.state).not.toBe('closed')
    })
  })
}

const codeOf = (name: keyof typeof ErrorCode): number => ErrorCode[name]

/** A connection error: GOAWAY is the last frame, ConnectionClosed the last event, and whatever follows is not looked at. */
export function connectionFault(
  title: string,
  code: keyof typeof ErrorCode,
  wireCase: WireCase,
  expected: { section?: string; last?: number } = {},
): void {
  const tail = (wire: Wire): void => {
    wireCase.wire(wire)
    wire.ping('too late')
  }
  it(title, () => {
    replay({ ...wireCase, wire: tail }, ({ events, frames, bench }) => {
      const closed = events.at(-1)
      expect(closed).toMatchObject({ type: 'ConnectionClosed', initiator: 'local', error: { code: codeOf(code) } })
      expect(events.filter((event) => event.type === 'ConnectionClosed').length).toBe(1)
      expect(events.some((event) => event.type === 'PingReceived')).toBe(false)
      if (expected.section !== undefined) expect(closed).toMatchObject({ error: { section: expected.section } })
      expect(frames.at(-1)).toMatchObject({ kind: 'GOAWAY', errorCode: codeOf(code) })
      if (expected.last !== undefined) expect(frames.at(-1)).toMatchObject({ lastStreamId: expected.last })
      expect(bench.connection.state).toBe('closed')
      expect(bench.connection.openStreams).toBe(0)
    })
  })
}

/** What a stream error leaves behind on the wire and in the events; the stream beside it must still work. */
export interface StreamFaultCase {
  readonly options: ConnectionOptions
  readonly settings?: readonly SettingEntry[]
  /** Stream 1 is open already, and works on. By default stream 3 is opened by a request without END_STREAM. */
  readonly before?: (bench: Bench) => void
  readonly wire: (wire: Wire) => void
  /** The events before the reset, as words. */
  readonly events?: readonly string[]
  /** How the consumer hears of it. */
  readonly event?: 'StreamReset' | 'RequestRefused' | 'none'
  readonly section?: string
}

/** A stream error on stream 3: one RST_STREAM with the code, one event, and stream 1 goes on to its regular end. */
export function streamFault(title: string, code: keyof typeof ErrorCode, fault: StreamFaultCase): void {
  const server = fault.options.role === 'server'
  const before = (bench: Bench): void => {
    if (server) bench.wire.headers(1, POST)
    else bench.connection.openStream(GET, true)
    bench.deliver()
    if (fault.before !== undefined) fault.before(bench)
    else if (server) bench.wire.headers(3, POST)
    else bench.connection.openStream(POST, false)
  }
  const wire = (w: Wire): void => {
    fault.wire(w)
    if (server) w.end(1, 'beside')
    else w.headers(1, OK).end(1, 'beside')
  }
  const wireCase: WireCase = { ...fault, before, wire }
  it(title, () => {
    replay(wireCase, ({ events, words, frames, bench }) => {
      const resets = frames.filter((frame) => frame.kind === 'RST_STREAM')
      expect(resets).toMatchObject([{ streamId: 3, errorCode: codeOf(code) }])
      expect(frames.some((frame) => frame.kind === 'GOAWAY')).toBe(false)
      const type = fault.event ?? 'StreamReset'
      const told = events.filter((event) => event.type === 'StreamReset' || event.type === 'RequestRefused')
      if (type === 'none') expect(told).toEqual([])
      else expect(told).toMatchObject([{ type, streamId: 3, error: { code: codeOf(code), initiator: 'local' } }])
      if (fault.section !== undefined) expect(told).toMatchObject([{ error: { section: fault.section } }])
      const until = type === 'none' ? 0 : events.indexOf(told[0]!)
      expect(words.slice(0, until)).toEqual(fault.events ?? [])
      const beside = server
        ? ['DataReceived 1 6 END_STREAM']
        : ['HeadersReceived 1 response', 'DataReceived 1 6 END_STREAM', 'StreamClosed 1']
      expect(words.filter((text) => text.split(' ')[1] === '1')).toEqual(beside)
      if (server) {
        bench.connection.sendHeaders(1, OK, true)
        expect(drain(bench.connection).map(word)).toEqual(['StreamClosed 1'])
        expect(bench.answers()).toEqual(['HEADERS 1 :status=200 END_STREAM'])
      }
      expect(bench.connection.openStreams).toBe(0)
      expect(bench.connection.state).toBe('open')
    })
  })
}

export const END_STREAM: number = Flag.END_STREAM
export const SERVER: ConnectionOptions = { role: 'server' }
export const CLIENT: ConnectionOptions = { role: 'client' }
