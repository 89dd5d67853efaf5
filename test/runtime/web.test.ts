import type { AddressInfo } from 'node:net'
import * as pako from 'pako'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { nodePlatform } from '../../src/runtime/node/platform.ts'
import { pakoDeflate, type SocketPipe, webPlatform, webSocketTransport } from '../../src/runtime/web/index.ts'
import { ClientSession, ServerSession } from '../../src/session/index.ts'
import { Recorder } from '../transport/recorder.ts'

const utf8 = (text: string) => new Uint8Array(Buffer.from(text))
const none = new Uint8Array(0)
const open: { close(): void }[] = []

afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Two ends of a WebSocket of `ws`; the near one may still be connecting. */
async function socketPair(): Promise<{ near: WebSocket; accepted: Promise<WebSocket> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  const near = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  open.push(near, server)
  return { near, accepted }
}

const pipe = (socket: WebSocket) => webSocketTransport(socket as unknown as SocketPipe)

describe('the platform of the web', () => {
  it('RFC 6455 §1.3: hashes as the example there', () => {
    const hash = webPlatform.sha1(utf8('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11'))
    expect(Buffer.from(hash).toString('base64')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it('RFC 6455 §5.3: fills more than the runtime does at once, and never alike', () => {
    const bytes = new Uint8Array(200_000)
    webPlatform.fillRandom(bytes)
    for (const at of [0, 65_536, 131_072, 196_608])
      expect(new Set(bytes.subarray(at, at + 1000)).size).toBeGreaterThan(100)
  })

  it('codes text as Node does, a byte order mark and lone surrogates included', () => {
    for (const text of ['', 'é', '\ufeffx', '\ud800', '😀'.repeat(10)]) {
      const bytes = webPlatform.encodeText(text)
      expect(bytes).toEqual(nodePlatform.encodeText(text))
      for (const { encodeTextInto } of [webPlatform, nodePlatform]) {
        const room = new Uint8Array(3 * text.length)
        expect(room.subarray(0, encodeTextInto?.(text, room))).toEqual(bytes)
        expect(encodeTextInto).toBeDefined()
      }
      expect(webPlatform.decodeText(bytes)).toBe(nodePlatform.decodeText(bytes))
    }
  })
})

describe('compression by pako', () => {
  const zlib = nodePlatform.deflate!
  const ours = pakoDeflate(pako)
  const texts = [
    '',
    'a',
    'some words, and some words again',
    'x'.repeat(100_000),
    JSON.stringify([...Array(3000).keys()]),
  ]

  it('RFC 7692 §7.2: writes what zlib reads, and reads what zlib writes, with and without a history', () => {
    for (const [writer, reader] of [
      [ours, zlib],
      [zlib, ours],
    ] as const) {
      for (const text of texts) {
        for (const history of [none, utf8('some words again, '.repeat(100))]) {
          const packed = writer.compress(utf8(text), history, { windowBits: 15 })
          expect([...packed.slice(-4)]).toEqual([0, 0, 0xff, 0xff])
          const read = reader.decompress(Uint8Array.from([...packed, 3, 0, 9, 9]), history, text.length)
          if (typeof read === 'string') throw new Error(read)
          expect(Buffer.from(read.output).toString()).toBe(text)
          expect(read.consumed).toBe(packed.length + 2)
        }
      }
    }
  })

  it('RFC 6455 §10.4: stops at the limit, and knows what is no DEFLATE', () => {
    const zeros = ours.compress(new Uint8Array(1_000_000), none, { windowBits: 15 })
    const whole = Uint8Array.from([...zeros, 3, 0])
    expect(ours.decompress(whole, none, 999_999)).toBe('too long')
    expect(ours.decompress(whole, none, 1_000_000)).toMatchObject({ consumed: whole.length })
    expect(ours.decompress(whole.subarray(0, 20), none, 1_000_000)).toBe('malformed')
    expect(ours.decompress(Uint8Array.of(7, 0), none, 1000)).toBe('malformed')
    expect(ours.decompress(none, none, 1000)).toBe('malformed')
  })
})

describe('a WebSocket as a transport', () => {
  it('carries an HTTP/2 connection from before it is open to its graceful end', async () => {
    const { near, accepted } = await socketPair()
    const client = new ClientSession(pipe(near), { platform: webPlatform })
    new ServerSession(pipe(await accepted), {
      platform: webPlatform,
      onStream(stream) {
        stream.respond([{ name: ':status', value: '200' }])
        stream.end(new Uint8Array(300_000).fill(7))
      },
    })
    const stream = await client.request(
      [
        { name: ':method', value: 'GET' },
        { name: ':scheme', value: 'https' },
        { name: ':authority', value: 'example.org' },
        { name: ':path', value: '/' },
      ],
      { endStream: true },
    )
    let length = 0
    for await (const chunk of stream) length += chunk.length
    expect(length).toBe(300_000)
    await client.close()
    expect(client.error).toBeUndefined()
    expect(near.readyState).toBeGreaterThan(1)
  })

  it('keeps order, holds back what comes while paused, and ends both ways after all was sent', async () => {
    const { near, accepted } = await socketPair()
    const left = new Recorder()
    const right = new Recorder()
    const there = pipe(near)
    there.start(left)
    there.write([Uint8Array.of(1), Uint8Array.of(2, 3)])
    const here = pipe(await accepted)
    here.start(right)
    here.pause()
    await until(() => near.readyState === 1)
    there.write([Uint8Array.of(4)])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(right.chunks).toEqual([])
    here.resume()
    there.end()
    await until(() => right.log.at(-1) === 'closed')
    expect([...right.bytes]).toEqual([1, 2, 3, 4])
    expect(right.log.slice(-2)).toEqual(['end', 'closed'])
    await until(() => left.log.at(-1) === 'closed')
  })

  it('says false when much waits in the socket, and drained once it has left', async () => {
    const { near, accepted } = await socketPair()
    const left = new Recorder()
    const right = new Recorder()
    const there = pipe(near)
    there.start(left)
    pipe(await accepted).start(right)
    await until(() => near.readyState === 1)
    let sent = 0
    while (there.write([new Uint8Array(1_000_000)]) && sent < 200) sent++
    expect(sent).toBeLessThan(200)
    await until(() => left.log.includes('drained'))
    there.end()
    await until(() => right.log.at(-1) === 'closed')
    expect(right.chunks.reduce((sum, { length }) => sum + length, 0)).toBe((sent + 1) * 1_000_000)
  })

  it('a text message, and a socket that is closed already, are errors', async () => {
    const { near, accepted } = await socketPair()
    const left = new Recorder()
    pipe(near).start(left)
    ;(await accepted).send('text')
    await until(() => left.log.length > 0)
    expect(left.log).toEqual(['closed a text message came over a WebSocket that carries bytes'])
    await until(() => near.readyState === 3)
    const late = new Recorder()
    pipe(near).start(late)
    await until(() => late.log.length > 0)
    expect(late.log).toEqual(['closed the WebSocket is closed already'])
  })
})
