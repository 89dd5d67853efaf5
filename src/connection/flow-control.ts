/** The largest window: 2^31-1 octets. RFC 9113 §6.9.1. */
export const MAX_WINDOW = 0x7fff_ffff
/** The window of a connection, and of a stream before SETTINGS say otherwise. RFC 9113 §6.9.2. */
export const DEFAULT_WINDOW = 65_535

/**
 * What the peer may still send us, on one stream or the connection. Credit goes back when the consumer has
 * consumed the bytes, never when they arrive, and in batches of half a window. RFC 9113 §6.9.
 */
export class ReceiveWindow {
  /** What we want the peer to be able to send when all is consumed. */
  size: number
  /** What it may send now. Below zero after SETTINGS made windows smaller (§6.9.2). */
  available: number
  /** Arrived and not yet consumed. */
  outstanding = 0

  constructor(size: number, available: number = size) {
    this.size = size
    this.available = available
  }

  /** Takes `n` flow-controlled bytes in; false when the peer had no right to send them. */
  charge(n: number): boolean {
    if (n > this.available) return false
    this.available -= n
    this.outstanding += n
    return true
  }

  /** Notes `n` bytes as consumed and answers the WINDOW_UPDATE increment to send now; 0: none yet. */
  consume(n: number): number {
    this.outstanding -= n
    const wanted = this.size - this.outstanding - this.available
    if (wanted <= 0 || wanted < this.size >>> 1) return 0
    this.available += wanted
    return wanted
  }
}
