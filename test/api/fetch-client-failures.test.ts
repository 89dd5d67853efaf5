import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { fetchOver } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import type { ServerStream } from '../../src/session/index.ts'
import { rawPair } from './closed-pair.ts'
import { driven, ok, recorder } from './driven.ts'
import { gate, origin, settle, until, utf8 } from './pair.ts'

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
