import type { FieldInput } from '../../hpack/index.ts'
import type { Exchange } from '../exchange.ts'
import { appendHeaders } from '../header-fields.ts'
import { addResetListener } from './body-source.ts'
import { type BodyRead, sendBody } from './outgoing-body.ts'

/**
 * Turns of the microtask queue in which a body may show what it has before the field section is sent without it. A
 * string or buffer needs three, so that it leaves together with its field section, in one write.
 */
const PATIENCE = 5

/**
 * Sends `response` on `stream`; resolves when all of it is queued, or the stream is gone.
 * `head`: the request was HEAD, whose response has no body whatever its fields say. RFC 9110 §9.3.2.
 * Rejects, before anything is sent, when `response` is none that HTTP/2 can send, and when its body fails.
 */
export async function sendResponse(stream: Exchange, response: Response, head: boolean): Promise<void> {
  const fields = responseFields(response)
  const { body, status } = response
  // RFC 9110 §6.4.1: these statuses allow no body. And the peer may have gone while the handler was at work.
  if (head || body === null || status === 204 || status === 205 || status === 304 || stream.outputEnded) {
    if (!stream.outputEnded) stream.respond(fields, { endStream: true })
    body?.cancel().catch(() => undefined)
    return
  }
  const reader = body.getReader()
  let gone = false
  addResetListener(stream, (error) => {
    gone = true
    reader.cancel(error).catch(() => undefined)
  })
  const first = new Read(reader)
  for (let turn = 0; turn < PATIENCE && first.pending; turn++) await undefined
  if (first.result === undefined) {
    if (!first.pending) await first.promise // it has failed
    stream.respond(fields)
    await sendBody(stream, reader, () => gone, first.promise)
    return
  }
  if (first.result.done) {
    stream.respond(fields, { endStream: true })
    return
  }
  // Some of it is there already. If that is all of it, it goes out in one go, with its length.
  const chunk: unknown = first.result.value
  const second = new Read(reader)
  for (let turn = 0; turn < PATIENCE && second.pending; turn++) await undefined
  if (second.result === undefined && !second.pending) await second.promise
  if (gone) return
  if (second.result?.done === true && chunk instanceof Uint8Array) {
    const known = fields.some(({ name }) => name === 'content-length')
    if (!known) fields.push({ name: 'content-length', value: String(chunk.length) })
    stream.respond(fields)
    stream.end(chunk)
    return
  }
  stream.respond(fields)
  await sendBody(stream, reader, () => gone, first.promise, second.promise)
}

/** A read of which can be seen, without waiting, whether it is over. A failed one has no `result`. */
class Read {
  readonly promise: Promise<BodyRead>
  result: BodyRead | undefined
  pending = true

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.promise = reader.read()
    this.promise.then(
      (result) => {
        this.result = result
        this.pending = false
      },
      () => {
        this.pending = false
      },
    )
  }
}

function responseFields(response: Response): FieldInput[] {
  const status = response?.status
  // `Response.error()` has status 0; 101 has no meaning in HTTP/2, RFC 9113 §8.6.
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`a handler must return a Response with a status of 200-599, not ${String(status)}`)
  }
  const fields: FieldInput[] = [{ name: ':status', value: String(status) }]
  appendHeaders(fields, response.headers)
  // RFC 9110 §8.6: no content-length with 204.
  return status === 204 ? fields.filter(({ name }) => name !== 'content-length') : fields
}
