import { type HashingPlatform, LONGEST_TIMER } from '../../platform/index.ts'
import { builtin } from './builtin.ts'
import { now } from './clock.ts'
import { nodeDeflate } from './deflate.ts'
import { decodeText, encodeText, encodeTextInto } from './text.ts'

/** Node's clock, timers, random bytes, text codec, hash and compression; Bun and Deno have the same modules. */
export const nodePlatform: HashingPlatform = {
  now,
  // A deadline must not keep a process alive: while something is waited for, the socket does. What is only put off to the
  // next turn has nothing else to hold on to, a last event for one.
  setTimer: (callback, milliseconds) => {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER))
    return milliseconds > 0 ? timer.unref() : timer
  },
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  fillRandom: (bytes) => void builtin('node:crypto').randomFillSync(bytes),
  encodeText,
  encodeTextInto,
  decodeText,
  sha1: (bytes) => new Uint8Array(builtin('node:crypto').createHash('sha1').update(bytes).digest()),
  deflate: nodeDeflate,
}
