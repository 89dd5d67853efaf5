import { describe, expect, it } from 'vitest'
import { fetchOver } from '../../src/api/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import type { ServerStream } from '../../src/session/index.ts'
import { driven, ok, recorder } from './driven.ts'
import { origin, settle, text, utf8 } from './pair.ts'

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
