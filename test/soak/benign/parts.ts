import { once } from 'node:events'
import { connect } from 'node:net'
import { Connection } from '../../../src/connection/index.ts'
import { ClientSession, nodePlatform, nodeTransport } from '../../../src/runtime/node/index.ts'
import { exchange as carry, webSocket } from '../../connection/support.ts'
import { Chance } from '../chance.ts'
import { type Client, nodes } from './clients.ts'

/** What a part found: how much was done, and how much of it failed. */
export interface Finding {
  readonly done: number
  readonly failed: number
}

const octet = Uint8Array.of(1)

/** Takes `count` turns, `width` at a time. */
async function turns(count: number, width: number, turn: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) await turn(next++)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** Requests one after the other, 32 in flight, all on one connection. */
export async function requests(client: Client, count: number): Promise<Finding> {
  let failed = 0
  await turns(count, 32, async () => {
    try {
      const { done } = await client.exchange('GET')
      if ((await done) !== 200) failed++
    } catch {
      failed++
    }
  })
  return { done: count, failed: client.isOpen ? failed : count }
}

/** Streams that all send an octet, and the next one when it is back. */
export async function octets(clients: readonly Client[], streams: number, count: number): Promise<Finding> {
  let failed = 0
  let back = 0
  const each = async (client: Client): Promise<void> => {
    const exchange = await client.exchange('POST')
    let received = 0
    exchange.onData = (data) => {
      received += data.length
      back += data.length
      if (received < count) exchange.write(octet)
      else exchange.end()
    }
    exchange.write(octet)
    try {
      if ((await exchange.done) !== 200) failed++
    } catch {
      failed++
    }
  }
  await Promise.all(Array.from({ length: streams }, (_, i) => each(clients[i % clients.length]!)))
  return { done: back, failed: failed + (streams * count - back) }
}

/** Three requests of ten are cancelled, at once or a little later. */
export async function cancels(client: Client, count: number, seed: number): Promise<Finding> {
  const chance = new Chance()
  chance.seed(seed, 0, 0)
  let failed = 0
  await turns(count, 50, async () => {
    const cancelled = chance.below(10) < 3
    try {
      const exchange = await client.exchange(chance.once(2) ? 'GET' : 'POST')
      if (cancelled) {
        if (chance.once(2)) await new Promise((resolve) => setImmediate(resolve))
        exchange.cancel()
        await exchange.done
      } else {
        exchange.end()
        if ((await exchange.done) !== 200) failed++
      }
    } catch {
      if (!cancelled) failed++
    }
  })
  return { done: count, failed: client.isOpen ? failed : count }
}

/** As many crumbs as a browser with a full jar sends. RFC 9113 §8.2.3. */
export async function crumbs(client: Client, count: number): Promise<Finding> {
  const cookies = Array.from({ length: 150 }, (_, i) => ['cookie', `name${i}=${'v'.repeat(i)}`] as const)
  let failed = 0
  await turns(count, 20, async () => {
    try {
      const { done } = await client.exchange('GET', cookies)
      if ((await done) !== 200) failed++
    } catch {
      failed++
    }
  })
  return { done: count, failed }
}

/** DATA frames with more padding than data: each octet in one of its own, since the next waits until it is back. RFC 9113 §6.1. */
export async function padded(port: number, count: number): Promise<Finding> {
  const client = await nodes(port, true)
  const finding = await octets([client], 50, count / 50)
  client.close()
  return finding
}

/** One text message in so many fragments, there and back. RFC 6455 §5.4. */
export async function fragments(port: number, count: number): Promise<Finding> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform })
  await session.ready()
  const stream = await session.request([...webSocket, { name: 'sec-websocket-version', value: '13' }])
  // Four letters in each; a mask of zeros leaves them as they are. §5.3
  const fragment = (i: number): Uint8Array =>
    Uint8Array.of((i === 0 ? 1 : 0) | (i === count - 1 ? 0x80 : 0), 0x84, 0, 0, 0, 0, 0x61, 0x62, 0x63, 0x64)
  for (let i = 0; i < count; i++) if (!stream.write(fragment(i))) await stream.drained()
  const wanted = count * 4
  let letters = 0
  for await (const chunk of stream) {
    for (const byte of chunk) if (byte >= 0x61 && byte <= 0x64) letters++
    if (letters >= wanted) break
  }
  void session.close({ drain: 0 })
  return { done: count, failed: letters === wanted ? 0 : count }
}

/** Tunnels on which nothing happens, and a PING each second from both sides, for so many seconds of a clock of our own. */
export function idle(seconds: number): Finding {
  const client = new Connection({ role: 'client' })
  const server = new Connection({ role: 'server', extendedConnect: 'advertise' })
  carry(client, server, 0)
  for (let i = 0; i < 50; i++) {
    const id = client.openStream(webSocket, false)
    carry(client, server, 0)
    server.sendHeaders(id, [{ name: ':status', value: '200' }], false)
  }
  let failed = 0
  let pongs = 0
  for (let second = 1; second <= seconds; second++) {
    const now = second * 1000
    for (const side of [client, server]) {
      if (now >= side.deadline) side.timeout(now)
      side.ping(Uint8Array.of(0, 0, 0, 0, 0, 0, second >>> 8, second), now)
    }
    const told = carry(client, server, now)
    for (const event of [...told.client, ...told.server]) {
      if (event.type === 'PingAcknowledged') pongs++
      else if (event.type !== 'PingReceived' && event.type !== 'HeadersReceived') failed++
    }
  }
  return { done: pongs, failed: failed + 2 * seconds - pongs + 100 - client.openStreams - server.openStreams }
}
