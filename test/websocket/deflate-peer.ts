import { deflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import { nodePlatform } from '../../src/runtime/node/platform.ts'
import {
  acceptDeflate,
  type DeflateBackend,
  type DeflateParameters,
  type NegotiatedDeflate,
  offerDeflate,
  type PerMessageDeflateOptions,
  readWebSocketRequest,
  readWebSocketResponse,
  WebSocketConnection,
  type WebSocketLimits,
  webSocketRequestFields,
  webSocketResponseFields,
} from '../../src/websocket/index.ts'
import { countingRandom, drain, type FrameSpec, frame, join, show, utf8 } from './frames.ts'
import { KEY } from './wire-case.ts'

/** What Node has. */
export const backend: DeflateBackend = nodePlatform.deflate!

/** The whole of what an extension can agree on if nobody asks for anything. */
export const largest: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

/** Client and server as they come out of a handshake in which each wanted what is given. */
export function agree(
  client: PerMessageDeflateOptions | undefined,
  server: PerMessageDeflateOptions | undefined,
): { offered: string | undefined; answered: string | undefined; parameters: DeflateParameters | undefined } {
  const offer = client === undefined ? undefined : offerDeflate(client, backend)
  const base = { authority: 'localhost', scheme: 'http', path: '/' } as const
  const request = readWebSocketRequest(
    webSocketRequestFields({ ...base, ...(offer === undefined ? {} : { extensions: offer.value }) }),
  )
  if (!('extensions' in request)) throw request
  const answer = server === undefined ? undefined : acceptDeflate(request.extensions, server, backend)
  const fields = webSocketResponseFields(answer === undefined ? {} : { extensions: answer.value })
  const response = readWebSocketResponse(fields, [], offer)
  if (!('protocol' in response)) throw response
  return { offered: offer?.value, answered: answer?.value, parameters: response.deflate }
}

/** A socket that compresses every message, whatever its size, unless told otherwise. */
export function deflating(
  role: 'client' | 'server',
  parameters: Partial<DeflateParameters> = {},
  more: { limits?: Partial<WebSocketLimits>; deflate?: Partial<NegotiatedDeflate> } = {},
): WebSocketConnection {
  const deflate = { backend, parameters: { ...largest, ...parameters }, threshold: 0, ...more.deflate }
  return new WebSocketConnection({ role, random: countingRandom(), limits: more.limits ?? {}, deflate })
}

/** RSV1 as `frame` takes it. */
export const RSV1 = 4
/** "Hello" as the RFC compresses it. RFC 7692 §7.2.3.1. */
export const HELLO: Uint8Array = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)

/** What a compressed message has for payload. */
export function deflated(text: string | Uint8Array, level = 6): Uint8Array {
  return new Uint8Array(deflateRawSync(utf8(text), { level, finishFlush: 2 })).slice(0, -4)
}

export function compressed(payload: Uint8Array, more: Partial<FrameSpec> = {}): Uint8Array {
  return frame({ opcode: 1, rsv: RSV1, payload, key: KEY, ...more })
}

export function plain(opcode: number, payload: Uint8Array | string, more: Partial<FrameSpec> = {}): Uint8Array {
  return frame({ opcode, payload, key: KEY, ...more })
}

/** The line of a connection that has failed. */
export function failed(code: number, section: string): string {
  return `closed 1006 unclean ${code} RFC ${section}`
}

/** What a server reports of frames that a client has sent: the same at every chunk size. */
export function received(
  frames: readonly Uint8Array[],
  limits: Partial<WebSocketLimits> = {},
  parameters: Partial<DeflateParameters> = {},
): string[] {
  const wire = join(...frames)
  const [whole, ...pieces] = [wire.length, 1, 2, 7].map((size) => {
    const socket = deflating('server', parameters, { limits })
    const events: string[] = []
    for (let at = 0; at < wire.length; at += size) {
      socket.receive(wire.slice(at, at + size))
      events.push(...drain(socket).map(show))
    }
    return events
  })
  for (const events of pieces) expect(events).toEqual(whole)
  return whole
}
