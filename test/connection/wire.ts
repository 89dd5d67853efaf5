import { ByteWriter, concat, latin1Decode, latin1Encode } from '../../src/bytes/index.ts'
import type { Role } from '../../src/connection/index.ts'
import { ConnectionError, errorCodeName } from '../../src/errors/index.ts'
import {
  CONNECTION_PREFACE,
  decodeFrame,
  Flag,
  type Frame,
  FrameReader,
  ReadStatus,
  type SettingEntry,
  settingName,
  writeFrame,
} from '../../src/frames/index.ts'
import { type Field, type FieldInput, HpackDecoder, HpackEncoder } from '../../src/hpack/index.ts'

/** The writing half of a peer made by hand: any legal or illegal frame, in order, and field blocks of its own encoder. */
export class Wire {
  readonly #writer = new ByteWriter()
  readonly #encoder = new HpackEncoder()

  frame(frame: Frame): this {
    writeFrame(this.#writer, frame, { lenient: true })
    return this
  }

  bytes(bytes: Uint8Array): this {
    this.#writer.write(bytes)
    return this
  }

  /** A field block that is to be put into frames by hand. */
  block(lines: readonly FieldInput[]): Uint8Array {
    const writer = new ByteWriter()
    this.#encoder.encode(lines, writer)
    return writer.take()
  }

  /** HEADERS with the whole block. */
  headers(streamId: number, lines: readonly FieldInput[], flags: number = 0, padLength?: number): this {
    const fragment = this.block(lines)
    return this.frame({ kind: 'HEADERS', streamId, flags: flags | Flag.END_HEADERS, fragment, padLength })
  }

  /** HEADERS with nothing of the block but its `fragment`, and no END_HEADERS. */
  opening(streamId: number, fragment: Uint8Array, flags: number = 0): this {
    return this.frame({ kind: 'HEADERS', streamId, flags, fragment })
  }

  continuation(streamId: number, fragment: Uint8Array, flags: number = Flag.END_HEADERS): this {
    return this.frame({ kind: 'CONTINUATION', streamId, flags, fragment })
  }

  data(streamId: number, data: string | number, flags: number = 0, padLength?: number): this {
    const octets = typeof data === 'string' ? latin1Encode(data) : new Uint8Array(data)
    return this.frame({ kind: 'DATA', streamId, flags, data: octets, padLength })
  }

  end(streamId: number, data: string | number = 0): this {
    return this.data(streamId, data, Flag.END_STREAM)
  }

  reset(streamId: number, errorCode: number): this {
    return this.frame({ kind: 'RST_STREAM', streamId, flags: 0, errorCode })
  }

  settings(settings: readonly SettingEntry[], flags: number = 0): this {
    return this.frame({ kind: 'SETTINGS', streamId: 0, flags, settings })
  }

  acknowledge(): this {
    return this.settings([], Flag.ACK)
  }

  ping(text: string, flags: number = 0): this {
    return this.frame({ kind: 'PING', streamId: 0, flags, opaque: latin1Encode(text) })
  }

  goAway(lastStreamId: number, errorCode: number): this {
    return this.frame({ kind: 'GOAWAY', streamId: 0, flags: 0, lastStreamId, errorCode, debugData: new Uint8Array(0) })
  }

  windowUpdate(streamId: number, increment: number): this {
    return this.frame({ kind: 'WINDOW_UPDATE', streamId, flags: 0, increment })
  }

  priority(streamId: number): this {
    const priority = { exclusive: false, dependency: 0, weight: 15 }
    return this.frame({ kind: 'PRIORITY', streamId, flags: 0, priority })
  }

  promise(streamId: number, promisedStreamId: number, lines: readonly FieldInput[]): this {
    const fragment = this.block(lines)
    return this.frame({ kind: 'PUSH_PROMISE', streamId, flags: Flag.END_HEADERS, promisedStreamId, fragment })
  }

  raw(type: number, streamId: number, payload: Uint8Array = new Uint8Array(0), flags: number = 0): this {
    return this.frame({ kind: 'RAW', type, streamId, flags, payload })
  }

  take(): Uint8Array {
    return this.#writer.take()
  }
}

/** A frame that an endpoint sent, with its decoded field section where it is HEADERS. */
export type SentFrame = Frame & { readonly fields?: readonly Field[] }

/** The reading half of a peer made by hand: a strict reader and decoder, so that any fault of ours fails the test. */
export class Listener {
  readonly #reader: FrameReader
  readonly #decoder = new HpackDecoder()
  #prefaceLeft: number
  #open: { streamId: number; flags: number; fragments: Uint8Array[] } | undefined

  constructor(ofRole: Role, maxFrameSize?: number) {
    this.#reader = new FrameReader({ maxFrameSize })
    this.#prefaceLeft = ofRole === 'client' ? CONNECTION_PREFACE.length : 0
  }

  read(bytes: Uint8Array): SentFrame[] {
    const skipped = Math.min(this.#prefaceLeft, bytes.length)
    this.#prefaceLeft -= skipped
    this.#reader.push(bytes.slice(skipped))
    const frames: SentFrame[] = []
    for (let status = this.#reader.next(); status !== ReadStatus.NEED_MORE; status = this.#reader.next()) {
      if (status === ReadStatus.FAULT) throw this.#reader.fault
      const frame = this.#whole(decodeFrame(this.#reader))
      if (frame !== undefined) frames.push(frame)
    }
    return frames
  }

  #whole(frame: Frame): SentFrame | undefined {
    if (this.#open !== undefined && frame.kind !== 'CONTINUATION') throw new Error('a field block was interrupted')
    if (frame.kind !== 'HEADERS' && frame.kind !== 'CONTINUATION') return frame
    this.#open ??= { streamId: frame.streamId, flags: frame.flags, fragments: [] }
    this.#open.fragments.push(frame.fragment.slice())
    if ((frame.flags & Flag.END_HEADERS) === 0) return undefined
    const { streamId, flags, fragments } = this.#open
    this.#open = undefined
    const fragment = concat(fragments)
    const section = this.#decoder.decode(fragment)
    if (section instanceof ConnectionError) throw section
    return { kind: 'HEADERS', streamId, flags, fragment, fields: section.fields }
  }
}

/** A sent frame in one line: what a test compares. */
export function line(frame: SentFrame): string {
  const end = (frame.flags & Flag.END_STREAM) !== 0 ? ' END_STREAM' : ''
  switch (frame.kind) {
    case 'DATA':
      return `DATA ${frame.streamId} ${frame.data.length}${end}`
    case 'HEADERS':
      return `HEADERS ${frame.streamId} ${frame.fields?.map(({ name, value }) => `${name}=${value}`).join(' ')}${end}`
    case 'RST_STREAM':
      return `RST_STREAM ${frame.streamId} ${errorCodeName(frame.errorCode)}`
    case 'GOAWAY':
      return `GOAWAY ${frame.lastStreamId} ${errorCodeName(frame.errorCode)}`
    case 'WINDOW_UPDATE':
      return `WINDOW_UPDATE ${frame.streamId} ${frame.increment}`
    case 'PING':
      return `PING ${(frame.flags & Flag.ACK) !== 0 ? 'ACK ' : ''}${latin1Decode(frame.opaque)}`
    case 'SETTINGS':
      if ((frame.flags & Flag.ACK) !== 0) return 'SETTINGS ACK'
      return `SETTINGS ${frame.settings.map(([id, value]) => `${settingName(id)}=${value}`).join(' ')}`
    default:
      return `${frame.kind} ${frame.streamId}`
  }
}
