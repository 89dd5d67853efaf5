import type { Exchange } from '../exchange.ts'
import { fieldValue, headerPairs } from '../header-fields.ts'
import { type BodySource, readableBody } from './body-source.ts'
import { lateRequests } from './late-request.ts'
import { targetText, targetUrl } from './request-target.ts'

type StreamRequestClass = new (stream: Exchange, url: string, init: RequestInit) => Request

/** Methods that a `Request` keeps as they are: in capitals already, and none that it refuses. Fetch Standard §2.2.1. */
const plain: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Made with the first request: Node loads all of its `fetch` when `Request` is first named. Measured: 20 ms of a start. */
let StreamRequest: StreamRequestClass | undefined

/**
 * A native `Request` made from a stream, except that its signal is the stream's own, which is created when somebody asks
 * for it: most never do, and an `AbortController` costs as much as all the rest.
 */
function makeStreamRequest(): StreamRequestClass {
  return class StreamRequest extends Request {
    readonly #stream: Exchange

    constructor(stream: Exchange, url: string, init: RequestInit) {
      super(url, init)
      this.#stream = stream
    }

    override get signal(): AbortSignal {
      return this.#stream.signal
    }
  }
}

/** The request of `stream`, or undefined when no `Request` can stand for it: its target is no URL. */
export function streamRequest(stream: Exchange, body: BodySource | undefined): Request | undefined {
  const method = fieldValue(stream.fields, ':method')
  const LateRequest = method !== undefined && plain.has(method) ? lateRequests() : undefined
  // A native one that takes no body judges its URL itself.
  const url = LateRequest === undefined && body === undefined ? targetText(stream.fields) : targetUrl(stream.fields)
  if (url === undefined || method === undefined) return undefined
  const make = (): Request => {
    StreamRequest ??= makeStreamRequest()
    return new StreamRequest(stream, url, requestInit(stream, method, body))
  }
  if (LateRequest !== undefined) return new LateRequest(method, url, stream, make)
  try {
    return make()
  } catch {
    return undefined
  }
}

function requestInit(stream: Exchange, method: string, body: BodySource | undefined): RequestInit {
  const init: RequestInit = { method, headers: headerPairs(stream.fields) }
  // A GET with a body is legal on the wire (RFC 9110 §9.3.1 gives it no meaning), but a `Request` can't have one.
  if (body !== undefined && method !== 'GET' && method !== 'HEAD') {
    init.body = readableBody(body)
    init.duplex = 'half'
  }
  return init
}
