import { requireInteger } from '../errors/index.ts'
import type { DeflateBackend } from './deflate-backend.ts'
import { checkEffort, type DeflateParameters } from './deflate-parameters.ts'
import { MessageDeflater } from './message-deflater.ts'
import { MessageInflater } from './message-inflater.ts'

/** permessage-deflate as a handshake has agreed on it, with what does the work. */
export interface NegotiatedDeflate {
  readonly backend: DeflateBackend
  /** From `acceptDeflate` or `readWebSocketResponse`. */
  readonly parameters: DeflateParameters
  /** Messages of fewer octets are sent as they are; 1024 when absent. */
  readonly threshold?: number | undefined
  /** From 0, stored, to 9, smallest; the backend's own choice when absent. */
  readonly level?: number | undefined
}

/** Both ways of one connection with permessage-deflate. */
export interface Compression {
  readonly inflater: MessageInflater
  readonly deflater: MessageDeflater | undefined
  /** Messages from this many bytes on are compressed; without a deflater none is, however long. */
  readonly threshold: number
}

type Role = 'client' | 'server'

/** Messages below this many bytes are not compressed, unless the options say so. */
const THRESHOLD = 1024
/** A threshold that no message reaches. */
export const NEVER: number = 2 ** 31 - 1

/** @throws UsageError for windows that nobody can have agreed on, and for options out of range. */
export function createCompression(role: Role, deflate: NegotiatedDeflate, maxMessageSize: number): Compression {
  checkDeflate(deflate)
  const deflater = createDeflater(role, deflate)
  const threshold = deflater === undefined ? NEVER : (deflate.threshold ?? THRESHOLD)
  return { inflater: createInflater(role, deflate, maxMessageSize), deflater, threshold }
}

function checkDeflate(deflate: NegotiatedDeflate): void {
  const { serverMaxWindowBits, clientMaxWindowBits } = deflate.parameters
  for (const bits of [serverMaxWindowBits, clientMaxWindowBits]) {
    requireInteger('the bits of a window', bits, 8, 15, 'RFC 7692 §7.1.2')
  }
  checkEffort(deflate)
}

/** What reads the peer's messages. RFC 7692 §7.1: it needs the window that the peer writes with. */
function createInflater(role: Role, deflate: NegotiatedDeflate, maxMessageSize: number): MessageInflater {
  const { backend, parameters } = deflate
  const { windowBits, takeover } = agreedFor(role === 'client' ? 'server' : 'client', parameters)
  return new MessageInflater(backend, windowBits, takeover, maxMessageSize)
}

/**
 * What compresses our messages; `undefined` when it was agreed to do so with a window of 256 octets, which no zlib has:
 * nothing obliges an endpoint to compress. RFC 7692 §6.
 */
function createDeflater(role: Role, deflate: NegotiatedDeflate): MessageDeflater | undefined {
  const { backend, parameters, level } = deflate
  const { windowBits, takeover } = agreedFor(role, parameters)
  if (windowBits < 9) return undefined
  return new MessageDeflater(backend, level === undefined ? { windowBits } : { windowBits, level }, takeover)
}

/** What was agreed for the messages that `writer` sends. */
function agreedFor(writer: Role, parameters: DeflateParameters): { windowBits: number; takeover: boolean } {
  return writer === 'server'
    ? { windowBits: parameters.serverMaxWindowBits, takeover: !parameters.serverNoContextTakeover }
    : { windowBits: parameters.clientMaxWindowBits, takeover: !parameters.clientNoContextTakeover }
}
