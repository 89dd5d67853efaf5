import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionOptions } from '../../src/connection/index.ts'
import { drain, GET, OK } from './support.ts'

/**
 * A download over a path with a round trip of 100 ms and no other limit, read by a client that consumes a chunk `delay`
 * milliseconds after it came. Answers the bytes that arrived in each round trip.
 */
function download(options: Partial<ConnectionOptions>, roundTrips: number, delay = 0): number[] {
  const client = new Connection({ role: 'client', streamWindow: 65_535, connectionWindow: 65_535, ...options })
  const server = new Connection({ role: 'server', sendHighWaterMark: 1e9 })
  let now = 0
  const travel = (from: Connection, to: Connection) => {
    const bytes = concat(from.takeOutput(1e9))
    now += 50
    to.receive(bytes, now)
    return drain(to)
  }
  client.timeout(0)
  server.timeout(0)
  travel(client, server)
  travel(server, client)
  const id = client.openStream(GET, true)
  travel(client, server)
  server.sendHeaders(id, OK, false)
  server.sendData(id, new Uint8Array(64 << 20), true)
  const arrived: number[] = []
  for (let i = 0; i < roundTrips; i++) {
    let n = 0
    for (const event of travel(server, client)) if (event.type === 'DataReceived') n += event.data.length
    now += delay
    client.timeout(now)
    client.consumed(id, n)
    drain(client)
    travel(client, server)
    arrived.push(n)
  }
  return arrived
}

describe('receive windows', () => {
  it('RFC 9113 §6.9.1: they grow as long as they hold the sender back', () => {
    const arrived = download({}, 8)
    expect(arrived[0]).toBe(65_535)
    expect(arrived.at(-1)).toBeGreaterThan(32 * 65_535)
  })
  it('RFC 9113 §6.9.1: they stop at their limits, the stream at its own and the connection at its own', () => {
    expect(Math.max(...download({ limits: { maxStreamWindow: 200_000 } }, 12))).toBe(200_000)
    expect(Math.max(...download({ limits: { maxConnectionWindow: 300_000 } }, 12))).toBe(300_000)
  })
  it('RFC 9113 §5.2.1: a slow consumer keeps the window it has', () => {
    expect(Math.max(...download({}, 10, 2000))).toBe(65_535)
  })
  it('windows above the limits from the start stay as they were set', () => {
    const limits = { maxStreamWindow: 1, maxConnectionWindow: 1 }
    expect(Math.max(...download({ streamWindow: 100_000, connectionWindow: 120_000, limits }, 6))).toBe(100_000)
  })
})
