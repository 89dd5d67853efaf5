import { Bed, platform } from '../../bench/bed.ts'
import { browser } from '../../bench/corpus/field-sections.ts'
import { webSocket } from '../../src/api/index.ts'
import { ByteWriter, concat } from '../../src/bytes/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { ConnectionError } from '../../src/errors/index.ts'
import { FrameReader, ReadStatus, writeRstStream, writeWindowUpdate } from '../../src/frames/index.ts'
import { type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import { ServerSession, type ServerStream } from '../../src/session/index.ts'
import type { ByteTransport, TransportReceiver } from '../../src/transport/index.ts'
import { WebSocketConnection, webSocketRequestFields } from '../../src/websocket/index.ts'

/** Something whose cost in memory has a budget. */
export interface Operation {
  readonly name: string
  /** Called once; what it returns is called for each sample and prepares `count` operations, which then run at once. */
  make(): Promise<(count: number) => () => void>
}

const section = browser[1]!
const hello = new TextEncoder().encode('hello')
const OK: readonly FieldInput[] = [
  { name: ':status', value: '200' },
  { name: 'content-type', value: 'text/plain' },
]

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

async function readSmallFrames(): Promise<(count: number) => () => void> {
  const reader = new FrameReader()
  return (count) => {
    const writer = new ByteWriter()
    for (let i = 0; i < count; i++) {
      if (i % 2 === 0) writeWindowUpdate(writer, i, 1000)
      else writeRstStream(writer, i, 8)
    }
    const chunk = writer.take()
    return () => {
      let read = 0
      let sum = 0
      reader.push(chunk)
      while (reader.next() === ReadStatus.FRAME) {
        sum = (sum + reader.streamId + reader.type) | 0
        read++
      }
      must(read === count && sum !== 0, 'not every frame was read')
    }
  }
}

async function decodeWarmBlock(): Promise<(count: number) => () => void> {
  const encoder = new HpackEncoder()
  const decoder = new HpackDecoder()
  const writer = new ByteWriter()
  const next = (): Uint8Array => {
    encoder.encode(section, writer)
    return writer.take()
  }
  for (let i = 0; i < 3; i++) decoder.decode(next())
  const block = next()
  return (count) => () => {
    let fields = 0
    for (let i = 0; i < count; i++) {
      const decoded = decoder.decode(block)
      if (decoded instanceof ConnectionError) throw decoded
      fields += decoded.fields.length
    }
    must(fields >= count * section.length, 'not every field was decoded')
  }
}

async function encodeWarmSection(): Promise<(count: number) => () => void> {
  const encoder = new HpackEncoder()
  const writer = new ByteWriter(4096)
  return (count) => () => {
    let octets = 0
    for (let i = 0; i < count; i++) {
      encoder.encode(section, writer)
      octets += writer.pending
      writer.rewind(0)
    }
    must(octets >= count * section.length, 'not every field was encoded')
  }
}

const WINDOWS = { streamWindow: 2 ** 30, connectionWindow: 2 ** 31 - 1 }
const LIMITS = { maxConcurrentStreams: 100_000 }

/** A client that has shaken hands with a server, given by what takes and answers its bytes. */
function shakeHands(receive: (bytes: Uint8Array) => void, answer: () => Uint8Array): Connection {
  const client = new Connection({ role: 'client', ...WINDOWS })
  for (let i = 0; i < 3; i++) {
    receive(concat(client.takeOutput(1e9)))
    client.receive(answer(), 0)
    while (client.nextEvent() !== undefined);
  }
  return client
}

/** The bytes of `count` requests, one chunk each. The client forgets its streams, so that only the server is seen. */
function requestChunks(client: Connection, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const id = client.openStream(section, true)
    const chunk = concat(client.takeOutput(1e9))
    client.reset(id)
    client.takeOutput(1e9)
    return chunk
  })
}

async function getThroughConnection(): Promise<(count: number) => () => void> {
  const server = new Connection({ role: 'server', ...WINDOWS, limits: LIMITS })
  const client = shakeHands(
    (bytes) => {
      server.receive(bytes, 0)
      while (server.nextEvent() !== undefined);
    },
    () => concat(server.takeOutput(1e9)),
  )
  return (count) => {
    const chunks = requestChunks(client, count)
    return () => {
      let answered = 0
      for (const chunk of chunks) {
        server.receive(chunk, 0)
        for (let event = server.nextEvent(); event !== undefined; event = server.nextEvent()) {
          if (event.type !== 'HeadersReceived') continue
          server.sendHeaders(event.streamId, OK, false)
          server.sendData(event.streamId, hello, true)
        }
        if (server.takeOutput(65_536).length > 0) answered++
        while (server.nextEvent() !== undefined);
      }
      must(answered === count && server.openStreams === 0, 'not every request was answered')
    }
  }
}

/** A transport that counts what is written and keeps only what the handshake needs. */
export class CountingTransport implements ByteTransport {
  receiver: TransportReceiver | undefined
  writes = 0
  chunks = 0
  kept: Uint8Array[] | undefined = []

  start(receiver: TransportReceiver): void {
    this.receiver = receiver
  }
  write(chunks: readonly Uint8Array[]): boolean {
    this.writes++
    this.chunks += chunks.length
    this.kept?.push(...chunks)
    return true
  }
  end(): void {}
  abort(): void {}
  pause(): void {}
  resume(): void {}
}

function answerHello(stream: ServerStream): void {
  stream.respond(OK)
  stream.end(hello)
}

/** A server session that answers hello, and a client that has shaken hands with it. */
export async function helloSession(): Promise<{ transport: CountingTransport; client: Connection }> {
  const transport = new CountingTransport()
  new ServerSession(transport, { platform, onStream: answerHello, ...WINDOWS, limits: LIMITS })
  await new Promise((resolve) => setImmediate(resolve))
  const client = shakeHands(
    (bytes) => {
      if (bytes.length > 0) transport.receiver?.data(bytes)
    },
    () => concat(transport.kept!.splice(0)),
  )
  transport.kept = undefined
  return { transport, client }
}

async function getThroughSession(): Promise<(count: number) => () => void> {
  const { transport, client } = await helloSession()
  return (count) => {
    const chunks = requestChunks(client, count)
    return () => {
      const before = transport.writes
      for (const chunk of chunks) transport.receiver?.data(chunk)
      must(transport.writes - before === count, 'not every request was answered')
    }
  }
}

export const MESSAGES_IN_CHUNK = 10

/** A handler object that echoes, and what makes chunks of masked messages for it. */
export async function echoBed(text: boolean): Promise<{ bed: Bed; chunk: () => Uint8Array }> {
  const bed = new Bed({ connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) } })
  for (let i = 0; i < 3; i++) await bed.settle()
  const id = bed.client.openStream(webSocketRequestFields({ authority: 'a', scheme: 'https', path: '/' }), false)
  for (let i = 0; i < 3; i++) await bed.settle()
  const socket = new WebSocketConnection({ role: 'client', random: platform.fillRandom })
  const data = new Uint8Array(125).fill(0x61)
  const chunk = (): Uint8Array => {
    for (let i = 0; i < MESSAGES_IN_CHUNK; i++) text ? socket.sendText(data) : socket.sendBinary(data)
    bed.client.sendData(id, concat(socket.takeOutput()), false)
    return bed.output()
  }
  return { bed, chunk }
}

async function echo(text: boolean): Promise<(count: number) => () => void> {
  const { bed, chunk } = await echoBed(text)
  return (count) => {
    // What came back before gives the server its credit again, and the client its windows.
    bed.read()
    bed.feed(bed.output())
    bed.read()
    const chunks = Array.from({ length: count / MESSAGES_IN_CHUNK }, chunk)
    return () => {
      const before = bed.writes
      for (const bytes of chunks) bed.feed(bytes)
      must(bed.writes - before >= chunks.length, 'not every message was echoed')
    }
  }
}

export const operations: readonly Operation[] = [
  { name: 'read a small frame', make: readSmallFrames },
  { name: 'decode a warm block of 10 fields', make: decodeWarmBlock },
  { name: 'encode a warm section of 10 fields', make: encodeWarmSection },
  { name: 'answer a GET, Connection', make: getThroughConnection },
  { name: 'answer a GET, ServerSession and stream handler', make: getThroughSession },
  { name: 'echo a text of 125 bytes, WebSocket handler', make: () => echo(true) },
  { name: 'echo 125 bytes, WebSocket handler', make: () => echo(false) },
]
