import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import type { Connection } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { type Command, command, Pair } from './pair.ts'
import { check } from './property.ts'
import { drain, fields, GET } from './support.ts'

const script = fc.array(command, { minLength: 1, maxLength: 6 })
const short = fc.array(command, { minLength: 1, maxLength: 4 })
const lifetimes = fc.oneof(
  script,
  fc
    .tuple(
      script,
      fc.constantFrom<Command>({ op: 'shutdown', side: 'client' }, { op: 'shutdown', side: 'server' }),
      script,
    )
    .map(([before, end, after]) => [...before, end, ...after]),
)
const cuts = fc.array(fc.oneof(fc.constantFrom(1, 9, 10), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 8,
})

/** Runs the script; everything crosses after each command. */
function play(commands: readonly Command[], sizes: readonly number[]): Pair {
  const pair = new Pair()
  for (const step of commands) {
    pair.apply(step)
    pair.exchange(sizes)
  }
  return pair
}

/** Nothing in a lawful exchange is anybody's fault, and both sides agree on what is still open. */
function judgeLawful(pair: Pair): void {
  for (const who of ['client', 'server'] as const) {
    for (const event of pair.events[who]) {
      if (event.type === 'ConnectionClosed' && event.error !== undefined) throw event.error
      if (event.type === 'LimitExceeded' || event.type === 'RequestRefused') throw new Error(event.type)
      if (event.type === 'StreamReset' && ![5, 7, 8].includes(event.error.code)) throw event.error
    }
  }
  if (pair.client.openStreams !== pair.server.openStreams) throw new Error('one side has streams that the other ended')
}

describe('properties', () => {
  it('a lawful exchange has no fault, and cut at any places gives the same events and output on both sides', () => {
    check(
      fc.property(lifetimes, cuts, (commands, sizes) => {
        const whole = play(commands, [])
        judgeLawful(whole)
        const one = whole.record
        // Cuts of a few octets through much data cost time and show nothing more.
        const total = one.length
        const other = play(commands, total > 20_000 ? sizes.map((n) => n + 1500) : sizes).record
        if (one !== other)
          throw new Error(`cut at ${sizes.join(',')}:\n${other.slice(0, 2000)}\n--- whole:\n${one.slice(0, 2000)}`)
      }),
    )
  })

  const badCalls: readonly ((connection: Connection) => unknown)[] = [
    (c) => c.openStream([], true),
    (c) => c.openStream([...GET, { name: 'X', value: 'y' }], false),
    (c) => c.openStream([...GET, { name: 'x-added-to-the-table', value: 'line\n' }], false),
    (c) => c.openStream([...GET, { name: 'x-added-to-the-table', value: '\u1234' }], false),
    (c) => c.sendHeaders(1, fields({ ':status': '101' }), false),
    (c) => c.sendHeaders(1, fields({ ':status': '100' }), true),
    (c) => c.sendHeaders(99, fields({ ':status': '200' }), true),
    (c) => c.sendData(99, new Uint8Array(5), true),
    (c) => c.sendTrailers(1, fields({ ':path': '/' })),
    (c) => c.sendTrailers(99, []),
    (c) => c.reset(99),
    (c) => c.reset(1, -1),
    (c) => c.reset(1, 2 ** 32),
    (c) => c.reset(1, 0.5),
    (c) => c.consumed(1, 1e9),
    (c) => c.consumed(1, -1),
    (c) => c.consumed(1, 0.5),
    (c) => c.consumed(99, 1),
    (c) => c.ping(new Uint8Array(7), 1),
    (c) => c.goAway(-1),
    (c) => c.goAway(0, new Uint8Array(16_384)),
  ]

  it('a UsageError leaves everything as it was: a twin that did not make the bad call fares the same', () => {
    check(
      fc.property(
        short,
        short,
        fc.nat(badCalls.length - 1),
        fc.constantFrom('client' as const, 'server' as const),
        (before, after, n, who) => {
          const twins = [play(before, []), play(before, [])] as const
          let thrown: unknown
          try {
            badCalls[n]!(twins[0][who])
          } catch (error) {
            thrown = error
          }
          // Not every call is bad in every state; what did not throw is no case.
          if (thrown === undefined) return
          if (!(thrown instanceof UsageError)) throw thrown
          for (const pair of twins) {
            for (const step of after) {
              pair.apply(step)
              pair.exchange([])
            }
          }
          if (twins[0].record !== twins[1].record)
            throw new Error(`bad call ${n} changed what came after: ${thrown.message}`)
        },
      ),
    )
  })

  it('each bad call is one in some state', () => {
    for (const [n, bad] of badCalls.entries()) {
      const pair = play([{ op: 'open', kind: 1, size: 10, end: false }], [])
      const throws = (connection: Connection): boolean => {
        try {
          bad(connection)
          return false
        } catch (error) {
          return error instanceof UsageError
        }
      }
      expect(throws(pair.client) || throws(pair.server), `bad call ${n}`).toBe(true)
    }
  })
})

describe('two endpoints', () => {
  interface Plan {
    readonly windows: readonly [number, number, number, number]
    readonly bodies: readonly (readonly [request: number, response: number])[]
    readonly turns: readonly number[]
  }
  const window = fc.oneof(fc.integer({ min: 8, max: 50 }), fc.integer({ min: 1, max: 5000 }), fc.constant(65_535))
  const body = fc.oneof({ weight: 5, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.nat(2000) })
  const plan: fc.Arbitrary<Plan> = fc.record({
    windows: fc.tuple(window, window, window, window),
    bodies: fc.array(fc.tuple(body, body), { minLength: 1, maxLength: 4 }),
    turns: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 }),
  })

  const pattern = Uint8Array.from({ length: 4096 }, (_, i) => i * 31)
  /** The body that `id` carries in a direction: another stretch of the pattern for each. */
  const octets = (id: number, length: number, salt: number): Uint8Array =>
    pattern.subarray(id * 17 + salt * 5, id * 17 + salt * 5 + length)

  it('RFC 9113 §5.2: with any windows, any delivery and any pace of reading, all data arrive and all streams end', () => {
    check(
      fc.property(plan, ({ windows, bodies, turns }) => {
        const pair = new Pair(
          { streamWindow: windows[0], connectionWindow: windows[1], sendHighWaterMark: 500 },
          { streamWindow: windows[2], connectionWindow: windows[3], sendHighWaterMark: 500 },
        )
        const wires = { client: [] as Uint8Array[], server: [] as Uint8Array[] }
        const got = { client: new Map<number, Uint8Array[]>(), server: new Map<number, Uint8Array[]>() }
        const unread = { client: [] as [number, number][], server: [] as [number, number][] }
        const closed = { client: 0, server: 0 }
        const wanted = new Map<number, readonly [number, number]>()
        for (const sizes of bodies) {
          const id = pair.client.openStream([...GET, { name: 'x', value: 'y' }], false)
          wanted.set(id, sizes)
          pair.client.sendData(id, octets(id, sizes[0], 0), true)
        }
        const listen = (who: 'client' | 'server'): void => {
          for (const event of drain(pair[who])) {
            if (event.type === 'DataReceived') {
              const list = got[who].get(event.streamId) ?? []
              list.push(event.data.slice())
              got[who].set(event.streamId, list)
              unread[who].push([event.streamId, event.data.length])
            } else if (event.type === 'StreamClosed') closed[who]++
            else if (event.type === 'HeadersReceived' && who === 'server') {
              pair.server.sendHeaders(event.streamId, fields({ ':status': '200' }), false)
              const [, size] = wanted.get(event.streamId)!
              pair.server.sendData(event.streamId, octets(event.streamId, size, 1), true)
            } else if (event.type === 'StreamReset' || event.type === 'ConnectionClosed') throw new Error(event.type)
          }
        }
        const step = (n: number): void => {
          const who = n % 2 === 0 ? 'client' : 'server'
          const other = who === 'client' ? 'server' : 'client'
          if (n % 3 !== 0 && pair[who].hasOutput) wires[who].push(...pair[who].takeOutput(1 + (n % 5000)))
          const chunk = wires[who].shift()
          if (chunk !== undefined) {
            const cut = 1 + (n % Math.max(1, chunk.length))
            if (cut < chunk.length) wires[who].unshift(chunk.subarray(cut))
            pair[other].receive(chunk.subarray(0, cut), 1)
          }
          listen(who)
          listen(other)
          const read = n % 5 === 0 ? undefined : unread[other].shift()
          if (read !== undefined) pair[other].consumed(...read)
        }
        for (const n of turns) step(n)
        // From here on everybody reads all: nothing may stay.
        for (let quiet = 0; quiet < 4; quiet++) {
          for (const who of ['client', 'server'] as const) {
            const other = who === 'client' ? 'server' : 'client'
            wires[who].push(...pair[who].takeOutput(100_000))
            if (wires[who].length > 0 || unread[who].length > 0) quiet = 0
            pair[other].receive(concat(wires[who].splice(0)), 1)
            listen(who)
            listen(other)
            for (const read of unread[other].splice(0)) pair[other].consumed(...read)
          }
        }
        for (const [id, [up, down]] of wanted) {
          const same = (parts: Uint8Array[] | undefined, body: Uint8Array) =>
            Buffer.compare(concat(parts ?? []), body) === 0
          if (!same(got.server.get(id), octets(id, up, 0))) throw new Error(`the request body of stream ${id}`)
          if (!same(got.client.get(id), octets(id, down, 1))) throw new Error(`the response body of stream ${id}`)
        }
        if (closed.client !== bodies.length || closed.server !== bodies.length) throw new Error('a stream did not end')
      }),
    )
  })
})
