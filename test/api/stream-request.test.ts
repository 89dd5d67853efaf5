import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import type { ClientStream } from '../../src/session/index.ts'
import { pair } from './closed-pair.ts'
import { gate, settle, utf8 } from './pair.ts'

const fields = (method: string, extra: FieldInput[] = [], authority = 'Example.test:443'): FieldInput[] => [
  { name: ':method', value: method },
  { name: ':scheme', value: authority.startsWith('127.') ? 'http' : 'https' },
  { name: ':authority', value: authority },
  { name: ':path', value: '/a/../b?c=d%20e' },
  ...extra,
]

/** Sends a request with `body`, if given, and lets `use` have the `Request` that comes of it. */
async function given<T>(
  method: string,
  body: string | undefined,
  use: (request: Request) => T | Promise<T>,
  extra: FieldInput[] = [],
  authority?: string,
): Promise<T> {
  const seen = gate<T>()
  const both = pair({
    fetch: async (request) => {
      seen.open(await use(request))
      return new Response(null)
    },
  })
  const stream = await both.client.request(fields(method, extra, authority), { endStream: body === undefined })
  if (body !== undefined) stream.end(utf8(body))
  const used = await seen.promise
  await stream.response()
  expect(both.errors).toEqual([])
  return used
}

/** Everything that a `Request` answers, but for what it can answer only once. */
const told = (request: Request) => ({
  method: request.method,
  url: request.url,
  headers: [...request.headers],
  mode: request.mode,
  redirect: request.redirect,
  credentials: request.credentials,
  cache: request.cache,
  referrer: request.referrer,
  keepalive: request.keepalive,
  duplex: (request as Request & { duplex: string }).duplex,
  bodyUsed: request.bodyUsed,
  hasBody: request.body !== null,
  text: Object.prototype.toString.call(request),
})

describe('a Request that is made of a stream', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'get'])(
    'RFC 9110 §9: %s answers what a native Request answers',
    async (method) => {
      const seen = await given(method, undefined, told, [{ name: 'x-one', value: 'two' }])
      const native = new Request('https://Example.test:443/a/../b?c=d%20e', { method, headers: { 'x-one': 'two' } })
      expect(seen).toEqual(told(native))
    },
  )

  it('is an instance of Request, and one object for who asks twice', async () => {
    const parts = (request: Request) => [request.headers, request.body, request.signal]
    await given('POST', 'x', (request) => {
      expect(request).toBeInstanceOf(Request)
      const first = parts(request)
      for (const [i, part] of parts(request).entries()) expect(part).toBe(first[i])
    })
  })

  it('can be cloned, before its body is read', async () => {
    const texts = await given('POST', 'twice', async (request) => {
      const copy = request.clone()
      return [await request.text(), await copy.text(), copy.url, copy.method]
    })
    expect(texts).toEqual(['twice', 'twice', 'https://example.test/b?c=d%20e', 'POST'])
  })

  it('can be made another Request of, with the changes of its headers, and is used up by it', async () => {
    const seen = await given('PUT', 'once', async (request) => {
      request.headers.set('x-late', '1')
      const other = new Request(request, { headers: [...request.headers, ['x-later', '2']] })
      return [await other.text(), other.headers.get('x-late'), other.headers.get('x-later'), request.bodyUsed]
    })
    expect(seen).toEqual(['once', '1', '2', true])
  })

  it('can be fetched as it is', async () => {
    const server = createServer((request, response) => request.pipe(response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const answer = await given(
      'POST',
      'there and back',
      async (request) => (await fetch(request)).text(),
      [],
      authority,
    )
    expect(answer).toBe('there and back')
    server.close()
  })

  it.each(['json', 'text', 'arrayBuffer', 'blob', 'formData'] as const)('is read by %s()', async (way) => {
    const form = way === 'formData'
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const read = await given(
      'POST',
      form ? 'a=1' : '{"a":"1"}',
      async (request) => {
        const got: unknown = await request[way]()
        if (got instanceof FormData) return got.get('a')
        if (got instanceof Blob) return JSON.parse(await got.text()).a
        if (got instanceof ArrayBuffer) return JSON.parse(Buffer.from(got).toString()).a
        return typeof got === 'string' ? JSON.parse(got).a : (got as { a: string }).a
      },
      [{ name: 'content-type', value: type }],
    )
    expect(read).toBe('1')
  })

  it('RFC 9113 §5.4.2: a body that is asked for only after the reset fails with its error', async () => {
    const arrived = gate<Request>()
    const both = pair({
      fetch: (request) => {
        arrived.open(request)
        return new Promise<Response>(() => {})
      },
    })
    const stream: ClientStream = await both.client.request(fields('POST'))
    stream.write(utf8('begun'))
    const request = await arrived.promise
    stream.reset(ErrorCode.CANCEL)
    await settle()
    await expect(request.text()).rejects.toMatchObject({ name: 'StreamError', code: ErrorCode.CANCEL })
    expect(request.signal.aborted).toBe(true)
  })
})
