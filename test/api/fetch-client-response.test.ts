import { describe, expect, it } from 'vitest'
import { fetchOver } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import type { ServerStream } from '../../src/session/index.ts'
import { driven, ok } from './driven.ts'
import { origin, settle, text, until, utf8 } from './pair.ts'

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
