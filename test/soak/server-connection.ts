import { ByteWriter, concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent } from '../../src/connection/index.ts'
import { ConnectionError } from '../../src/errors/index.ts'
import { CONNECTION_PREFACE, decodeFrame, Flag, FrameReader, ReadStatus, writeFrame } from '../../src/frames/index.ts'
import { type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'
import type { Chance } from './chance.ts'
import { frames } from './frame-reader.ts'
import { cutAnywhere, makeInput } from './mutate.ts'
import { Digest, type Ending, endingOf, must, type Target, WHOLE } from './target.ts'

const list = (fields: Readonly<Record<string, string>>): FieldInput[] =>
  Object.entries(fields).map(([name, value]) => ({ name, value }))

const GET = list({ ':method': 'GET', ':scheme': 'https', ':authority': 'a.example', ':path': '/', accept: '*/*' })
const POST = list({ ':method': 'POST', ':scheme': 'https', ':authority': 'a.example', ':path': '/', 'x-a': 'b' })
const TUNNEL = list({
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  ':authority': 'a.example',
  ':path': '/chat',
})
const requests = [GET, POST, TUNNEL, list({ 'x-trailer': 'c' }), list({ ...{ ':method': 'GET' }, 'x-bad': 'd' })]

const OPENING = ((): Uint8Array => {
  const writer = new ByteWriter()
  writer.write(CONNECTION_PREFACE)
  writeFrame(writer, { kind: 'SETTINGS', streamId: 0, flags: 0, settings: [[4, 100_000]] })
  return writer.take()
})()

/** Frames of a client in an order of chance: many are lawful where they stand, some are not. */
function session(chance: Chance): Uint8Array {
  const writer = new ByteWriter()
  const block = new ByteWriter()
  const encoder = new HpackEncoder()
  let nextId = 1
  writer.write(OPENING)
  for (let left = 1 + chance.below(12); left > 0; left--) {
    const known = Math.max(1, nextId - 2 * chance.below(3) - 2)
    switch (chance.below(4)) {
      case 0: {
        encoder.encode(chance.pick(requests), block)
        writeBlock(writer, nextId, chance.below(2), block.take(), chance.once(4))
        nextId += 2
        break
      }
      case 1:
        writeFrame(writer, {
          kind: 'DATA',
          streamId: known,
          flags: chance.below(2),
          data: new Uint8Array(chance.below(60)),
        })
        break
      case 2: {
        const frame = chance.pick(frames)
        writeFrame(writer, frame.streamId === 0 ? frame : { ...frame, streamId: known })
        break
      }
      default:
        writeFrame(writer, {
          kind: 'WINDOW_UPDATE',
          streamId: chance.once(2) ? 0 : known,
          flags: 0,
          increment: 1 + left,
        })
    }
  }
  return writer.take()
}

/** A field block in one frame, or its last octet in a second one. RFC 9113 §4.3. */
function writeBlock(writer: ByteWriter, streamId: number, endStream: number, block: Uint8Array, cut: boolean): void {
  const end = cut ? block.length - 1 : block.length
  const flags = endStream | (cut ? 0 : Flag.END_HEADERS)
  writeFrame(writer, { kind: 'HEADERS', streamId, flags, fragment: block.subarray(0, end) })
  if (cut)
    writeFrame(writer, { kind: 'CONTINUATION', streamId, flags: Flag.END_HEADERS, fragment: block.subarray(end) })
}

/** A client that does everything right, for the share of inputs that must be accepted. */
const lawful = ((): Uint8Array => {
  const client = new Connection({ role: 'client' })
  const id = client.openStream(POST, false)
  client.sendData(id, new Uint8Array(300), false)
  client.sendTrailers(id, list({ 'x-trailer': 'c' }))
  client.openStream(GET, true)
  client.ping(new Uint8Array(8), 1)
  return concat(client.takeOutput(1e9))
})()

const LIMITS = { maxConcurrentStreams: 4 }
const OK = list({ ':status': '200', 'content-type': 'text/plain' })

interface Run {
  readonly ending: Ending
  readonly digest: number
}

function serve(chunks: readonly Uint8Array[]): Run {
  const server = new Connection({ role: 'server', extendedConnect: 'advertise', limits: LIMITS })
  const digest = new Digest()
  const output: Uint8Array[] = []
  let ending = WHOLE
  let closed = false
  const answer = (event: ConnectionEvent): void => {
    must(!closed, `${event.type} after ConnectionClosed`)
    digest.text(event.type)
    if (event.type === 'HeadersReceived') {
      if (event.kind !== 'request') return
      server.sendHeaders(event.streamId, OK, false)
      server.sendData(event.streamId, new Uint8Array(40), event.endStream)
    } else if (event.type === 'DataReceived') {
      digest.bytes(event.data)
      server.consumed(event.streamId, event.data.length)
    } else if (event.type === 'StreamReset') {
      // A code that the peer chose may be any number. RFC 9113 §7.
      if (event.initiator === 'local') endingOf(event.error)
    } else if (event.type === 'RequestRefused') endingOf(event.error)
    else if (event.type === 'ConnectionClosed') {
      closed = true
      if (event.error !== undefined && event.initiator === 'local') ending = endingOf(event.error)
    }
  }
  const listen = (): void => {
    for (let event = server.nextEvent(); event !== undefined; event = server.nextEvent()) answer(event)
  }
  for (const chunk of chunks) {
    server.receive(chunk, 1)
    listen()
    must(server.openStreams <= LIMITS.maxConcurrentStreams, 'too many streams')
    output.push(...server.takeOutput(65_536))
    listen()
  }
  server.receiveEnd(2)
  listen()
  must(closed && server.state === 'closed', 'no ConnectionClosed at the end')
  output.push(...server.takeOutput(65_536))
  judgeOutput(concat(output))
  return { ending, digest: digest.value }
}

/** What a server sends is without fault, whatever it was sent: strict readers take it. */
function judgeOutput(bytes: Uint8Array): void {
  const reader = new FrameReader()
  const decoder = new HpackDecoder()
  reader.push(bytes)
  for (let status = reader.next(); status !== ReadStatus.NEED_MORE; status = reader.next()) {
    if (status === ReadStatus.FAULT) throw reader.fault
    const frame = decodeFrame(reader)
    if (frame.kind !== 'HEADERS') continue
    const section = decoder.decode(frame.fragment)
    if (section instanceof ConnectionError) throw section
  }
}

export const serverConnection: Target = {
  name: 'server Connection',
  take(chance: Chance, note): Ending {
    const input = chance.once(20) ? { bytes: lawful.slice(), valid: true } : { bytes: session(chance), valid: false }
    const bytes = input.valid || chance.once(2) ? input.bytes : makeInput(chance, [input.bytes]).bytes
    note(bytes)
    const chunks = chance.once(2) ? [bytes.slice()] : cutAnywhere(chance, bytes)
    const copy = chance.once(8) ? chunks.map((chunk) => chunk.slice()) : undefined
    const run = serve(chunks)
    must(!input.valid || run.ending === WHOLE, `refused what is valid: ${run.ending}`)
    if (copy !== undefined) must(serve(copy).digest === run.digest, 'the same input gave other events')
    return run.ending
  },
}
