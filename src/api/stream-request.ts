import type { Field } from '../hpack/index.ts'
import { type BodySource, readableBody } from './body-source.ts'
import type { Exchange } from './exchange.ts'
import { fieldValue, headerPairs } from './header-fields.ts'
import { targetUrl } from './request-target.ts'

type StreamRequestClass = new (stream: Exchange, url: string, init: RequestInit) => Request

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
  const fields: readonly Field[] = stream.fields
  const url = targetUrl(fields)
  const method = fieldValue(fields, ':method')
  if (url === undefined || method === undefined) return undefined
  const init: RequestInit = { method, headers: headerPairs(fields) }
  // A GET with a body is legal on the wire (RFC 9110 §9.3.1 gives it no meaning), but a `Request` can't have one.
  if (body !== undefined && method !== 'GET' && method !== 'HEAD') {
    init.body = readableBody(body)
    init.duplex = 'half'
  }
  try {
    StreamRequest ??= makeStreamRequest()
    return new StreamRequest(stream, url, init)
  } catch {
    return undefined
  }
}
