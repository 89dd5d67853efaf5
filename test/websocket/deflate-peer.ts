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
import { countingRandom } from './frames.ts'

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
