import { sha1 } from '@noble/hashes/legacy.js'
import { type HashingPlatform, LONGEST_TIMER, type Platform } from '../../platform/index.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** `crypto.getRandomValues` fills no more at once. */
const MOST_RANDOM = 65_536

/** All that a client over HTTP/2 needs: the hash would be 4 kB of its bundle. */
export const clientPlatform: Platform = {
  now: () => performance.now(),
  setTimer: (callback, milliseconds) => setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER)),
  clearTimer: (timer) => clearTimeout(timer as number | undefined),
  fillRandom(bytes) {
    for (let at = 0; at < bytes.length; at += MOST_RANDOM) crypto.getRandomValues(bytes.subarray(at, at + MOST_RANDOM))
  },
  encodeText: (text) => encoder.encode(text),
  encodeTextInto: (text, bytes) => encoder.encodeInto(text, bytes).written,
  decodeText: (utf8) => decoder.decode(utf8),
}

/**
 * The clock, timers, random bytes, text codec and hash for every web runtime: browsers, workers, workerd, Deno and Bun.
 * There is no compression among them that answers at once, so `permessage-deflate` isn't negotiated; see `pakoDeflate`.
 */
export const webPlatform: HashingPlatform = /* @__PURE__ */ Object.assign({ sha1 }, clientPlatform)
