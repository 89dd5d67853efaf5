/** What a tap tells of the frames that pass it. */
export interface TapListener {
  /** A frame header has passed, and the first octet of its payload if it has any. RFC 9113 §4.1. */
  begun(type: number, flags: number, streamId: number, length: number): void
  /** The frame has passed whole; `payload` is empty for DATA, HEADERS and CONTINUATION. */
  ended(type: number, flags: number, streamId: number, length: number, payload: Uint8Array): void
}

const HEADER_SIZE = 9
const NONE = new Uint8Array(0)
/** DATA, HEADERS, CONTINUATION: their payloads are of no interest here. */
const isBulk = (type: number): boolean => type <= 1 || type === 9

/**
 * Reads frame headers off the bytes between two endpoints. It shares nothing with the library, so that what it counts can
 * be held against what the library counts.
 */
export class WireTap {
  readonly #listener: TapListener
  /** Octets that are no frames: the preface of a client. */
  #skip: number
  readonly #header = new Uint8Array(HEADER_SIZE)
  #have = 0
  #type = 0
  #flags = 0
  #streamId = 0
  #length = 0
  #payload = NONE
  /** Octets of the payload that have not passed yet. */
  left = 0

  constructor(listener: TapListener, skip: number) {
    this.#listener = listener
    this.#skip = skip
  }

  /** DATA of this stream stands half way: 0 when none does. */
  get dataUnderWay(): number {
    const isHalf = this.#have === HEADER_SIZE && this.left < this.#length
    return isHalf && this.#type === 0 ? this.#streamId : 0
  }

  push(bytes: Uint8Array): void {
    let at = Math.min(this.#skip, bytes.length)
    this.#skip -= at
    while (at < bytes.length) {
      if (this.#have < HEADER_SIZE) {
        this.#header[this.#have++] = bytes[at++]!
        if (this.#have === HEADER_SIZE) this.#begin()
      } else {
        if (this.left === this.#length) this.#listener.begun(this.#type, this.#flags, this.#streamId, this.#length)
        const n = Math.min(this.left, bytes.length - at)
        if (this.#payload.length > 0) this.#payload.set(bytes.subarray(at, at + n), this.#length - this.left)
        this.left -= n
        at += n
        if (this.left === 0) this.#end()
      }
    }
  }

  #begin(): void {
    const h = this.#header
    this.#length = (h[0]! << 16) | (h[1]! << 8) | h[2]!
    this.#type = h[3]!
    this.#flags = h[4]!
    this.#streamId = number32(h, 5) & 0x7fff_ffff
    this.left = this.#length
    this.#payload = isBulk(this.#type) || this.#length === 0 ? NONE : new Uint8Array(this.#length)
    if (this.left > 0) return
    this.#listener.begun(this.#type, this.#flags, this.#streamId, 0)
    this.#end()
  }

  #end(): void {
    this.#have = 0
    this.#listener.ended(this.#type, this.#flags, this.#streamId, this.#length, this.#payload)
  }
}

/** A number of 32 bits in network byte order. */
export function number32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
