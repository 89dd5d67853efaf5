import { connect, type Socket } from 'node:net'

/** Frame types and flags as numbers: this client shares no code with what it measures. RFC 9113 §6. */
export const DATA = 0
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const PING = 6
const GOAWAY = 7
const WINDOW_UPDATE = 8
const END_STREAM = 1
const END_HEADERS = 4
const ACK = 1

export const MAX_FRAME = 16_384
const FRAME_HEADER = 9
const LARGEST_WINDOW = 2 ** 31 - 1
/** Credit goes back in steps this large, so that it costs neither side anything. */
const CREDIT = 2 ** 28
/** Pieces that have so many octets on average are large; between them lie the headers of frames. */
const LARGE = 2048

export interface RawHttp2Events {
  /** The server's SETTINGS have come. */
  ready(): void
  /** The field section of an answer; nobody here decodes it. */
  answered(streamId: number): void
  /** A piece of DATA, as it came: `bytes` from `start` up to `end`. */
  data(streamId: number, bytes: Buffer, start: number, end: number): void
  /** The server ended its side. */
  ended(streamId: number): void
  /** A chunk has been read, and there may be room for DATA again; what is queued leaves after it. */
  turn(): void
}

/** A field section without HPACK's tables: literals without indexing. RFC 7541 §6.2.2. */
export function plainFields(fields: Readonly<Record<string, string>>): Buffer {
  return literals(fields, 0)
}

/**
 * A field section as clients send it that use HPACK's table: `first` puts the lines in, which must be all that is ever put
 * in, `again` refers to them. RFC 7541 §6.2.1, §6.1.
 */
export function indexedFields(fields: Readonly<Record<string, string>>): { first: Buffer; again: Buffer } {
  const count = Object.keys(fields).length
  // the newest has the lowest number, which is 62
  return {
    first: literals(fields, 0x40),
    again: Buffer.from(Array.from({ length: count }, (_, i) => 0x80 | (61 + count - i))),
  }
}

function literals(fields: Readonly<Record<string, string>>, kind: number): Buffer {
  const text = (string: string): Buffer[] => [Buffer.from([string.length]), Buffer.from(string, 'latin1')]
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [Buffer.from([kind]), ...text(name), ...text(value)]),
  )
}

export function frameHeader(length: number, type: number, flags: number, streamId: number): Buffer {
  const header = Buffer.alloc(9)
  header.writeUIntBE(length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(streamId, 5)
  return header
}

/**
 * One HTTP/2 connection in clear, for load: it takes DATA as it comes off the socket, without a copy, gives windows away
 * freely and keeps to those of the server. Anything the server refuses ends the program.
 */
export class RawHttp2 {
  readonly socket: Socket
  connectionWindow = 65_535
  readonly #events: RawHttp2Events
  readonly #windows = new Map<number, number>()
  readonly #received = new Map<number, number>()
  #initialWindow = 65_535
  #settled = false
  #out: Uint8Array[] = []
  #outLength = 0
  #nextId = 1
  // the frame under way: its header, then how much of its payload is to come
  readonly #head = Buffer.alloc(9)
  #headLength = 0
  #type = 0
  #flags = 0
  #id = 0
  #left = 0
  #payload: Buffer[] = []

  constructor(port: number, events: RawHttp2Events) {
    this.#events = events
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.socket.on('error', (error) => fail(error.message))
    const settings = Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])
    const more = Buffer.alloc(4)
    more.writeUInt32BE(LARGEST_WINDOW - 65_535)
    this.#push(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
    this.#push(frameHeader(6, SETTINGS, 0, 0), settings, frameHeader(4, WINDOW_UPDATE, 0, 0), more)
    this.flush()
  }

  /** Queues a request. The field section is one of `plainFields` or `indexedFields`. */
  open(fields: Buffer, endStream: boolean): number {
    const id = this.#nextId
    this.#nextId += 2
    this.#windows.set(id, this.#initialWindow)
    this.#push(frameHeader(fields.length, HEADERS, END_HEADERS | (endStream ? END_STREAM : 0), id), fields)
    return id
  }

  /** What one DATA frame may carry now. */
  room(streamId: number): number {
    return Math.min(MAX_FRAME, this.connectionWindow, this.#windows.get(streamId) ?? 0)
  }

  /** Queues one DATA frame; the caller has asked for `room`. */
  send(streamId: number, bytes: Uint8Array, endStream = false): void {
    this.connectionWindow -= bytes.length
    this.#windows.set(streamId, (this.#windows.get(streamId) ?? 0) - bytes.length)
    this.#push(frameHeader(bytes.length, DATA, endStream ? END_STREAM : 0, streamId), bytes)
  }

  /** Queues a DATA frame that has its header already, so that one and the same can go again and again. */
  sendFrame(streamId: number, frame: Uint8Array): void {
    const length = frame.length - FRAME_HEADER
    this.connectionWindow -= length
    this.#windows.set(streamId, (this.#windows.get(streamId) ?? 0) - length)
    this.#push(frame)
  }

  /** Writes what is queued; true when the socket wants no more for now. */
  flush(): boolean {
    const out = this.#out
    if (out.length === 0) return this.socket.writableNeedDrain
    this.#out = []
    // A copy of small pieces is cheaper than a vectored write, one of large pieces is not: with messages of 16 KiB it was a
    // third of the load's time.
    if (this.#outLength <= 2 ** 15 || this.#outLength <= out.length * LARGE) this.socket.write(Buffer.concat(out))
    else {
      this.socket.cork()
      for (const bytes of out) this.socket.write(bytes)
      this.socket.uncork()
    }
    this.#outLength = 0
    return this.socket.writableNeedDrain
  }

  #push(...pieces: Uint8Array[]): void {
    for (const bytes of pieces) {
      this.#out.push(bytes)
      this.#outLength += bytes.length
    }
  }

  #receive(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headLength < 9) {
        const end = Math.min(chunk.length, at + 9 - this.#headLength)
        chunk.copy(this.#head, this.#headLength, at, end)
        this.#headLength += end - at
        at = end
        if (this.#headLength < 9) break
        this.#left = this.#head.readUIntBE(0, 3)
        this.#type = this.#head[3]!
        this.#flags = this.#head[4]!
        this.#id = this.#head.readUInt32BE(5) & 0x7fffffff
      }
      const end = Math.min(chunk.length, at + this.#left)
      if (this.#type !== DATA) this.#payload.push(chunk.subarray(at, end))
      else if (end > at) this.#take(chunk, at, end)
      this.#left -= end - at
      at = end
      if (this.#left === 0) {
        this.#headLength = 0
        if (this.#type !== DATA) this.#act(Buffer.concat(this.#payload.splice(0)))
        else if (this.#flags & END_STREAM) this.#events.ended(this.#id)
      }
    }
    this.#events.turn()
    this.flush()
  }

  #take(chunk: Buffer, start: number, end: number): void {
    for (const id of [0, this.#id]) {
      const received = (this.#received.get(id) ?? 0) + end - start
      this.#received.set(id, received >= CREDIT ? 0 : received)
      if (received < CREDIT) continue
      const credit = Buffer.alloc(4)
      credit.writeUInt32BE(received)
      this.#push(frameHeader(4, WINDOW_UPDATE, 0, id), credit)
    }
    this.#events.data(this.#id, chunk, start, end)
  }

  #act(payload: Buffer): void {
    const id = this.#id
    if (this.#type === HEADERS) {
      this.#events.answered(id)
      if (this.#flags & END_STREAM) this.#events.ended(id)
    } else if (this.#type === SETTINGS && !(this.#flags & ACK)) this.#settings(payload)
    else if (this.#type === PING && !(this.#flags & ACK)) this.#push(frameHeader(8, PING, ACK, 0), payload)
    else if (this.#type === WINDOW_UPDATE) {
      const credit = payload.readUInt32BE(0)
      if (id === 0) this.connectionWindow += credit
      else this.#windows.set(id, (this.#windows.get(id) ?? 0) + credit)
    } else if (this.#type === RST_STREAM || this.#type === GOAWAY) {
      fail(
        `${this.#type === GOAWAY ? 'GOAWAY' : `RST_STREAM ${id}`}: ${payload.toString('hex')} ${payload.toString('latin1', 8)}`,
      )
    }
  }

  #settings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== 4) continue
      const window = payload.readUInt32BE(at + 2)
      for (const [id, left] of this.#windows) this.#windows.set(id, left + window - this.#initialWindow)
      this.#initialWindow = window
    }
    this.#push(frameHeader(0, SETTINGS, ACK, 0))
    if (this.#settled) return
    this.#settled = true
    this.#events.ready()
  }
}

/** Load that went wrong measures nothing. */
export function fail(why: string): never {
  console.error(why)
  process.exit(1)
}
