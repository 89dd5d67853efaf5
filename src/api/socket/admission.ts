import { UsageError } from '../../errors/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import {
  acceptDeflate,
  acceptKeyInput,
  base64Encode,
  HandshakeFault,
  readWebSocketRequest,
  WebSocketConnection,
  type WebSocketOptions,
  type WebSocketRequest,
  webSocketResponseFields,
} from '../../websocket/index.ts'
import type { Exchange } from '../exchange.ts'
import { respondStatus } from '../failed-stream.ts'
import { appendHeaders } from '../header-fields.ts'
import type { ConnectRequest } from '../tunnel/connect-request.ts'
import { type SocketSettings, socketSettings } from './socket-options.ts'
import type { AcceptOptions, Admission } from './web-socket-handler.ts'
import type { AcceptedSocket } from './web-socket-opening.ts'

/** What most handshakes are answered with. */
const PLAIN_ANSWER = webSocketResponseFields()

type Opening = void | Promise<void>

/**
 * Decides about the handshakes of one path: a malformed request is answered with 400, or 426 for a version other than
 * 13; then the program is asked; then compression and subprotocol are agreed on. RFC 6455 §4.2, RFC 8441 §5.
 */
export class Admitter {
  readonly #options: AcceptOptions
  readonly #settings: SocketSettings
  /** The core of every socket without compression. */
  readonly #plain: WebSocketOptions
  readonly #open: (request: ConnectRequest, accepted: AcceptedSocket) => Opening

  /** `open` is called for each request that was accepted. @throws UsageError for an option out of range. */
  constructor(options: AcceptOptions, open: (request: ConnectRequest, accepted: AcceptedSocket) => Opening) {
    this.#options = options
    this.#settings = socketSettings(options)
    this.#plain = { role: 'server', limits: this.#settings.limits }
    this.#open = open
  }

  /**
   * Answers the request, and calls `open` if it was accepted: in the same moment, so that nothing which befalls the stream
   * goes unheard. What `open` returns is returned; it is a promise in any case if the program's verdict is one.
   */
  admit(request: ConnectRequest): Opening {
    const { stream } = request
    const asked = readWebSocketRequest(stream.fields)
    if (asked instanceof HandshakeFault) {
      // RFC 6455 §4.2.1
      stream.respond([{ name: ':status', value: String(asked.status) }, ...asked.fields], { endStream: true })
      return
    }
    const verdict = this.#options.accept?.(request)
    return isPromise(verdict) ? this.#admitLater(request, asked, verdict) : this.#decide(request, asked, verdict)
  }

  async #admitLater(request: ConnectRequest, asked: WebSocketRequest, verdict: PromiseLike<Admission>): Promise<void> {
    const { stream } = request
    const done = stream.hold()
    let admission: Admission
    try {
      admission = await verdict
    } finally {
      done()
    }
    // The client may have gone meanwhile; a socket that never was has no end that could be told.
    if (!stream.outputEnded) await this.#decide(request, asked, admission)
  }

  #decide(request: ConnectRequest, asked: WebSocketRequest, admission: Admission): Opening {
    const accepted = this.#answer(request, asked, admission)
    if (accepted !== undefined) return this.#open(request, accepted)
  }

  #answer(request: ConnectRequest, asked: WebSocketRequest, admission: Admission): AcceptedSocket | undefined {
    const { stream } = request
    if (admission !== undefined && admission !== true) {
      // RFC 6455 §4.2.2: 403 is the answer to an origin that is not welcome.
      respondStatus(stream, admission === false ? 403 : refusal(admission))
      return undefined
    }
    const protocol = this.#choose(asked.protocols, request)
    const { platform } = stream
    const { deflate, link } = this.#settings
    const backend = platform.deflate
    const agreed =
      deflate === undefined || backend === undefined ? undefined : acceptDeflate(asked.extensions, deflate, backend)
    const core = new WebSocketConnection(
      agreed === undefined || backend === undefined
        ? this.#plain
        : { ...this.#plain, deflate: { ...deflate, backend, parameters: agreed.parameters } },
    )
    const extensions = agreed?.value
    const accept = acceptValue(stream, asked.key)
    const extra = this.#extraFields(request)
    const isPlain = protocol === undefined && accept === undefined && extensions === undefined && extra === undefined
    stream.respond(isPlain ? PLAIN_ANSWER : webSocketResponseFields({ protocol, accept, extensions, extra }))
    return { core, link, protocol: protocol ?? '', extensions: extensions ?? '' }
  }

  /** RFC 6455 §4.2.2: the client's order is its preference. Without a common one the socket opens without. */
  #choose(offered: readonly string[], request: ConnectRequest): string | undefined {
    const { protocols } = this.#options
    if (typeof protocols !== 'function') {
      return protocols === undefined ? undefined : offered.find((name) => protocols.includes(name))
    }
    const chosen = protocols(offered, request)
    if (chosen !== undefined && !offered.includes(chosen)) {
      throw new UsageError(`the subprotocol ${chosen} was not offered`, 'RFC 6455 §4.2.2')
    }
    return chosen
  }

  #extraFields(request: ConnectRequest): FieldInput[] | undefined {
    const { headers } = this.#options
    if (headers === undefined) return undefined
    const fields: FieldInput[] = []
    appendHeaders(fields, new Headers(typeof headers === 'function' ? headers(request) : headers))
    return fields
  }
}

/** RFC 8441 §5 has no use for the key; who sends one all the same may insist on the answer of RFC 6455 §4.2.2. */
function acceptValue(stream: Exchange, key: string | undefined): string | undefined {
  return key === undefined ? undefined : base64Encode(stream.platform.sha1(acceptKeyInput(key)))
}

/** RFC 9110 §15: below 300 a status would accept, or be no answer yet. */
function refusal(status: number): number {
  if (Number.isInteger(status) && status >= 300 && status <= 599) return status
  throw new UsageError(`a handshake can't be refused with the status ${status}`, 'RFC 6455 §4.2.2')
}

function isPromise(verdict: Admission | PromiseLike<Admission>): verdict is PromiseLike<Admission> {
  return typeof (verdict as Partial<PromiseLike<Admission>> | undefined)?.then === 'function'
}
