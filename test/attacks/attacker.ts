import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { errorCodeName } from '../../src/errors/index.ts'
import {
  CONNECTION_PREFACE,
  Flag,
  FrameReader,
  FrameType,
  ReadStatus,
  Setting,
  type SettingEntry,
} from '../../src/frames/index.ts'
import { type FieldInput, HpackDecoder } from '../../src/hpack/index.ts'
import { Wire } from '../connection/wire.ts'

/** Octets that an attack sends at most, so that a victim who takes everything ends it too. */
const MAX_SENT = 24 << 20

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

export const request = (method: string, path: string, more: readonly FieldInput[] = []): FieldInput[] => [
  { name: ':method', value: method },
  { name: ':scheme', value: 'http' },
  { name: ':authority', value: 'localhost' },
  { name: ':path', value: path },
  ...more,
]

export interface AttackerOptions {
  /** What our SETTINGS say. */
  readonly settings?: readonly SettingEntry[]
  /** Nothing at all is sent by itself, not even the preface. */
  readonly bare?: boolean
}

/** One end of a connection made by hand, which keeps no rule and notes what it is told in return. */
export class Attacker {
  readonly wire: Wire = new Wire()
  readonly socket: Socket
  /** The code of the last GOAWAY. */
  goAway: number | undefined
  /** RST_STREAM codes by stream. */
  readonly resets: Map<number, number> = new Map()
  /** `:status` by stream. */
  readonly statuses: Map<number, string> = new Map()
  dataReceived = 0
  sent = 0
  closed = false
  /** The victim has not read for two seconds. */
  stuck = false
  #skipped = 0
  readonly #reader = new FrameReader()
  readonly #decoder = new HpackDecoder()

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
    // Half-open on our side: an end without GOAWAY is noticed too.
    socket.on('end', () => {
      this.closed = true
    })
    socket.on('data', (chunk: Buffer) => this.#receive(new Uint8Array(chunk)))
  }

  static async open(port: number, options: AttackerOptions = {}): Promise<Attacker> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    const attacker = new Attacker(socket)
    if (options.bare) return attacker
    attacker.wire
      .bytes(CONNECTION_PREFACE)
      .settings(options.settings ?? [])
      .acknowledge()
    await attacker.flush()
    return attacker
  }

  /** Told to go, or gone. */
  get over(): boolean {
    return this.closed || this.goAway !== undefined
  }

  /** Writes what is on the wire, as fast as the victim reads. */
  async flush(): Promise<void> {
    const bytes = this.wire.take()
    if (this.closed || this.socket.destroyed || bytes.length === 0) return
    this.sent += bytes.length
    if (this.socket.write(bytes)) return
    // A victim that neither reads nor closes is watched for a moment, not for ever.
    const moved = Promise.race([once(this.socket, 'drain'), once(this.socket, 'close')]).then(
      () => false,
      () => false,
    )
    this.stuck = await Promise.race([moved, pause(2000).then(() => true)])
  }

  /** Writes `count` times what `write` puts on the wire, in portions, until it is enough for the victim. */
  async flood(count: number, write: (wire: Wire, i: number) => void, portion = 500): Promise<void> {
    for (let i = 0; i < count && !this.over && !this.stuck && this.sent < MAX_SENT; ) {
      for (const end = Math.min(count, i + portion); i < end; i++) write(this.wire, i)
      await this.flush()
      // Lets what was received be looked at.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Waits until the connection is over or `done`, at most so many milliseconds. */
  async wait(milliseconds: number, done: () => boolean = () => false): Promise<void> {
    this.socket.resume()
    for (const end = Date.now() + milliseconds; !this.over && !done() && Date.now() < end; ) await pause(10)
    // After a GOAWAY the close follows; before it more frames may.
    if (this.closed) return
    await pause(20)
  }

  /** What this connection was told, in words. */
  get reaction(): string {
    if (this.goAway !== undefined) return `GOAWAY ${errorCodeName(this.goAway)}`
    const codes = new Set([...this.resets.values()].map(errorCodeName))
    if (codes.size > 0) return `RST_STREAM ${[...codes].join(', ')}`
    return this.closed ? 'closed' : 'open'
  }

  /** The first `count` octets to come are no frames. */
  skip(count: number): void {
    this.#skipped = count
  }

  destroy(): void {
    this.socket.destroy()
  }

  #receive(chunk: Uint8Array): void {
    const reader = this.#reader
    const skipped = Math.min(this.#skipped, chunk.length)
    this.#skipped -= skipped
    reader.push(chunk.subarray(skipped))
    for (let status = reader.next(); status === ReadStatus.FRAME; status = reader.next()) {
      switch (reader.type) {
        case FrameType.DATA:
          this.dataReceived += reader.end - reader.start
          break
        case FrameType.HEADERS:
          this.#headers(reader.streamId, reader.view().slice())
          break
        case FrameType.RST_STREAM:
          this.resets.set(reader.streamId, reader.errorCode)
          break
        case FrameType.GOAWAY:
          this.goAway = reader.errorCode
          break
        default:
      }
    }
  }

  #headers(streamId: number, block: Uint8Array): void {
    const section = this.#decoder.decode(block)
    if (!('fields' in section)) return
    this.statuses.set(streamId, section.fields.find(({ name }) => name === ':status')?.value ?? '')
  }
}

/** A window of 0 for each stream: whatever is asked for stays with the victim. RFC 9113 §6.9.2. */
export const CLOSED_WINDOWS: readonly SettingEntry[] = [[Setting.INITIAL_WINDOW_SIZE, 0]]
export const { ACK, END_HEADERS, END_STREAM, PADDED } = Flag
