import type { FieldInput } from '../hpack/index.ts'
import { addResetListener } from './body-source.ts'
import type { Exchange } from './exchange.ts'
import { appendHeaders } from './header-fields.ts'
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
  const { fields, bodiless } = responseFields(response)
  const { body } = response
  // The peer may have gone while the handler was at work.
  if (head || bodiless || body === null || stream.outputEnded) {
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
  const first = reader.read()
  const begun = await soon(first)
  if (begun === undefined) {
    stream.respond(fields)
    await sendBody(stream, reader, () => gone, first)
  } else if (begun.done) {
    stream.respond(fields, { endStream: true })
  } else {
    await sendBegun(stream, fields, begun.value, reader, () => gone)
  }
}

/** Sends a body whose first chunk is there already: in one go, with its length, if that is all of it. */
async function sendBegun(
  stream: Exchange,
  fields: FieldInput[],
  chunk: Uint8Array,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isGone: () => boolean,
): Promise<void> {
  const second = reader.read()
  const next = await soon(second)
  if (isGone()) return
  if (next?.done === true && chunk instanceof Uint8Array) {
    const known = fields.some(({ name }) => name === 'content-length')
    if (!known) fields.push({ name: 'content-length', value: String(chunk.length) })
    stream.respond(fields)
    stream.end(chunk)
    return
  }
  stream.respond(fields)
  await sendBody(stream, reader, isGone, Promise.resolve({ done: false, value: chunk }), second)
}

/** What `read` brings, if it does so within a few turns of the microtask queue. Rejects if it fails that soon. */
async function soon(read: Promise<BodyRead>): Promise<BodyRead | undefined> {
  let result: BodyRead | undefined
  let failed = false
  read.then(
    (value) => {
      result = value
    },
    () => {
      failed = true
    },
  )
  for (let turn = 0; turn < PATIENCE && result === undefined && !failed; turn++) await undefined
  return failed ? read : result
}

interface ResponseHead {
  readonly fields: FieldInput[]
  /** The status allows no body. RFC 9110 §6.4.1. */
  readonly bodiless: boolean
}

function responseFields(response: Response): ResponseHead {
  const status = response?.status
  // `Response.error()` has status 0; 101 has no meaning in HTTP/2, RFC 9113 §8.6.
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`a handler must return a Response with a status of 200-599, not ${String(status)}`)
  }
  const fields: FieldInput[] = [{ name: ':status', value: String(status) }]
  appendHeaders(fields, response.headers)
  const bodiless = status === 204 || status === 205 || status === 304
  // RFC 9110 §8.6: no content-length with 204.
  return { fields: status === 204 ? fields.filter(({ name }) => name !== 'content-length') : fields, bodiless }
}
