import { requireInteger } from '../errors/index.ts'
import type { DeflateBackend } from './deflate-backend.ts'
import { checkEffort, type DeflateParameters, readDeflateParameters } from './deflate-parameters.ts'
import type { Extension } from './extension-list.ts'

/** The name of the one extension there is. RFC 7692 §7. */
const NAME = 'permessage-deflate'

/** Windows of zlib begin here, though the extension allows 8: what asks us to compress with 8 can't be granted. */
const SMALLEST_WINDOW = 9
const LARGEST_WINDOW = 15

/**
 * What to ask for, or to insist on. Memory for each socket is 2^bits octets a direction, 8 KiB at most to compress.
 * A message is compressed in one go, 1 MiB of JSON in some 20 ms; for larger ones consider `compress: false`.
 */
export interface PerMessageDeflateOptions {
  /** Each message of the server stands for itself: less memory, larger messages. RFC 7692 §7.1.1.1. */
  readonly serverNoContextTakeover?: boolean
  /** The same for the messages of the client. RFC 7692 §7.1.1.2. */
  readonly clientNoContextTakeover?: boolean
  /** How far back the server's messages may refer, as a power of two: 9 to 15, 15 when absent. RFC 7692 §7.1.2.1. */
  readonly serverMaxWindowBits?: number
  /** The same for the client's messages. A server declines the offer of a client that can't. RFC 7692 §7.1.2.2. */
  readonly clientMaxWindowBits?: number
  /** Messages of fewer octets are sent as they are, 1024 when absent: a small one hardly gets smaller. */
  readonly threshold?: number
  /** From 0, stored, to 9, smallest; the runtime's own choice when absent. */
  readonly level?: number
}

/** What a client puts into `sec-websocket-extensions`, and holds the answer against. */
export interface DeflateOffer extends DeflateParameters {
  readonly value: string
}

/** What a server answers in `sec-websocket-extensions`, and is agreed by that. */
export interface DeflateAnswer {
  readonly value: string
  readonly parameters: DeflateParameters
}

/**
 * The offer of a client. RFC 7692 §7.1: it always says `client_max_window_bits`, so that a server may ask for less.
 * @throws UsageError for an option out of range.
 *
 * @example
 * const offer = offerDeflate({ clientMaxWindowBits: 12 }, backend)
 * webSocketRequestFields({ ...request, extensions: offer.value })
 */
export function offerDeflate(options: PerMessageDeflateOptions, backend: DeflateBackend): DeflateOffer {
  const wanted = wantedParameters(options, backend)
  const { serverMaxWindowBits, clientMaxWindowBits } = wanted
  let value = NAME
  if (wanted.serverNoContextTakeover) value += '; server_no_context_takeover'
  if (wanted.clientNoContextTakeover) value += '; client_no_context_takeover'
  if (serverMaxWindowBits < LARGEST_WINDOW) value += `; server_max_window_bits=${serverMaxWindowBits}`
  value += '; client_max_window_bits'
  if (clientMaxWindowBits < LARGEST_WINDOW) value += `=${clientMaxWindowBits}`
  return { ...wanted, value }
}

/**
 * The answer of a server to the first offer that it can accept; `undefined` declines, and messages go uncompressed.
 * RFC 7692 §5.1, §7.1: an offer with a parameter that is unknown, repeated or malformed is declined, not a fault.
 * @throws UsageError for an option out of range.
 */
export function acceptDeflate(
  offers: readonly Extension[],
  options: PerMessageDeflateOptions,
  backend: DeflateBackend,
): DeflateAnswer | undefined {
  const wanted = wantedParameters(options, backend)
  for (const offer of offers) {
    const answer = offer.name === NAME ? acceptOffer(offer, wanted) : undefined
    if (answer !== undefined) return answer
  }
  return undefined
}

function acceptOffer(offer: Extension, wanted: DeflateParameters): DeflateAnswer | undefined {
  const offered = readDeflateParameters(offer)
  if (offered === undefined) return undefined
  // RFC 7692 §7.1.2.1: a server that accepts compresses with the window it was asked for, or a smaller one.
  const serverMaxWindowBits = Math.min(offered.serverMaxWindowBits ?? LARGEST_WINDOW, wanted.serverMaxWindowBits)
  if (serverMaxWindowBits < SMALLEST_WINDOW) return undefined
  // RFC 7692 §7.1.2.2: a client that does not mention its window can't be given one, and ours would have to be larger.
  const limitable = offered.clientMaxWindowBits !== undefined
  if (!limitable && wanted.clientMaxWindowBits < LARGEST_WINDOW) return undefined
  const asked = offered.clientMaxWindowBits ?? LARGEST_WINDOW
  const clientMaxWindowBits = asked === 'any' ? wanted.clientMaxWindowBits : Math.min(asked, wanted.clientMaxWindowBits)

  // RFC 7692 §7.1.1: what the client asks for holds; a server may add either of them unasked.
  const serverNoContextTakeover = offered.serverNoContextTakeover || wanted.serverNoContextTakeover
  const clientNoContextTakeover = offered.clientNoContextTakeover || wanted.clientNoContextTakeover
  let value = NAME
  if (serverNoContextTakeover) value += '; server_no_context_takeover'
  if (clientNoContextTakeover) value += '; client_no_context_takeover'
  if (offered.serverMaxWindowBits !== undefined || serverMaxWindowBits < LARGEST_WINDOW) {
    value += `; server_max_window_bits=${serverMaxWindowBits}`
  }
  if (clientMaxWindowBits < LARGEST_WINDOW) value += `; client_max_window_bits=${clientMaxWindowBits}`
  return {
    value,
    parameters: { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits },
  }
}

/**
 * What a server has agreed to, from its answer to `offer`: `undefined` when it declined, a reason in words when the
 * answer does not fit the offer and fails the handshake. RFC 7692 §5.2, §7.1.
 */
export function readDeflateAnswer(
  answer: readonly Extension[],
  offer: DeflateOffer | undefined,
): DeflateParameters | string | undefined {
  if (answer.length === 0) return undefined
  // RFC 6455 §4.1: nothing that was not asked for; RFC 7692 §5: one answer to one offer.
  if (offer === undefined || answer.length > 1 || answer[0].name !== NAME) return 'an extension that was not asked for'
  const agreed = readDeflateParameters(answer[0])
  if (agreed === undefined) return 'an unknown, repeated or malformed parameter'
  const { serverMaxWindowBits, clientMaxWindowBits } = agreed
  if (offer.serverNoContextTakeover && !agreed.serverNoContextTakeover)
    return 'server_no_context_takeover was not granted'
  if (offer.serverMaxWindowBits < (serverMaxWindowBits ?? LARGEST_WINDOW)) return 'a larger window than was asked for'
  // RFC 7692 §7.1.2.2: in an answer the parameter has a value.
  if (clientMaxWindowBits === 'any') return 'client_max_window_bits without a value'
  return {
    serverNoContextTakeover: agreed.serverNoContextTakeover,
    // RFC 7692 §7.1.1.2: what the client said it would do it does, whatever the server makes of it.
    clientNoContextTakeover: agreed.clientNoContextTakeover || offer.clientNoContextTakeover,
    serverMaxWindowBits: serverMaxWindowBits ?? LARGEST_WINDOW,
    // RFC 7692 §7.1.2.2: a server may allow more than the client said it would use; it uses no more all the same.
    clientMaxWindowBits: Math.min(clientMaxWindowBits ?? LARGEST_WINDOW, offer.clientMaxWindowBits),
  }
}

function wantedParameters(options: PerMessageDeflateOptions, backend: DeflateBackend): DeflateParameters {
  const { serverMaxWindowBits = LARGEST_WINDOW, clientMaxWindowBits = LARGEST_WINDOW } = options
  for (const bits of [serverMaxWindowBits, clientMaxWindowBits]) {
    requireInteger('the bits of a window', bits, SMALLEST_WINDOW, LARGEST_WINDOW, 'RFC 7692 §7.1.2')
  }
  checkEffort(options)
  return {
    serverNoContextTakeover: options.serverNoContextTakeover === true || !backend.takesHistory,
    clientNoContextTakeover: options.clientNoContextTakeover === true || !backend.takesHistory,
    serverMaxWindowBits,
    clientMaxWindowBits,
  }
}
