import { ByteWriter, concat } from '../../src/bytes/index.ts'
import { CloseCode, WebSocketConnection, WebSocketError, type WebSocketLimits } from '../../src/websocket/index.ts'
import type { Chance } from './chance.ts'
import { cutAnywhere, makeInput } from './mutate.ts'
import { Digest, type Ending, must, type Target, WHOLE } from './target.ts'

type Role = 'client' | 'server'

/** One frame by hand, so that fragments and empty frames can be made. RFC 6455 §5.2. */
function frame(from: Role, opcode: number, payload: Uint8Array, fin = true): Uint8Array {
  const writer = new ByteWriter()
  const mask = from === 'client' ? 0x80 : 0
  writer.u8((fin ? 0x80 : 0) | opcode)
  if (payload.length < 126) writer.u8(mask | payload.length)
  else {
    writer.u8(mask | 126)
    writer.u16(payload.length)
  }
  const key = [0x37, 0xfa, 0x21, 0x3d]
  if (mask !== 0) writer.write(Uint8Array.from(key))
  writer.write(mask === 0 ? payload : payload.map((octet, i) => octet ^ key[i & 3]!))
  return writer.take()
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const CLOSE = concat([Uint8Array.of(0x03, 0xe8), utf8('bye')])

function corpusFrom(from: Role): readonly Uint8Array[] {
  const text = frame(from, 1, utf8('hello, wörld € 🦆'))
  const binary = frame(from, 2, new Uint8Array(200).fill(0xfe))
  const ping = frame(from, 9, utf8('ping'))
  const fragments = [
    frame(from, 1, utf8('€').subarray(0, 2), false),
    ping,
    frame(from, 0, new Uint8Array(0), false),
    frame(from, 0, concat([utf8('€').subarray(2), utf8(' and more')])),
  ]
  return [
    text,
    binary,
    concat([text, ping, binary, frame(from, 10, new Uint8Array(0))]),
    concat(fragments),
    concat([...fragments, text, frame(from, 8, CLOSE)]),
    frame(from, 8, new Uint8Array(0)),
    concat([frame(from, 2, new Uint8Array(1000)), text]),
  ]
}
const corpora: Readonly<Record<Role, readonly Uint8Array[]>> = {
  client: corpusFrom('client'),
  server: corpusFrom('server'),
}

const narrow: Partial<WebSocketLimits> = { maxMessageSize: 150, maxEmptyFragments: 2 }
const codes: ReadonlySet<number> = new Set([
  CloseCode.PROTOCOL_ERROR,
  CloseCode.INVALID_FRAME_PAYLOAD_DATA,
  CloseCode.POLICY_VIOLATION,
  CloseCode.MESSAGE_TOO_BIG,
])
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

interface Reading {
  readonly ending: Ending
  readonly digest: number
}

function receive(
  role: Role,
  chunks: readonly Uint8Array[],
  limits: Partial<WebSocketLimits>,
  deeply: boolean,
): Reading {
  const random = (bytes: Uint8Array): void => void bytes.fill(0x5a)
  const socket = new WebSocketConnection({ role, random, limits })
  const digest = new Digest()
  let ending = WHOLE
  let ended = false
  const listen = (): void => {
    for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) {
      must(!ended, `${event.type} after Closed`)
      digest.text(event.type)
      switch (event.type) {
        case 'MessageReceived':
          must(event.data.length <= (limits.maxMessageSize ?? 2 ** 24), 'a message beyond its size')
          if (event.text && deeply) strictUtf8.decode(event.data)
          digest.bytes(event.data)
          break
        case 'PingReceived':
        case 'PongReceived':
          must(event.data.length <= 125, 'a control frame beyond its size')
          digest.bytes(event.data)
          break
        case 'CloseReceived':
          digest.number(event.code)
          if (deeply) strictUtf8.decode(event.reason)
          break
        case 'Closed': {
          ended = true
          const { error } = event
          if (error === undefined) break
          must(error instanceof WebSocketError && codes.has(error.code), `no declared error: ${error}`)
          must(/^RFC 6455 §\d/.test(error.section), `the section ${error.section}`)
          ending = `${error.code} ${error.section}`
          digest.text(error.message)
          break
        }
        default:
          throw new Error(`an event of type ${(event as { type: string }).type}`)
      }
    }
  }
  for (const chunk of chunks) {
    socket.receive(chunk)
    listen()
  }
  must(ended === (socket.state === 'closed'), 'closed without saying so')
  socket.receiveEnd()
  listen()
  must(ended, 'no Closed at the end')
  digest.bytes(concat(socket.takeOutput()))
  return { ending, digest: digest.value }
}

export const webSocketReceiver: Target = {
  name: 'WebSocket receiver',
  take(chance: Chance, note): Ending {
    const role: Role = chance.once(4) ? 'client' : 'server'
    const { bytes, valid } = makeInput(chance, corpora[role === 'client' ? 'server' : 'client'])
    note(bytes)
    const limits = !valid && chance.once(4) ? narrow : {}
    const again = chance.once(4) ? cutAnywhere(chance, bytes) : undefined
    // What is received is unmasked in place.
    const reading = receive(role, [bytes.slice()], limits, chance.once(8))
    must(!valid || reading.ending === WHOLE, `refused what is valid: ${reading.ending}`)
    if (again !== undefined) {
      const other = receive(role, again, limits, false)
      must(other.ending === reading.ending, `cut, it ended as ${other.ending}`)
      must(other.digest === reading.digest, 'cut, it told other events')
    }
    return reading.ending
  },
}
