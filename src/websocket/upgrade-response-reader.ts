import { latin1Decode } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import { HandshakeFault, type HandshakeField } from './handshake-fields.ts'
import { isToken } from './token-list.ts'
import { isFieldValue, trimSpace } from './upgrade-fields.ts'

/** Octets of a response's head, interim responses before it included. RFC 9112 §2.5 leaves the number to us. */
const MAX_HEAD = 16_384
/** Lines of it. */
const MAX_LINES = 100

const CR = 0x0d
const LF = 0x0a

/** The head of the final response to an Upgrade. */
export interface UpgradeResponse {
  readonly status: number
  /** Names in lower case, in order. */
  readonly fields: readonly HandshakeField[]
  /** What came behind the head: after a 101 it belongs to the WebSocket, otherwise it is content. A view of the chunk. */
  readonly rest: Uint8Array
}

/**
 * Reads the head of a response of HTTP/1.1 from chunks, cut anywhere. RFC 9112 §4, §5.
 * Each octet is looked at once, and no more than 16 KiB in 100 lines are kept. Interim responses are passed over
 * (RFC 9110 §15.2), 101 is a final one.
 *
 * Strict where RFC 9112 lets a reader choose: a line ends with CR LF, and is not continued on the next one.
 *
 * @example
 * const found = reader.push(chunk)
 * if (found instanceof HandshakeFault) fail(found)
 * else if (found !== undefined) readWebSocketUpgradeResponse(found, expected)
 */
export class UpgradeResponseReader {
  /** The line that is not complete yet. */
  #line = ''
  #size = 0
  #lines = 0
  /** 0 until the status line has come. */
  #status = 0
  #fields: HandshakeField[] = []
  #done = false

  /**
   * Takes the next chunk. `undefined`: more is needed. A fault has the status 0: what came is not HTTP/1.1.
   * @throws UsageError after it has returned something else.
   */
  push(chunk: Uint8Array): UpgradeResponse | HandshakeFault | undefined {
    if (this.#done) throw new UsageError('the head of the response has been read', 'RFC 9112 §2.1')
    for (let at = 0; at < chunk.length; ) {
      const lineFeed = chunk.indexOf(LF, at)
      const end = lineFeed === -1 ? chunk.length : lineFeed + 1
      this.#size += end - at
      if (this.#size > MAX_HEAD) return this.#refuse('a head of more than 16 KiB', 'RFC 9112 §2.5')
      this.#line += latin1Decode(chunk, at, end)
      at = end
      if (lineFeed === -1) return undefined
      const fault = this.#readLine()
      if (fault !== undefined) return fault
      if (this.#done) return { status: this.#status, fields: this.#fields, rest: chunk.subarray(at) }
    }
    return undefined
  }

  #readLine(): HandshakeFault | undefined {
    const whole = this.#line
    this.#line = ''
    if (++this.#lines > MAX_LINES) return this.#refuse('a head of more than 100 lines', 'RFC 9112 §2.5')
    if (whole.charCodeAt(whole.length - 2) !== CR) return this.#refuse('a line without CR', 'RFC 9112 §2.2')
    const line = whole.slice(0, -2)
    if (this.#status === 0) return this.#readStatus(line)
    if (line !== '') return this.#readField(line)
    const interim = this.#status < 200 && this.#status !== 101
    if (!interim) {
      this.#done = true
    } else {
      this.#status = 0
      this.#fields = []
    }
    return undefined
  }

  #readStatus(line: string): HandshakeFault | undefined {
    // RFC 9112 §4: the reason phrase may be empty, and means nothing.
    const match = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: |$)/.exec(line)
    if (match === null || !isFieldValue(line)) return this.#refuse('no status line of HTTP/1.1', 'RFC 9112 §4')
    this.#status = Number(match[2])
    // RFC 9110 §15.2: HTTP/1.0 knows no 1xx, an Upgrade least of all. What else a server of it says may be told.
    if (match[1] === '0' && this.#status < 200) return this.#refuse('a 1xx of HTTP/1.0', 'RFC 9110 §15.2')
    return undefined
  }

  #readField(line: string): HandshakeFault | undefined {
    // RFC 9112 §5.1, §5.2: no space before the colon, and none at the beginning, which would continue the line before.
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    const value = line.slice(colon + 1)
    if (!isToken(name) || !isFieldValue(value)) return this.#refuse('a malformed field line', 'RFC 9112 §5')
    this.#fields.push({ name: name.toLowerCase(), value: trimSpace(value) })
    return undefined
  }

  #refuse(reason: string, section: string): HandshakeFault {
    this.#done = true
    return new HandshakeFault(0, reason, section)
  }
}
