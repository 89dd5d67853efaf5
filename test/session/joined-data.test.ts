import { describe, expect, it } from 'vitest'
import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent } from '../../src/connection/index.ts'
import { ServerSession, type ServerSessionOptions } from '../../src/session/index.ts'
import { joinData } from '../../src/session/joined-data.ts'
import { memoryPair } from '../../src/transport/index.ts'
import { FakeClock, settle } from './support/fake-clock.ts'
import { post } from './support/pair.ts'
import { RawPeer } from './support/raw-peer.ts'

/** A DATA frame on stream `id` of `size` octets, all of them `fill`; `pad` octets of padding where that is not negative. */
function data(id: number, size: number, fill: number, { end = false, pad = -1 } = {}): Uint8Array {
  const length = pad < 0 ? size : size + pad + 1
  const head = [length >> 16, length >> 8, length, 0, (end ? 1 : 0) | (pad < 0 ? 0 : 8), 0, 0, 0, id]
  return Uint8Array.from([
    ...head,
    ...(pad < 0 ? [] : [pad]),
    ...Array<number>(size).fill(fill),
    ...Array<number>(Math.max(pad, 0)).fill(0),
  ])
}

/** A server's connection on which two requests, 1 and 3, have begun. */
function begun(): Connection {
  const client = new Connection({ role: 'client' })
  client.openStream(post(), false)
  client.openStream(post(), false)
  const server = new Connection({ role: 'server' })
  server.receive(concat(client.takeOutput(1 << 20)), 0)
  while (server.nextEvent() !== undefined) {}
  return server
}

/** What the events of stream 1 and 3 hold once those next to each other were joined, and what the chunk is by then. */
function joined(chunk: Uint8Array): string[] {
  const server = begun()
  server.receive(chunk, 0)
  const told: string[] = []
  for (let event = next(server); event !== undefined; event = next(server)) {
    if (event.type !== 'DataReceived') continue
    const { streamId, data: all, endStream } = joinData(server, chunk, event)
    told.push(`${streamId}: ${runs(all)}${endStream ? ' end' : ''}`)
  }
  return told
}

function next(connection: Connection): ConnectionEvent | undefined {
  return connection.nextEvent()
}

/** `3xa 2xb` for aaabb. */
function runs(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes)
  return (text.match(/(.)\1*/gs) ?? []).map((run) => `${run.length}x${run[0]}`).join(' ')
}

const [A, B, C] = [97, 98, 99]

describe('data of several frames in one chunk', () => {
  it('is joined over the headers between, in its order, and ends where the last of it does', () => {
    const chunk = concat([data(1, 16_384, A), data(1, 8, B), data(1, 1, C), data(1, 0, C, { end: true })])
    expect(joined(chunk)).toEqual(['1: 16384xa 8xb 1xc end'])
  })

  it('is joined wherever in its memory the chunk lies', () => {
    const frames = concat([data(1, 3, A), data(1, 5, B)])
    const memory = new Uint8Array(frames.length + 20)
    memory.set(frames, 7)
    expect(joined(memory.subarray(7, 7 + frames.length))).toEqual(['1: 3xa 5xb'])
    expect(memory.subarray(0, 7).every((octet) => octet === 0)).toBe(true)
    expect(memory.subarray(7 + frames.length).every((octet) => octet === 0)).toBe(true)
  })

  it('stays apart where more than one header is between: padding, or another stream', () => {
    expect(joined(concat([data(1, 3, A), data(1, 3, B, { pad: 0 })]))).toEqual(['1: 3xa', '1: 3xb'])
    expect(joined(concat([data(1, 3, A, { pad: 2 }), data(1, 3, B)]))).toEqual(['1: 3xa', '1: 3xb'])
    const woven = concat([data(1, 3, A), data(3, 3, B), data(1, 3, C), data(1, 2, A)])
    expect(joined(woven)).toEqual(['1: 3xa', '3: 3xb', '1: 3xc 2xa'])
  })

  it('stays apart where it is long, which costs more to move than to tell', () => {
    expect(joined(concat([data(1, 8, A), data(1, 8192, B)]))).toEqual(['1: 8xa 8192xb'])
    expect(joined(concat([data(1, 8, A), data(1, 8193, B), data(1, 1, C)]))).toEqual(['1: 8xa', '1: 8193xb 1xc'])
  })

  it('is left alone outside of the chunk at hand, though it lie next to each other', () => {
    const server = begun()
    const frames = concat([data(1, 3, A), data(1, 3, B), data(1, 3, C)])
    server.receive(frames, 0)
    const first = server.nextEvent()
    if (first?.type !== 'DataReceived') throw new Error('no data')
    // the second frame only; then all but the last octet of it; then other memory altogether
    expect(joinData(server, frames.subarray(12, 24), first)).toBe(first)
    expect(joinData(server, frames.subarray(0, 23), first)).toBe(first)
    expect(joinData(server, frames.slice(), first)).toBe(first)
    expect(runs(joinData(server, frames.subarray(0, 24), first).data)).toBe('3xa 3xb')
  })
})

describe('a stream whose reader wants data joined', () => {
  async function calls(joinsData: boolean, options: Partial<ServerSessionOptions> = {}): Promise<string[]> {
    const [near, far] = memoryPair()
    const told: string[] = []
    new ServerSession(near, {
      platform: new FakeClock(),
      ...options,
      onStream: (stream) => {
        stream.joinsData = joinsData
        stream.onData = (bytes, endStream) => void told.push(`${runs(bytes)}${endStream ? ' end' : ''}`)
      },
    })
    const peer = new RawPeer(far, { role: 'client' })
    await settle()
    peer.connection.openStream(post(), false)
    peer.flush()
    await settle()
    peer.transport.write([concat([data(1, 3, A), data(1, 3, B, { end: true })])])
    await settle()
    return told
  }

  it('hears of a chunk in one call', async () => {
    expect(await calls(true)).toEqual(['3xa 3xb end'])
  })

  it('hears of each frame by itself if it does not ask, or if a listener may look at what was told', async () => {
    expect(await calls(false)).toEqual(['3xa', '3xb end'])
    const seen: string[] = []
    const onEvent = (event: ConnectionEvent): void => {
      if (event.type === 'DataReceived') seen.push(runs(event.data))
    }
    expect(await calls(true, { onEvent })).toEqual(['3xa', '3xb end'])
    expect(seen).toEqual(['3xa', '3xb'])
  })
})
