import { requireInteger } from '../errors/index.ts'
import type { Extension } from './extension-list.ts'

/** What two ends have agreed on. RFC 7692 §7.1. */
export interface DeflateParameters {
  /** Each message of the server stands for itself. RFC 7692 §7.1.1.1. */
  readonly serverNoContextTakeover: boolean
  /** Each message of the client stands for itself. RFC 7692 §7.1.1.2. */
  readonly clientNoContextTakeover: boolean
  /** The server's messages refer back by no more than 2^this octets: 8 to 15. RFC 7692 §7.1.2.1. */
  readonly serverMaxWindowBits: number
  /** The client's messages refer back by no more than 2^this octets: 8 to 15. RFC 7692 §7.1.2.2. */
  readonly clientMaxWindowBits: number
}

/** The parameters as one side wrote them. */
export interface WrittenParameters {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits: number | undefined
  /** `any`: named without a value, which an offer may do. */
  clientMaxWindowBits: number | 'any' | undefined
}

/**
 * Reads the parameters of one `permessage-deflate`; `undefined` when one of them is unknown, comes twice, or has a value
 * that it may not have. RFC 7692 §7.1: the reader of such an offer or answer can do nothing with it.
 */
export function readDeflateParameters(extension: Extension): WrittenParameters | undefined {
  const written: WrittenParameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  }
  const seen = new Set<string>()
  for (const { name, value } of extension.parameters) {
    if (seen.has(name) || !readParameter(written, name, value)) return undefined
    seen.add(name)
  }
  return written
}

/** False for a parameter that there is not, or not with this value. */
function readParameter(written: WrittenParameters, name: string, value: string | undefined): boolean {
  switch (name) {
    case 'server_no_context_takeover':
      written.serverNoContextTakeover = true
      return value === undefined
    case 'client_no_context_takeover':
      written.clientNoContextTakeover = true
      return value === undefined
    case 'server_max_window_bits':
      written.serverMaxWindowBits = windowBits(value)
      return written.serverMaxWindowBits !== undefined
    case 'client_max_window_bits':
      written.clientMaxWindowBits = value === undefined ? 'any' : windowBits(value)
      return written.clientMaxWindowBits !== undefined
    default:
      return false
  }
}

/** RFC 7692 §7.1.2: a decimal from 8 to 15 without leading zeros. */
function windowBits(value: string | undefined): number | undefined {
  return value !== undefined && /^([89]|1[0-5])$/.test(value) ? Number(value) : undefined
}

/**
 * Checks what an end decides for itself: from which size on it compresses, and how hard it tries.
 * @throws UsageError
 */
export function checkEffort(options: { threshold?: number | undefined; level?: number | undefined }): void {
  const { threshold = 0, level = 0 } = options
  requireInteger('threshold', threshold, 0, Number.MAX_SAFE_INTEGER, 'RFC 7692 §6.1')
  requireInteger('level', level, 0, 9, 'RFC 7692 §7.2.1')
}
