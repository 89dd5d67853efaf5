import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import type { Field, FieldInput } from '../../src/hpack/index.ts'
import type { ClientStream } from '../../src/session/index.ts'
import { pair } from './closed-pair.ts'
import { gate, type Pair, settle, text, until, utf8 } from './pair.ts'

const request = (fields: Record<string, string> = {}, extra: FieldInput[] = []): FieldInput[] => [
  ...Object.entries({
    ':method': 'GET',
    ':scheme': 'https',
    ':authority': 'example.test',
    ':path': '/',
    ...fields,
  }).map(([name, value]) => ({ name, value })),
  ...extra,
]

interface Answer {
  stream: ClientStream
  fields: readonly Field[]
  body: Uint8Array
  field(name: string): string | undefined
}

/** Sends a request by hand and reads all of the response. */
async function exchange({ client }: Pair, fields: FieldInput[], body?: Uint8Array): Promise<Answer> {
  const stream = await client.request(fields, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  const answer = await stream.response()
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return {
    stream,
    fields: answer,
    body: Buffer.concat(chunks),
    field: (name) => answer.find((f) => f.name === name)?.value,
  }
}

describe('the request of a fetch handler', () => {
  it('RFC 9113 §8.3.1: has the URL of :scheme, :authority and :path', async () => {
    const seen: string[] = []
    const both = pair({
      fetch: (request) => {
        seen.push(`${request.method} ${request.url}`)
        return new Response(null)
      },
    })
    await exchange(both, request({ ':authority': 'example.test:8443', ':path': '/a/b?c=d%20e' }))
    await exchange(both, request({ ':method': 'OPTIONS', ':path': '*' }))
    await exchange(both, request({ ':method': 'PURGE', ':path': '//not.a.host/x' }))
    expect(seen).toEqual([
      'GET https://example.test:8443/a/b?c=d%20e',
      'OPTIONS https://example.test/*',
      'PURGE https://example.test//not.a.host/x',
    ])
  })

  it.each(['[::1', 'example.test:99999', '%'])(
    'RFC 9113 §8.3.1: the authority %s makes no URL and is answered with 400, and no handler sees it',
    async (authority) => {
      let calls = 0
      const both = pair({
        fetch: () => {
          calls++
          return new Response(null)
        },
      })
      const answer = await exchange(both, request({ ':authority': authority }))
      expect(answer.field(':status')).toBe('400')
      expect(calls).toBe(0)
      expect(both.errors).toEqual([])
    },
  )

  it('RFC 9113 §8.2.3: joins the crumbs of a cookie with a semicolon, other lines with a comma', async () => {
    let headers: Headers | undefined
    const both = pair({
      fetch: (request) => {
        headers = request.headers
        return new Response(null)
      },
    })
    const crumbs = ['a=1', 'b=2', 'c=3'].map((value) => ({ name: 'cookie', value }))
    const lines = ['x', 'y'].map((value) => ({ name: 'x-list', value }))
    await exchange(both, request({}, [crumbs[0], lines[0], crumbs[1], lines[1], crumbs[2]]))
    expect(headers?.get('cookie')).toBe('a=1; b=2; c=3')
    expect(headers?.get('x-list')).toBe('x, y')
    expect([...(headers ?? [])].some(([name]) => name.startsWith(':'))).toBe(false)
  })

  it('carries every octet of a value', async () => {
    const value = `\x21\x7e\x80\xe9\xff`
    const both = pair({
      fetch: (request) => new Response(null, { headers: { 'x-back': request.headers.get('x-to')! } }),
    })
    expect((await exchange(both, request({ 'x-to': value }))).field('x-back')).toBe(value)
  })

  it('RFC 9113 §8.1: has no body when HEADERS ended the stream, and one otherwise', async () => {
    const bodies: (ReadableStream | null)[] = []
    const both = pair({
      fetch: (request) => {
        bodies.push(request.body)
        return new Response(null)
      },
    })
    await exchange(both, request({ ':method': 'POST' }))
    await exchange(both, request({ ':method': 'POST' }), utf8('x'))
    expect(bodies[0]).toBeNull()
    expect(bodies[1]).toBeInstanceOf(ReadableStream)
  })

  it('RFC 9113 §5.2: a body nobody reads holds the client to its window, then a late reader gets all of it', async () => {
    const turn = gate()
    let length = 0
    const both = pair({
      fetch: async (request) => {
        await turn.promise
        length = (await request.arrayBuffer()).byteLength
        return new Response(null)
      },
    })
    const stream = await both.client.request(request({ ':method': 'POST' }))
    const size = 1_000_000
    stream.end(new Uint8Array(size))
    await settle(20)
    expect(stream.queuedBytes).toBeGreaterThan(500_000)
    turn.open()
    await stream.response()
    expect(length).toBe(size)
  })

  it('is read chunk by chunk, with credit only for what was read', async () => {
    const hashes: number[] = []
    const both = pair({
      fetch: async (request) => {
        let sum = 0
        let count = 0
        for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
          for (const byte of chunk) sum = (sum * 31 + byte) >>> 0
          count += chunk.length
          if (count % 3 === 0) await settle(1)
        }
        hashes.push(sum, count)
        return new Response(null)
      },
    })
    const data = Uint8Array.from({ length: 777_777 }, (_, i) => (i * 7919) >>> 3)
    const expected = data.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0)
    await exchange(both, request({ ':method': 'PUT' }), data)
    expect(hashes).toEqual([expected, data.length])
  })

  it('RFC 9110 §10.1.1: Expect: 100-continue is answered when the body is first read, not before', async () => {
    const turn = gate()
    const both = pair({
      fetch: async (request) => {
        await turn.promise
        return new Response(await request.text())
      },
    })
    const stream = await both.client.request(request({ ':method': 'POST', expect: '100-continue' }))
    const informational: string[] = []
    stream.onInformational = (fields) => informational.push(fields[0].value)
    await settle()
    expect(informational).toEqual([])
    turn.open()
    await until(() => informational.length > 0)
    expect(informational).toEqual(['100'])
    stream.end(utf8('after all'))
    await stream.response()
    let body = ''
    for await (const chunk of stream) body += text(chunk)
    expect(body).toBe('after all')
  })

  it('RFC 9113 §5.4.2: a reset aborts request.signal, made late or early, and fails the body', async () => {
    const late = gate<Request>()
    const turn = gate()
    const both = pair({
      fetch: async (request) => {
        late.open(request)
        await turn.promise
        return new Response(null)
      },
    })
    const stream = await both.client.request(request({ ':method': 'POST' }))
    stream.write(utf8('begun'))
    const seen = await late.promise
    const early = seen.signal
    expect(seen.signal).toBe(early)
    expect(early.aborted).toBe(false)
    const reader = seen.body!.getReader()
    expect(text((await reader.read()).value!)).toBe('begun')
    const next = reader.read()
    stream.reset(ErrorCode.CANCEL)
    await expect(next).rejects.toMatchObject({ name: 'StreamError', code: ErrorCode.CANCEL, initiator: 'remote' })
    expect(early.aborted).toBe(true)
    turn.open()
    await settle()
    expect(both.errors).toEqual([])
  })

  it('a body begun and abandoned does not hold the stream after the response', async () => {
    const both = pair({
      fetch: async (request) => {
        const reader = request.body!.getReader()
        await reader.read()
        reader.releaseLock()
        return new Response('enough')
      },
    })
    const stream = await both.client.request(request({ ':method': 'POST' }))
    stream.end(new Uint8Array(2_000_000))
    for await (const _ of stream);
    await until(() => both.server.streamCount === 0 && both.client.streamCount === 0)
    expect(stream.queuedBytes).toBe(0)
  })
})

describe('the response of a fetch handler', () => {
  it('RFC 9110 §8.6: a small body leaves in one go, with its length', async () => {
    for (const body of ['hello', utf8('hello'), new Blob(['hello'])]) {
      const both = pair({ fetch: () => new Response(body as BodyInit) })
      const answer = await exchange(both, request())
      expect(text(answer.body)).toBe('hello')
      expect(answer.field('content-length')).toBe('5')
    }
  })

  it('RFC 9113 §8.2.2: fields about the connection, and those it names, are left out', async () => {
    const headers = {
      connection: 'x-hop',
      'x-hop': '1',
      'keep-alive': '1',
      'transfer-encoding': 'chunked',
      upgrade: 'h2c',
    }
    const both = pair({ fetch: () => new Response('x', { headers: { ...headers, 'x-end': '1', te: 'gzip' } }) })
    const { fields } = await exchange(both, request())
    expect(fields.map(({ name }) => name)).toEqual([':status', 'content-type', 'x-end', 'content-length'])
  })

  it('RFC 9110 §5.3: every set-cookie keeps its own line', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1, b'],
      ['set-cookie', 'c=2'],
      ['x-many', '1'],
      ['x-many', '2'],
    ])
    const both = pair({ fetch: () => new Response(null, { headers }) })
    const { fields } = await exchange(both, request())
    const of = (name: string) => fields.filter((field) => field.name === name).map(({ value }) => value)
    expect(of('set-cookie')).toEqual(['a=1, b', 'c=2'])
    expect(of('x-many')).toEqual(['1, 2'])
  })

  it('RFC 9110 §9.3.2: HEAD gets the fields and no body, which is cancelled', async () => {
    let cancelled = 0
    const body = () => new ReadableStream({ cancel: () => void cancelled++ })
    const both = pair({ fetch: () => new Response(body(), { headers: { 'content-length': '1234' } }) })
    const answer = await exchange(both, request({ ':method': 'HEAD' }))
    expect(answer.field('content-length')).toBe('1234')
    expect(answer.body).toHaveLength(0)
    expect(cancelled).toBe(1)
  })

  it.each([204, 304])('RFC 9110 §6.4.1: %i ends with its fields', async (status) => {
    const both = pair({ fetch: () => new Response(null, { status, headers: { 'content-length': '7', etag: '"1"' } }) })
    const answer = await exchange(both, request())
    expect(answer.field(':status')).toBe(String(status))
    expect(answer.field('etag')).toBe('"1"')
    expect(answer.field('content-length')).toBe(status === 304 ? '7' : undefined)
    expect(answer.body).toHaveLength(0)
  })

  it('a streamed body does not wait for its end, nor the fields for its beginning', async () => {
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(c) {
        controller = c
      },
    })
    const both = pair({ fetch: () => new Response(body) })
    const stream = await both.client.request(request(), { endStream: true })
    await stream.response()
    const iterator = stream[Symbol.asyncIterator]()
    for (const word of ['one', 'two']) {
      controller.enqueue(utf8(word))
      expect(text((await iterator.next()).value)).toBe(word)
    }
    controller.close()
    expect((await iterator.next()).done).toBe(true)
  })

  it('RFC 9113 §5.2: its producer is asked for no more than the client takes', async () => {
    let produced = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          produced += 16_384
          controller.enqueue(new Uint8Array(16_384))
        },
      },
      { highWaterMark: 0 },
    )
    const both = pair({ fetch: () => new Response(body) })
    const stream = await both.client.request(request(), { endStream: true })
    await stream.response()
    await settle(30)
    const held = produced
    expect(held).toBeGreaterThan(65_536)
    expect(held).toBeLessThan(600_000)
    await settle(30)
    expect(produced).toBe(held)
    let read = 0
    for await (const chunk of stream) {
      read += chunk.length
      if (read > 2_000_000) break
    }
    expect(produced).toBeGreaterThan(2_000_000)
  })

  it('RFC 9113 §5.4.2: a reset cancels the body with the StreamError, even while it is silent', async () => {
    const cancelled = gate<unknown>()
    const body = new ReadableStream({ cancel: (reason) => cancelled.open(reason) })
    const both = pair({ fetch: () => new Response(body) })
    const stream = await both.client.request(request(), { endStream: true })
    await stream.response()
    stream.reset(ErrorCode.CANCEL)
    expect(await cancelled.promise).toMatchObject({ code: ErrorCode.CANCEL, initiator: 'remote' })
    expect(both.errors).toEqual([])
  })

  it('a stream gone while the handler works: the body is cancelled, nothing is an error', async () => {
    const turn = gate()
    let cancelled = false
    const both = pair({
      fetch: async () => {
        await turn.promise
        return new Response(
          new ReadableStream({
            cancel() {
              cancelled = true
            },
          }),
        )
      },
    })
    const stream = await both.client.request(request(), { endStream: true })
    await settle()
    stream.reset()
    await settle()
    turn.open()
    await until(() => cancelled)
    expect(both.errors).toEqual([])
  })
})

describe('a fetch handler that fails', () => {
  const boom = new Error('boom')

  it.each([
    [
      'throws',
      () => {
        throw boom
      },
    ],
    ['rejects', () => Promise.reject(boom)],
    ['has a body that fails at once', () => new Response(new ReadableStream({ start: (c) => c.error(boom) }))],
  ])('RFC 9110 §15.6.1: that %s gives 500, and onError hears of it', async (_, handler) => {
    const both = pair({ fetch: handler })
    expect((await exchange(both, request())).field(':status')).toBe('500')
    expect(both.errors).toEqual([boom])
  })

  it.each([
    ['nothing', undefined],
    ['a string', 'hello'],
    ['Response.error()', Response.error()],
  ])('that returns %s gives 500', async (_, result) => {
    const both = pair({ fetch: () => result as Response })
    expect((await exchange(both, request())).field(':status')).toBe('500')
    expect(both.errors).toHaveLength(1)
    expect(both.errors[0]).toBeInstanceOf(TypeError)
  })

  it('RFC 9113 §5.4.2: a body that fails later resets with INTERNAL_ERROR, so that nobody takes it for whole', async () => {
    const turn = gate()
    const body = new ReadableStream({
      async pull(controller) {
        controller.enqueue(utf8('part'))
        await turn.promise
        controller.error(boom)
      },
    })
    const both = pair({ fetch: () => new Response(body) })
    const stream = await both.client.request(request(), { endStream: true })
    await stream.response()
    const iterator = stream[Symbol.asyncIterator]()
    expect(text((await iterator.next()).value)).toBe('part')
    turn.open()
    await expect(iterator.next()).rejects.toMatchObject({ code: ErrorCode.INTERNAL_ERROR })
    expect(both.errors).toEqual([boom])
  })

  it('a body that yields no bytes resets, and its producer is cancelled', async () => {
    let cancelled = false
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue('text')
      },
      cancel() {
        cancelled = true
      },
    })
    const both = pair({ fetch: () => new Response(body) })
    await expect(exchange(both, request())).rejects.toMatchObject({ code: ErrorCode.INTERNAL_ERROR })
    expect(cancelled).toBe(true)
    expect(both.errors).toHaveLength(1)
  })
})

describe('methods that a Request refuses', () => {
  it.each(['CONNECT', 'TRACE'])('RFC 9110 §15.6.2: %s is answered with 501', async (method) => {
    const both = pair({ fetch: () => new Response('no') })
    const fields = request({ ':method': method })
    const sent = method === 'CONNECT' ? fields.filter(({ name }) => name !== ':scheme' && name !== ':path') : fields
    expect((await exchange(both, sent)).field(':status')).toBe('501')
    expect(both.errors).toEqual([])
  })

  it('RFC 9110 §9.3.1: a GET with content is served without it', async () => {
    const both = pair({ fetch: (request) => new Response(String(request.body)) })
    expect(text((await exchange(both, request(), utf8('odd'))).body)).toBe('null')
    await until(() => both.server.streamCount === 0)
  })
})
