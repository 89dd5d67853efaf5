import { deflateRawSync } from 'node:zlib'

/** One masked message as a client sends it. RFC 6455 §5.2, §5.3. */
export function maskedMessage(payload: Buffer, kind: { text?: boolean; compressed?: boolean }): Buffer {
  const { length } = payload
  const first = (kind.text ? 0x81 : 0x82) | (kind.compressed ? 0x40 : 0)
  const head = [first]
  if (length < 126) head.push(0x80 | length)
  else if (length < 65_536) head.push(0x80 | 126, length >> 8, length & 255)
  else head.push(0x80 | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255)
  const key = [0x12, 0x34, 0x56, 0x78]
  return Buffer.concat([Buffer.from([...head, ...key]), payload.map((octet, i) => octet ^ key[i & 3]!)])
}

/** RFC 7692 §7.2.1: the end of the last block is left away. Made without any context, so that it may be sent again and again. */
export function compressed(text: string): Buffer {
  const whole = deflateRawSync(text, { finishFlush: 2 })
  return whole.subarray(0, whole.length - 4)
}

/** A record of an application's interface, `length` characters of JSON. */
export function jsonText(length: number): string {
  const items = Array.from({ length: Math.ceil(length / 60) }, (_, i) => ({
    id: 1000 + i * 37,
    name: `item ${(i * 2_654_435_761) % 9973}`,
    price: (i * 733) % 500,
    inStock: i % 3 > 0,
  }))
  return JSON.stringify(items).slice(0, length)
}

/** Counts the messages of one socket in the bytes that come back, whatever they are cut into. */
export class MessageCount {
  #left = 0
  #final = false
  readonly #head = Buffer.alloc(10)
  #headLength = 0

  /** How many messages end in `bytes` between the two places. A Close, or anything else of control, is an error. */
  count(bytes: Buffer, start: number, end: number): number {
    let messages = 0
    let at = start
    while (at < end) {
      if (this.#left === 0) {
        at = this.#header(bytes, at, end)
        if (this.#left > 0 || this.#headLength > 0) continue
      } else {
        const taken = Math.min(this.#left, end - at)
        this.#left -= taken
        at += taken
      }
      if (this.#left === 0 && this.#final) messages++
    }
    return messages
  }

  /** Reads a header as far as it is there; where it is whole, `#headLength` is 0 again. */
  #header(bytes: Buffer, from: number, end: number): number {
    let at = from
    const head = this.#head
    while (at < end) {
      head[this.#headLength++] = bytes[at++]!
      const code = head[1]! & 127
      const size = this.#headLength < 2 ? 2 : code < 126 ? 2 : code === 126 ? 4 : 10
      if (this.#headLength < size) continue
      if ((head[0]! & 15) > 2) throw new Error(`a control frame came back: ${head[0]! & 15}`)
      this.#final = head[0]! >= 128
      this.#left = code < 126 ? code : code === 126 ? head.readUInt16BE(2) : head.readUIntBE(4, 6)
      this.#headLength = 0
      break
    }
    return at
  }
}
