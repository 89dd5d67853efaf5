import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { command, Pair } from './pair.ts'
import { RUNS } from './property.ts'
import { fromText, type Outcome, Recorder, type Recording, replay, toText } from './recording.ts'

/** The same bytes, times and commands give the same events and output, however the bytes are cut. */

function judge(recording: Recording, expected: Outcome, sizes: readonly number[]): void {
  for (const size of sizes) {
    const { events, output } = replay(recording, size)
    expect(events).toEqual(expected.events)
    expect(Buffer.compare(output, expected.output)).toBe(0)
  }
}

it('a recorded exchange of two connections replays on each side, from a file too, at any chunk size', () => {
  const commands = fc.array(command, { minLength: 1, maxLength: 8 })
  const sizes = fc.constantFrom(1, 7, 9, 10, 100, 1000)
  fc.assert(
    fc.property(commands, fc.array(sizes, { maxLength: 3 }), sizes, (list, cuts, size) => {
      const client = new Recorder({ role: 'client' })
      const server = new Recorder({ role: 'server', extendedConnect: 'advertise' })
      const pair = Object.assign(new Pair(), { client: client.connection, server: server.connection })
      for (const each of list) {
        pair.apply(each)
        pair.exchange(cuts.map((n) => n + 1500))
      }
      for (const { recording, outcome } of [client, server]) {
        const small = outcome.events.join().length < 20_000
        judge(fromText(toText(recording)), outcome, [Number.POSITIVE_INFINITY, small ? size : size + 1000])
      }
    }),
    { numRuns: Math.ceil(RUNS / 50) },
  )
})

describe.each([
  [
    'node-http2-client',
    ['HeadersReceived 1 request END_STREAM', 'HeadersReceived 13 request', 'StreamReset 13 remote CANCEL'],
  ],
  [
    'node-http2-server',
    ['PushPromised', 'HeadersReceived 2 response END_STREAM', 'SettingsAcknowledged', '"StreamClosed","streamId":5'],
  ],
])('the recording of a real peer, %s', (name, seen) => {
  const text = readFileSync(new URL(`recordings/${name}.jsonl`, import.meta.url), 'utf8')
  const recording = fromText(text)

  it('is a whole and lawful life', () => {
    const { events } = replay(recording)
    for (const beginning of seen) expect(events.some((event) => event.includes(beginning))).toBe(true)
    expect(events.at(-1)).toMatch(/^ConnectionClosed \w+ clean/)
    expect(events.filter((event) => /LimitExceeded|RequestRefused/.test(event))).toEqual([])
    expect(toText(recording)).toBe(text)
  })

  it('replays twice to the same events and octets, and at other chunk sizes', () => {
    judge(recording, replay(recording), [Number.POSITIVE_INFINITY, 1, 8, 9, 10, 1000, 16_384])
  })
})
