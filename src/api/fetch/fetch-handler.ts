import type { FieldInput } from '../../hpack/index.ts'
import type { Exchange } from '../exchange.ts'
import { failStream, respondStatus } from '../failed-stream.ts'
import { fieldValue } from '../header-fields.ts'
import { addResetListener, BodySource } from './body-source.ts'
import { sendResponse } from './send-response.ts'
import { streamRequest } from './stream-request.ts'

/** Answers a request. `info.stream` is the exchange below, a stream of HTTP/2 for one, for what a `Request` can't show. */
export type FetchHandler = (request: Request, info: FetchInfo) => Response | Promise<Response>

export interface FetchInfo {
  readonly stream: Exchange
}

export interface FetchHandlerOptions {
  /** Hears what the handler, or the body of its response, threw. */
  readonly onError: (error: unknown) => void
}

/**
 * Answers one exchange. `bodiless`: its request has no body, which is known when it arrives; later, a stream whose input
 * has ended may still keep all of it. Absent: it arrives now.
 */
export type FetchExchange = (stream: Exchange, bodiless?: boolean) => void

const CONTINUE: readonly FieldInput[] = [{ name: ':status', value: '100' }]

/**
 * Turns a function of the fetch convention into a stream handler.
 *
 * The request has a body unless its field section ended the stream; nothing of it is taken before somebody reads, and
 * `Expect: 100-continue` is answered then (RFC 9110 §10.1.1). The response's body is sent as fast as the peer takes it
 * and cancelled when the stream is reset. A handler that throws gives 500 and `onError`; a body that fails resets.
 *
 * @example
 * const onStream = fetchHandler((request) => new Response(request.url), { onError: console.error })
 */
export function fetchHandler(handler: FetchHandler, options: FetchHandlerOptions): FetchExchange {
  const { onError } = options
  return (stream, bodiless = stream.inputEnded) => {
    const method = fieldValue(stream.fields, ':method')
    // A `Request` refuses these three. RFC 9110 §15.6.2: 501 for a method that the server doesn't know at all.
    if (method === 'CONNECT' || method === 'TRACE' || method === 'TRACK') {
      respondStatus(stream, 501)
      return
    }
    const body = bodiless ? undefined : requestBody(stream)
    const request = streamRequest(stream, body)
    if (request === undefined) {
      respondStatus(stream, 400)
      return
    }
    try {
      const result = handler(request, { stream })
      const done = stream.hold()
      const answered = isPromise(result)
        ? result.then((response) => sendResponse(stream, response, method === 'HEAD'))
        : sendResponse(stream, result, method === 'HEAD')
      answered.then(
        () => {
          done()
          letGo(request, body)
        },
        (error) => {
          done()
          failStream(stream, error, onError)
        },
      )
    } catch (error) {
      failStream(stream, error, onError)
    }
  }
}

function requestBody(stream: Exchange): BodySource {
  const expect = fieldValue(stream.fields, 'expect')?.toLowerCase() === '100-continue'
  const body = new BodySource(stream, {
    onFirstRead: () => {
      if (expect && !stream.responded) stream.respond(CONTINUE)
    },
  })
  addResetListener(stream, (error) => body.fail(error))
  return body
}

/**
 * The response is out. A request body that was begun and that nobody holds any more would keep its stream for ever, as
 * the peer waits for credit; the rest is read and thrown away. One never begun is let go by the stream itself.
 */
function letGo(request: Request, body: BodySource | undefined): void {
  if (body?.touched === true && request.body?.locked !== true) body.discard()
}

function isPromise(result: Response | Promise<Response>): result is Promise<Response> {
  return typeof (result as Partial<Promise<Response>>)?.then === 'function'
}
