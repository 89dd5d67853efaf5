import { describe, expect, it } from 'vitest'
import { type Exchange, openTunnel, type Tunnel, tunnelStreams } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { pair } from './closed-pair.ts'
import { gate, type Pair, settle, text, until, utf8 } from './pair.ts'

/** A tunnel between two of ours: the client's end and the server's. */
async function tunnel(): Promise<{ near: Tunnel; far: Exchange; both: Pair }> {
  const accepted = gate<Exchange>()
  const both = pair({
    connect: {
      pipe: ({ stream }) => {
        stream.respond([{ name: ':status', value: '200' }])
        accepted.open(stream)
      },
    },
  })
  const near = await openTunnel(both.client, { protocol: 'pipe', path: '/', authority: 'example.test' })
  return { near, far: await accepted.promise, both }
}

describe('tunnelStreams', () => {
  it('RFC 8441 §4: bytes go both ways, and each direction ends by itself', async () => {
    const { near, far, both } = await tunnel()
    const client = tunnelStreams(near)
    const server = tunnelStreams(far)
    const writer = client.writable.getWriter()
    const reused = utf8('one')
    await writer.write(reused)
    reused.fill(0)
    await writer.close()
    const got: string[] = []
    for await (const chunk of server.readable) got.push(text(chunk))
    expect(got.join('')).toBe('one')
    const answer = server.writable.getWriter()
    await answer.write(utf8('two'))
    await answer.close()
    const reader = client.readable.getReader()
    expect(text((await reader.read()).value!)).toBe('two')
    expect((await reader.read()).done).toBe(true)
    await until(() => both.server.streamCount === 0)
    expect([both.errors, near.signal.aborted, far.signal.aborted]).toEqual([[], false, false])
  })

  it('RFC 9113 §5.2: who does not read stops the writer', async () => {
    const { near, far } = await tunnel()
    const { readable } = tunnelStreams(near)
    const writer = tunnelStreams(far).writable.getWriter()
    let written = 0
    const piece = new Uint8Array(100_000)
    const writing = (async () => {
      for (; written < 100; written++) await writer.write(piece)
      await writer.close()
    })()
    await settle(20)
    const stopped = written
    expect(stopped).toBeLessThan(20)
    await settle(20)
    expect(written).toBe(stopped)
    let length = 0
    for await (const chunk of readable) length += chunk.length
    await writing
    expect(length).toBe(10_000_000)
  })

  it('RFC 9113 §6.4: a reset fails both streams with the StreamError, whoever reads or writes', async () => {
    const { near, far } = await tunnel()
    const { readable, writable } = tunnelStreams(near)
    const reading = readable.getReader().read()
    const writer = writable.getWriter()
    far.reset(ErrorCode.CONNECT_ERROR)
    await expect(reading).rejects.toMatchObject({ name: 'StreamError', code: ErrorCode.CONNECT_ERROR })
    await expect(writer.closed).rejects.toMatchObject({ code: ErrorCode.CONNECT_ERROR })
    // Made of a tunnel that is over already, they have failed already.
    const late = tunnelStreams(near)
    await expect(late.readable.getReader().read()).rejects.toMatchObject({ code: ErrorCode.CONNECT_ERROR })
    await expect(late.writable.getWriter().closed).rejects.toMatchObject({ code: ErrorCode.CONNECT_ERROR })
  })

  it('RFC 8441 §5: aborting the writable resets the tunnel with CANCEL', async () => {
    const { near, far } = await tunnel()
    const codes: number[] = []
    far.onReset = ({ code }) => codes.push(code)
    await tunnelStreams(near).writable.abort('enough')
    await until(() => codes.length === 1)
    expect(codes).toEqual([ErrorCode.CANCEL])
  })

  it('RFC 8441 §5: cancelling the readable drops what comes; once our own side has ended it resets', async () => {
    const { near, far, both } = await tunnel()
    const { readable, writable } = tunnelStreams(near)
    await readable.cancel()
    far.write(new Uint8Array(1_000_000))
    await until(() => far.queuedBytes === 0)
    const writer = writable.getWriter()
    await writer.write(utf8('still'))
    await writer.close()
    far.onData = () => undefined
    far.end()
    await until(() => both.server.streamCount === 0)
    expect(far.signal.aborted).toBe(false)

    const other = await tunnel()
    const streams = tunnelStreams(other.near)
    await streams.writable.getWriter().close()
    await streams.readable.cancel()
    await until(() => other.both.server.streamCount === 0)
    expect(other.far.signal.reason).toMatchObject({ code: ErrorCode.CANCEL })
  })
})

describe('a plain CONNECT', () => {
  it('RFC 9113 §8.5: has :method and :authority, and goes out before any SETTINGS have come', async () => {
    const seen: string[][] = []
    const both = pair(
      {
        proxy: ({ stream, authority }) => {
          seen.push(stream.fields.map(({ name, value }) => `${name}=${value}`))
          stream.respond([{ name: ':status', value: '200' }])
          stream.end(utf8(authority))
        },
      },
      { extendedConnect: 'off' },
    )
    const made = await openTunnel(both.client, { authority: 'example.org:22', headers: { 'x-a': 'b', host: 'other' } })
    expect(seen).toEqual([[':method=CONNECT', ':authority=example.org:22', 'x-a=b']])
    const got: string[] = []
    made.onData = (data) => void got.push(text(data))
    await until(() => got.join('') === 'example.org:22')
  })

  it.each([
    { authority: 'example.org' },
    { authority: 'example.org:443', path: '/' },
    { authority: 'example.org:443', scheme: 'https' },
    {},
  ])('RFC 9113 §8.5: is refused as %j', async (options) => {
    const both = pair({})
    await expect(openTunnel(both.client, options as never)).rejects.toMatchObject({ name: 'UsageError' })
  })
})
