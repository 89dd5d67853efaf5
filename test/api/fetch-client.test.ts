import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { fetchOver } from '../../src/api/index.ts'
import { ErrorCode, UsageError } from '../../src/errors/index.ts'
import type { ServerStream } from '../../src/session/index.ts'
import { rawPair } from './closed-pair.ts'
import { gate, origin, type Pair, settle, text, until, utf8 } from './pair.ts'

/** A client, and a server that is driven by hand. */
function driven(onStream: (stream: ServerStream) => void): Pair {
  const errors: unknown[] = []
  return { ...rawPair(onStream, errors), errors }
}

const ok = [{ name: ':status', value: '200' }]

/** Answers 200 with an empty body and keeps what the request was. */
function recorder(): { both: Pair; seen: { fields: Record<string, string>; body: string }[] } {
  const seen: { fields: Record<string, string>; body: string }[] = []
  const both = driven(async (stream) => {
    const fields = Object.fromEntries(stream.fields.map(({ name, value }) => [name, value]))
    let body = ''
    if (!stream.inputEnded) for await (const chunk of stream) body += text(chunk)
    seen.push({ fields, body })
    stream.respond(ok, { endStream: true })
  })
  return { both, seen }
}

describe('the request of fetchOver', () => {
  it('RFC 9113 §8.3.1: resolves against the origin, fragment left out', async () => {
    const { both, seen } = recorder()
    const response = await fetchOver(both.client, origin, '/a?b#c', { headers: { 'X-Upper': '1' } })
    expect(seen[0].fields).toEqual({
      ':method': 'GET',
      ':scheme': 'https',
      ':authority': 'example.test',
      ':path': '/a?b',
      accept: '*/*',
      'x-upper': '1',
    })
    expect(response.url).toBe(`${origin}/a?b`)
    expect(response.body).toBeNull()
  })

  it('RFC 9113 §8.3.1: a host header becomes :authority', async () => {
    const { both, seen } = recorder()
    await fetchOver(both.client, origin, '/', { headers: { host: 'other.test' } })
    expect(seen[0].fields[':authority']).toBe('other.test')
    expect(seen[0].fields.host).toBeUndefined()
  })

  it('RFC 9113 §8.2.2: fields about the connection are left out', async () => {
    const { both, seen } = recorder()
    const headers = {
      connection: 'x-hop',
      'x-hop': '1',
      'transfer-encoding': 'chunked',
      te: 'gzip',
      expect: '100-continue',
    }
    await fetchOver(both.client, origin, '/', { headers: { ...headers, 'content-length': '99' } })
    expect(Object.keys(seen[0].fields).filter((name) => !name.startsWith(':'))).toEqual(['accept'])
  })

  it.each([
    ['a string', 'grüße', 'grüße', 'text/plain;charset=UTF-8', '7'],
    ['bytes', utf8('bytes'), 'bytes', undefined, '5'],
    ['a view', new DataView(utf8('xviewx').buffer as ArrayBuffer, 1, 4), 'view', undefined, '4'],
    [
      'URLSearchParams',
      new URLSearchParams({ a: '1 2' }),
      'a=1+2',
      'application/x-www-form-urlencoded;charset=UTF-8',
      '5',
    ],
    ['a Blob', new Blob(['blob'], { type: 'x/y' }), 'blob', 'x/y', '4'],
  ])('RFC 9110 §8.6: sends %s with its type and length', async (_, body, expected, type, length) => {
    const { both, seen } = recorder()
    await fetchOver(both.client, origin, '/', { method: 'post', body: body as string })
    expect(seen[0].body).toBe(expected)
    expect(seen[0].fields[':method']).toBe('POST')
    expect(seen[0].fields['content-type']).toBe(type)
    expect(seen[0].fields['content-length']).toBe(length)
  })

  it('sends a form with its boundary', async () => {
    const { both, seen } = recorder()
    const form = new FormData()
    form.append('name', 'value')
    await fetchOver(both.client, origin, '/', { method: 'POST', body: form })
    const boundary = /boundary=(.+)$/.exec(seen[0].fields['content-type'])?.[1]
    expect(seen[0].body).toContain(`--${boundary}`)
    expect(seen[0].body).toContain('name="name"')
  })

  it('RFC 9110 §8.6: POST and PUT without a body say so', async () => {
    const { both, seen } = recorder()
    for (const method of ['POST', 'PUT', 'DELETE']) await fetchOver(both.client, origin, '/', { method })
    expect(seen.map(({ fields }) => fields['content-length'])).toEqual(['0', '0', undefined])
  })

  it('takes a Request, its own init over it', async () => {
    const { both, seen } = recorder()
    const request = new Request(`${origin}/r`, { method: 'PUT', body: 'from it', headers: { a: '1', b: '2' } })
    await fetchOver(both.client, origin, request, { headers: { c: '3' } })
    expect(seen[0].fields).toMatchObject({ ':method': 'PUT', ':path': '/r', c: '3' })
    expect(seen[0].fields.a).toBeUndefined()
    expect(seen[0].body).toBe('from it')
    await expect(fetchOver(both.client, origin, request)).rejects.toBeInstanceOf(TypeError)
  })

  it.each([
    ['another origin', 'https://elsewhere.test/', {}, UsageError],
    ['a user name', 'https://me@example.test/', {}, TypeError],
    ['CONNECT', '/', { method: 'connect' }, TypeError],
    ['a method that is no token', '/', { method: 'A B' }, TypeError],
    ['a GET with a body', '/', { body: 'x' }, TypeError],
    ['a stream without duplex', '/', { method: 'POST', body: new ReadableStream() }, TypeError],
  ])('refuses %s, and sends nothing', async (_, input, init, kind) => {
    const { both, seen } = recorder()
    await expect(fetchOver(both.client, origin, input, init as RequestInit)).rejects.toBeInstanceOf(kind)
    expect(both.client.streamCount).toBe(0)
    expect(seen).toEqual([])
  })

  it('a buffer changed after the call is sent as it was', async () => {
    const { both, seen } = recorder()
    const bytes = utf8('as it was')
    const done = fetchOver(both.client, origin, '/', { method: 'POST', body: bytes as BodyInit })
    bytes.fill(0)
    await done
    expect(seen[0].body).toBe('as it was')
  })

  it('RFC 9113 §8.1: bodies stream both ways at once', async () => {
    const both = driven((stream) => {
      stream.respond(ok)
      stream.onData = (data, endStream) => {
        stream.write(data.slice())
        if (endStream) stream.end()
      }
    })
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(c) {
        controller = c
      },
    })
    const response = await fetchOver(both.client, origin, '/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    const reader = response.body!.getReader()
    for (const word of ['one', 'two', 'three']) {
      controller.enqueue(utf8(word))
      expect(text((await reader.read()).value!)).toBe(word)
    }
    controller.close()
    expect((await reader.read()).done).toBe(true)
  })

  it('RFC 9113 §5.2: an upload waits for the server to take it', async () => {
    const streams: ServerStream[] = []
    const both = driven((stream) => void streams.push(stream))
    let produced = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(c) {
          produced += 16_384
          c.enqueue(new Uint8Array(16_384))
          if (produced >= 3_000_000) c.close()
        },
      },
      { highWaterMark: 0 },
    )
    const done = fetchOver(both.client, origin, '/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    await settle(30)
    expect(produced).toBeGreaterThan(65_536)
    expect(produced).toBeLessThan(600_000)
    let received = 0
    for await (const chunk of streams[0]) received += chunk.length
    expect(received).toBe(produced)
    streams[0].respond(ok, { endStream: true })
    expect((await done).status).toBe(200)
  })
})

describe('the response of fetchOver', () => {
  it('has status, headers and each set-cookie', async () => {
    const both = driven((stream) => {
      stream.respond([{ name: ':status', value: '103' }])
      const cookies = ['a=1', 'b=2'].map((value) => ({ name: 'set-cookie', value }))
      stream.respond([{ name: ':status', value: '404' }, { name: 'x-y', value: 'z\xff' }, ...cookies])
      stream.end(utf8('gone'))
    })
    const response = await fetchOver(both.client, origin, '/')
    expect(response.status).toBe(404)
    expect(response.ok).toBe(false)
    expect(response.headers.get('x-y')).toBe('z\xff')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await response.text()).toBe('gone')
  })

  it.each([
    ['HEAD', '200'],
    ['GET', '204'],
    ['GET', '205'],
    ['GET', '304'],
  ])('RFC 9110 §6.4.1: %s answered with %s has no body, and none is waited for', async (method, status) => {
    const streams: ServerStream[] = []
    const both = driven((stream) => {
      streams.push(stream)
      stream.respond([{ name: ':status', value: status }])
    })
    const response = await fetchOver(both.client, origin, '/', { method })
    expect(response.status).toBe(Number(status))
    expect(response.body).toBeNull()
    streams[0].end()
    await until(() => both.client.streamCount === 0)
  })

  it('RFC 9113 §8.1: trailers end a body', async () => {
    const both = driven((stream) => {
      stream.respond(ok)
      stream.write(utf8('body'))
      stream.sendTrailers([{ name: 'x-sum', value: '1' }])
    })
    const response = await fetchOver(both.client, origin, '/')
    expect(await response.text()).toBe('body')
  })

  it('RFC 9113 §5.2: a body nobody reads holds the server back, and is whole when read late', async () => {
    const streams: ServerStream[] = []
    const data = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 31) >>> 2)
    const both = driven((stream) => {
      streams.push(stream)
      stream.respond(ok)
      stream.end(data.slice())
    })
    const response = await fetchOver(both.client, origin, '/')
    await settle(30)
    expect(streams[0].queuedBytes).toBeGreaterThan(1_000_000)
    const body = new Uint8Array(await response.arrayBuffer())
    expect(Buffer.compare(body, data)).toBe(0)
  })

  it('RFC 9113 §5.2: a reader that stops holds the server back too, and loses nothing', async () => {
    const streams: ServerStream[] = []
    const both = driven((stream) => {
      streams.push(stream)
      stream.respond(ok)
      stream.end(new Uint8Array(3_000_000))
    })
    const response = await fetchOver(both.client, origin, '/')
    const reader = response.body!.getReader()
    let length = (await reader.read()).value!.length
    await settle(30)
    expect(streams[0].queuedBytes).toBeGreaterThan(2_000_000)
    for (let read = await reader.read(); !read.done; read = await reader.read()) length += read.value.length
    expect(length).toBe(3_000_000)
  })

  it('a reader may bring its own buffer, and learns of an end that comes by itself', async () => {
    const streams: ServerStream[] = []
    const both = driven((stream) => {
      streams.push(stream)
      stream.respond(ok)
      stream.write(utf8('0123456789'))
    })
    const response = await fetchOver(both.client, origin, '/')
    const reader = response.body!.getReader({ mode: 'byob' })
    let got = ''
    while (got.length < 10) got += text((await reader.read(new Uint8Array(4))).value!)
    expect(got).toBe('0123456789')
    const last = reader.read(new Uint8Array(4))
    await settle()
    streams[0].end()
    expect((await last).done).toBe(true)
  })

  it('RFC 9113 §5.4.2: cancelling the body resets the stream with CANCEL and nothing else', async () => {
    const codes: number[] = []
    const both = driven((stream) => {
      stream.onReset = ({ code }) => codes.push(code)
      stream.respond(ok)
      stream.write(utf8('begun'))
    })
    const response = await fetchOver(both.client, origin, '/')
    await response.body!.cancel()
    await until(() => codes.length > 0)
    expect(codes).toEqual([ErrorCode.CANCEL])
    expect(both.client.state).toBe('open')
    expect(both.errors).toEqual([])
  })

  it('RFC 9113 §8.1: NO_ERROR after a whole response stops the upload and spares the response', async () => {
    let cancelled = false
    const both = driven((stream) => {
      stream.respond(ok)
      stream.end(utf8('enough'))
      setImmediate(() => stream.reset(ErrorCode.NO_ERROR))
    })
    const body = new ReadableStream({
      cancel() {
        cancelled = true
      },
    })
    const response = await fetchOver(both.client, origin, '/', { method: 'POST', body, duplex: 'half' } as RequestInit)
    await settle()
    expect(await response.text()).toBe('enough')
    await until(() => cancelled)
  })

  it('follows no redirect, and refuses one when told so', async () => {
    const both = driven((stream) =>
      stream.respond(
        [
          { name: ':status', value: '302' },
          { name: 'location', value: '/next' },
        ],
        { endStream: true },
      ),
    )
    const response = await fetchOver(both.client, origin, '/')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/next'])
    await expect(fetchOver(both.client, origin, '/', { redirect: 'error' })).rejects.toBeInstanceOf(TypeError)
  })

  it('a status that no Response can have is a failure of this request alone', async () => {
    const both = driven((stream) => stream.respond([{ name: ':status', value: '777' }], { endStream: true }))
    await expect(fetchOver(both.client, origin, '/')).rejects.toMatchObject({ name: 'TypeError' })
    expect(both.client.state).toBe('open')
  })
})

describe('a fetch that fails', () => {
  it('RFC 9113 §8.7: rejects with a TypeError whose cause says whether it may be retried', async () => {
    const both = driven((stream) => stream.reset(ErrorCode.REFUSED_STREAM))
    await expect(fetchOver(both.client, origin, '/')).rejects.toMatchObject({
      name: 'TypeError',
      cause: { name: 'StreamError', code: ErrorCode.REFUSED_STREAM, retryable: true },
    })
  })

  it('a reset in the middle of a body fails the reader', async () => {
    const both = driven((stream) => {
      stream.respond(ok)
      stream.write(utf8('part'))
      setImmediate(() => stream.reset(ErrorCode.INTERNAL_ERROR))
    })
    const response = await fetchOver(both.client, origin, '/')
    await expect(response.text()).rejects.toMatchObject({ cause: { code: ErrorCode.INTERNAL_ERROR } })
  })

  it('a connection that is gone rejects, and cancels the body', async () => {
    const both = driven(() => undefined)
    both.client.abort()
    await both.client.closed
    let cancelled = false
    const body = new ReadableStream({
      cancel() {
        cancelled = true
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    await expect(fetchOver(both.client, origin, '/', init)).rejects.toBeInstanceOf(TypeError)
    expect(cancelled).toBe(true)
  })

  it('an upload whose producer fails resets with CANCEL and rejects with its error as cause', async () => {
    const codes: number[] = []
    const both = driven((stream) => {
      stream.onReset = ({ code }) => codes.push(code)
    })
    const boom = new Error('boom')
    const body = new ReadableStream({
      pull(controller) {
        controller.error(boom)
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    await expect(fetchOver(both.client, origin, '/', init)).rejects.toMatchObject({ cause: boom })
    await until(() => codes.length > 0)
    expect(codes).toEqual([ErrorCode.CANCEL])
  })

  it('RFC 9113 §5.1.2: waits for a free stream, and gives up the wait on abort', async () => {
    const streams: ServerStream[] = []
    const errors: unknown[] = []
    const both = { ...rawPair((stream) => void streams.push(stream), errors), errors }
    await both.client.ready()
    const first = Array.from({ length: 100 }, () => fetchOver(both.client, origin, '/'))
    const aborter = new AbortController()
    const given = fetchOver(both.client, origin, '/late', { signal: aborter.signal })
    const late = fetchOver(both.client, origin, '/later')
    await settle()
    expect(streams).toHaveLength(100)
    aborter.abort('enough')
    await expect(given).rejects.toBe('enough')
    for (const stream of streams) stream.respond(ok, { endStream: true })
    await Promise.all(first)
    await until(() => streams.length === 101)
    streams[100].respond(ok, { endStream: true })
    expect((await late).url).toBe(`${origin}/later`)
  })
})

describe('a fetch that waited for its stream', () => {
  it.each(['refused', 'answered'])(
    'RFC 9113 §5.1.2: hears that it was %s in the very turn in which it was sent',
    async (how) => {
      const streams: ServerStream[] = []
      const errors: unknown[] = []
      const onStream = (stream: ServerStream) => {
        streams.push(stream)
        if (streams.length <= 100) return
        if (how === 'refused') stream.reset(ErrorCode.REFUSED_STREAM)
        else stream.respond(ok, { endStream: true })
      }
      const both = { ...rawPair(onStream, errors, { schedule: (task) => task() }), errors }
      await both.client.ready()
      const first = Array.from({ length: 100 }, () => fetchOver(both.client, origin, '/').catch(() => undefined))
      const late = fetchOver(both.client, origin, '/late')
      await until(() => streams.length === 100)
      streams[0].reset(ErrorCode.CANCEL)
      if (how === 'answered') expect((await late).status).toBe(200)
      else await expect(late).rejects.toMatchObject({ cause: { code: ErrorCode.REFUSED_STREAM } })
      both.client.abort()
      await Promise.all(first)
    },
  )
})

describe('aborting a fetch', () => {
  it('before it began sends nothing', async () => {
    const { both, seen } = recorder()
    const reason = new Error('no')
    await expect(fetchOver(both.client, origin, '/', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(both.client.streamCount).toBe(0)
    expect(seen).toEqual([])
  })

  it.each(['before', 'in'])(
    'RFC 9113 §5.4.2: %s the response resets with CANCEL, the connection goes on',
    async (when) => {
      const codes: number[] = []
      const arrived = gate()
      const both = driven((stream) => {
        stream.onReset = ({ code }) => codes.push(code)
        if (when === 'in') stream.respond(ok)
        arrived.open()
      })
      const aborter = new AbortController()
      const done = fetchOver(both.client, origin, '/', { signal: aborter.signal })
      done.catch(() => undefined)
      await arrived.promise
      const reading = when === 'in' ? (await done).text() : done
      aborter.abort()
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
      await until(() => codes.length > 0)
      expect(codes).toEqual([ErrorCode.CANCEL])
      expect(await both.client.ping()).toBeGreaterThanOrEqual(0)
      expect(both.errors).toEqual([])
    },
  )

  it('after the end changes nothing', async () => {
    const both = driven((stream) => {
      stream.respond(ok)
      stream.end(utf8('all of it'))
    })
    const aborter = new AbortController()
    const response = await fetchOver(both.client, origin, '/', { signal: aborter.signal })
    expect(await response.text()).toBe('all of it')
    await until(() => both.client.streamCount === 0)
    expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0)
    aborter.abort()
    await settle()
    expect(both.errors).toEqual([])
  })
})
