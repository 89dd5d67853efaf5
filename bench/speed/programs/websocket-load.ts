/**
 * Neutral load of WebSocket echo: raw sockets and messages made beforehand, so that it shares no code with either side.
 * Each socket has `outstanding` messages under way and sends one for each that comes back. Prints one line of JSON.
 *
 * What is due goes out in one DATA frame per socket and turn, or with `--split` each message in its own, as browsers do.
 */
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { compressed, jsonText, MessageCount, maskedMessage } from '../messages.ts'
import { fail, indexedFields, RawHttp2 } from '../raw-http2.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    http1: { type: 'boolean', default: false },
    connections: { type: 'string', default: '1' },
    /** On each connection, over HTTP/2. */
    sockets: { type: 'string', default: '1' },
    /** Sockets on each connection that never say anything. */
    idle: { type: 'string', default: '0' },
    outstanding: { type: 'string', default: '1' },
    bytes: { type: 'string', default: '125' },
    milliseconds: { type: 'string', default: '1000' },
    split: { type: 'boolean', default: false },
    text: { type: 'boolean', default: false },
    /** permessage-deflate, and text of JSON. */
    deflate: { type: 'boolean', default: false },
    /** Opens all sockets, says so, and leaves them open. */
    hold: { type: 'boolean', default: false },
  },
})
const port = Number(values.port)
const connections = Number(values.connections)
const busy = values.http1 ? 1 : Number(values.sockets)
const perConnection = values.http1 ? 1 : busy + Number(values.idle)
const outstanding = Number(values.outstanding)
const length = Number(values.bytes)

const message = values.deflate
  ? maskedMessage(compressed(jsonText(length)), { text: true, compressed: true })
  : maskedMessage(Buffer.alloc(length, 'a'), { text: values.text })
/** As many as fit a DATA frame. */
const many = Buffer.concat(Array(Math.max(1, Math.min(outstanding, Math.floor(16_384 / message.length)))).fill(message))
const atOnce = values.split ? 1 : many.length / message.length

let echoed = 0
let open = 0

function opened(): void {
  if (++open < connections * perConnection) return
  if (values.hold) {
    console.log('opened')
    return
  }
  for (const connection of all) connection.begin()
  // The first tenths are the compiler's.
  setTimeout(() => {
    const [before, start] = [echoed, performance.now()]
    setTimeout(() => {
      const seconds = (performance.now() - start) / 1000
      console.log(JSON.stringify({ count: echoed - before, seconds }))
      process.exit(0)
    }, Number(values.milliseconds))
  }, 300)
}

/** One socket on an HTTP/1.1 connection of its own. RFC 6455 §4.1. */
class Http1Socket {
  readonly #socket: Socket
  readonly #count = new MessageCount()
  #up = false

  constructor() {
    const extensions = values.deflate
      ? 'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n'
      : ''
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      this.#socket.write(
        'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${extensions}\r\n`,
      )
    })
    this.#socket.on('error', (error) => fail(error.message))
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  begin(): void {
    this.#send(outstanding)
  }

  #receive(chunk: Buffer): void {
    if (!this.#up) {
      // an answer to an Upgrade comes in one piece on loopback
      if (!chunk.toString('latin1').startsWith('HTTP/1.1 101')) fail(chunk.toString('latin1'))
      this.#up = true
      opened()
      return
    }
    const came = this.#count.count(chunk, 0, chunk.length)
    echoed += came
    this.#send(came)
  }

  #send(count: number): void {
    for (let left = count; left > 0; left -= atOnce) {
      this.#socket.write(left >= atOnce ? many : many.subarray(0, left * message.length))
    }
  }
}

interface StreamSocket {
  readonly id: number
  readonly count: MessageCount
  due: number
  /** How much of the message under way has left, where it is longer than a frame. */
  sent: number
}

const request = indexedFields({
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/ws',
  ':authority': 'localhost',
  'sec-websocket-version': '13',
  ...(values.deflate ? { 'sec-websocket-extensions': 'permessage-deflate; client_no_context_takeover' } : {}),
})

/** Sockets that are streams of one HTTP/2 connection. RFC 8441 §5. */
class Http2Sockets {
  readonly #sockets = new Map<number, StreamSocket>()
  readonly #due = new Set<StreamSocket>()
  readonly #raw = new RawHttp2(port, {
    ready: () => this.#openAll(),
    answered: () => opened(),
    data: (id, bytes, start, end) => {
      const socket = this.#sockets.get(id)!
      const came = socket.count.count(bytes, start, end)
      if (came === 0) return
      echoed += came
      socket.due += came
      this.#due.add(socket)
    },
    ended: (id) => fail(`stream ${id} was ended`),
    turn: () => this.#send(),
  })

  begin(): void {
    for (const socket of [...this.#sockets.values()].slice(0, busy)) {
      socket.due = outstanding
      this.#due.add(socket)
    }
    this.#send()
  }

  #openAll(): void {
    for (let i = 0; i < perConnection; i++) {
      const id = this.#raw.open(i === 0 ? request.first : request.again, false)
      this.#sockets.set(id, { id, count: new MessageCount(), due: 0, sent: 0 })
    }
  }

  #send(): void {
    for (const socket of this.#due) {
      if (message.length > 16_384) this.#sendPieces(socket)
      else this.#sendWhole(socket)
      if (socket.due === 0) this.#due.delete(socket)
    }
    this.#raw.flush()
  }

  #sendWhole(socket: StreamSocket): void {
    while (socket.due > 0) {
      const count = Math.min(socket.due, atOnce)
      const bytes = count * message.length === many.length ? many : many.subarray(0, count * message.length)
      if (this.#raw.room(socket.id) < bytes.length) return
      this.#raw.send(socket.id, bytes)
      socket.due -= count
    }
  }

  #sendPieces(socket: StreamSocket): void {
    while (socket.due > 0) {
      const room = this.#raw.room(socket.id)
      if (room === 0) return
      const piece = message.subarray(socket.sent, socket.sent + room)
      this.#raw.send(socket.id, piece)
      socket.sent += piece.length
      if (socket.sent < message.length) continue
      socket.sent = 0
      socket.due--
    }
  }
}

const all: { begin(): void }[] = Array.from({ length: connections }, () =>
  values.http1 ? new Http1Socket() : new Http2Sockets(),
)
setTimeout(() => {
  if (open < connections * perConnection) fail(`only ${open} of ${connections * perConnection} opened`)
}, 30_000).unref()
