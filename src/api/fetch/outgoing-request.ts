import { UsageError } from '../../errors/index.ts'
import type { FieldInput } from '../../hpack/index.ts'
import type { Platform } from '../../platform/index.ts'
import { appendHeaders } from '../header-fields.ts'
import { bytesOf } from '../message-bytes.ts'

/** A request as `fetchOver` will send it. */
export interface OutgoingRequest {
  readonly method: string
  readonly url: URL
  /** Pseudo-header fields first. */
  readonly fields: readonly FieldInput[]
  /** Bytes that are all there, or a stream of them, or nothing. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined
  readonly signal: AbortSignal | undefined
  readonly refusesRedirect: boolean
}

export type FetchInit = RequestInit & { duplex?: 'half' }

interface Body {
  readonly content: Uint8Array | ReadableStream<Uint8Array>
  /** Known in bytes, or not. */
  readonly length: number | undefined
  readonly type: string | null
}

/** Fetch Standard §2.2.1: these are written in capitals, whatever the caller wrote; other methods are kept as they are. */
const normalized = /^(?:delete|get|head|options|post|put)$/i
/** RFC 9110 §5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]+$/

/**
 * Reads the arguments of a fetch, as `new Request` does where a request of HTTP/2 has the same things.
 * @throws TypeError for arguments that the Fetch Standard refuses. @throws UsageError for a URL of another origin.
 */
export function outgoingRequest(
  platform: Platform,
  origin: string,
  input: string | URL | Request,
  init: FetchInit,
): OutgoingRequest {
  const request = input instanceof Request ? input : undefined
  const url = new URL(request?.url ?? (input as string | URL), origin)
  const base = new URL(origin)
  if (url.origin !== base.origin) {
    throw new UsageError(`this connection reaches ${base.origin}, not ${url.origin}`, 'RFC 9113 §10.1')
  }
  // Fetch Standard §5.4: they would end up in logs and Referer fields.
  if (url.username !== '' || url.password !== '') throw new TypeError('a fetched URL has no user name or password')
  const method = methodOf(init.method ?? request?.method ?? 'GET')
  const headers = new Headers(init.headers ?? request?.headers)
  const body = bodyOf(platform, init, request)
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) throw new TypeError(`${method} has no body`)
  return {
    method,
    url,
    fields: requestFields(method, url, headers, body),
    body: body?.content,
    signal: (init.signal === undefined ? request?.signal : init.signal) ?? undefined,
    refusesRedirect: (init.redirect ?? request?.redirect) === 'error',
  }
}

function methodOf(given: string): string {
  const method = normalized.test(given) ? given.toUpperCase() : given
  if (!token.test(method) || /^(?:connect|trace|track)$/i.test(method)) throw new TypeError(`${given} can't be fetched`)
  return method
}

/** The field section: what speaks about the target first. RFC 9113 §8.3. */
function requestFields(method: string, url: URL, headers: Headers, body: Body | undefined): FieldInput[] {
  // RFC 9113 §8.3.1: `:authority` says what `host` did, so a caller who names a host means it.
  const authority = headers.get('host') ?? url.host
  const fields: FieldInput[] = [
    { name: ':method', value: method },
    { name: ':scheme', value: url.protocol.slice(0, -1) },
    { name: ':authority', value: authority },
    { name: ':path', value: url.pathname + url.search },
  ]
  // The body decides its length, and is sent without waiting for a 100.
  for (const name of ['host', 'content-length', 'expect']) headers.delete(name)
  if (!headers.has('accept')) headers.set('accept', '*/*')
  if (body !== undefined && body.type !== null && !headers.has('content-type')) headers.set('content-type', body.type)
  appendHeaders(fields, headers)
  // RFC 9110 §8.6: methods that mean something by a body say that there is none.
  const length = body === undefined ? (method === 'POST' || method === 'PUT' ? 0 : undefined) : body.length
  if (length !== undefined) fields.push({ name: 'content-length', value: String(length) })
  return fields
}

/** Fetch Standard §5.2, how each kind of body becomes bytes, a length and a type. */
function bodyOf(platform: Platform, init: FetchInit, request: Request | undefined): Body | undefined {
  const given = init.body
  if (given === undefined || given === null) {
    if (request === undefined || request.body === null || given === null) return undefined
    if (request.bodyUsed || request.body.locked) throw new TypeError('the body of the request is used already')
    return { content: request.body, length: undefined, type: null }
  }
  if (typeof given === 'string') return whole(platform.encodeText(given), 'text/plain;charset=UTF-8')
  if (given instanceof URLSearchParams) {
    return whole(platform.encodeText(given.toString()), 'application/x-www-form-urlencoded;charset=UTF-8')
  }
  // The caller may change its buffer after the call.
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return whole(bytesOf(given).slice(), null)
  if (given instanceof ReadableStream && init.duplex !== 'half') {
    throw new TypeError("a streamed body needs duplex: 'half'")
  }
  // The runtime knows how to write a form, and what a Blob's type is.
  const response = new Response(given)
  if (response.body === null) return undefined
  const length = given instanceof Blob ? given.size : undefined
  return { content: response.body, length, type: response.headers.get('content-type') }
}

function whole(content: Uint8Array, type: string | null): Body {
  return { content, length: content.length, type }
}
