import { concat } from '../bytes/index.ts'
import { CloseCode } from './close-code.ts'
import type { DeflateBackend } from './deflate-backend.ts'
import { SlidingWindow } from './sliding-window.ts'
import { isUtf8 } from './utf8-validator.ts'
import { WebSocketError } from './websocket-error.ts'
import { WordView } from './word-view.ts'

const empty = new Uint8Array(0)

/**
 * What a message is completed with: the 00 00 ff ff that its sender took away (RFC 7692 §7.2.2), then an empty final
 * block. Who has got to the end of that has read whole blocks only; a message that breaks off inside one is found out.
 */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x03, 0x00)

/**
 * Final blocks in one message. Each one begins DEFLATE anew, which costs some 10 µs for two octets on the wire; senders
 * that flush by final blocks need one a message. RFC 7692 §7.2.3.4 names no number, we do.
 */
const MAX_FINAL_BLOCKS = 32

/** Undoes permessage-deflate for the messages of one direction. RFC 7692 §7.2.2. */
export class MessageInflater {
  readonly #backend: DeflateBackend
  readonly #window: SlidingWindow
  readonly #takeover: boolean
  readonly #maxMessageSize: number
  readonly #words = new WordView()

  /** `takeover`: a message may refer to those before it, by up to 2^`windowBits` octets. RFC 7692 §7.2.3.2. */
  constructor(backend: DeflateBackend, windowBits: number, takeover: boolean, maxMessageSize: number) {
    this.#backend = backend
    this.#window = new SlidingWindow(2 ** windowBits)
    this.#takeover = takeover
    this.#maxMessageSize = maxMessageSize
  }

  /** The message in `compressed`, all its fragments joined; checked to be UTF-8 if it is `text`. */
  inflate(compressed: Uint8Array, text: boolean): Uint8Array | WebSocketError {
    const end = compressed.length
    const input = new Uint8Array(end + TAIL.length)
    input.set(compressed)
    input.set(TAIL, end)

    const pieces: Uint8Array[] = []
    let room = this.#maxMessageSize
    for (let at = 0; ; ) {
      const found = this.#backend.decompress(input.subarray(at), this.#window.bytes, room)
      if (found === 'too long')
        return new WebSocketError(
          CloseCode.MESSAGE_TOO_BIG,
          'the message is too big once it is inflated',
          'RFC 6455 §10.4',
        )
      if (found === 'malformed') return notDeflate()
      at += found.consumed
      room -= found.output.length
      pieces.push(found.output)
      // RFC 7692 §7.2.3.4: a final block need not be the end of the message; what follows it begins at a whole octet.
      // Who made one and did not add the octet 00 that the RFC wants behind it, ends exactly here.
      const whole = at === input.length || at === end
      if (!whole && at > end) return notDeflate()
      if (this.#takeover || !whole) this.#window.append(found.output)
      if (whole) break
      if (pieces.length === MAX_FINAL_BLOCKS)
        return new WebSocketError(CloseCode.POLICY_VIOLATION, 'too many final DEFLATE blocks', 'RFC 6455 §10.4')
    }
    if (!this.#takeover) this.#window.clear()
    const message = pieces.length === 1 ? pieces[0] : concat(pieces)
    // RFC 6455 §8.1 is about the message, not about its compressed form.
    if (text && !this.#isText(message)) {
      return new WebSocketError(CloseCode.INVALID_FRAME_PAYLOAD_DATA, 'text that is not UTF-8', 'RFC 6455 §8.1')
    }
    return message
  }

  /** Lets go of its memory. */
  release(): void {
    this.#window.clear()
  }

  #isText(message: Uint8Array): boolean {
    const words = this.#words
    words.over(message)
    const valid = words.isAscii(0, message.length) || isUtf8(message)
    words.over(empty)
    return valid
  }
}

function notDeflate(): WebSocketError {
  return new WebSocketError(CloseCode.INVALID_FRAME_PAYLOAD_DATA, 'a message that is not DEFLATE', 'RFC 7692 §7.2.2')
}
