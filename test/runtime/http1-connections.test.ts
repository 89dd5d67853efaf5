import { describe, expect, it } from 'vitest'
import type { StreamError } from '../../src/runtime/node/index.ts'
import { exchangeRaw, rawClient, start } from './support/http1.ts'

const OK = [{ name: ':status', value: '200' }]
const bytes = (text: string) => new TextEncoder().encode(text)

describe('connections', () => {
  it('RFC 9112 §9.3.2: pipelined requests are handled one after the other and answered in order', async () => {
    let atWork = 0
    let most = 0
    const server = await start({
      async fetch(request) {
        most = Math.max(most, ++atWork)
        await new Promise((resolve) => setTimeout(resolve, request.url.endsWith('/0') ? 20 : 0))
        atWork--
        return new Response(new URL(request.url).pathname + (await request.text()))
      },
    })
    const requests = Array.from(
      { length: 100 },
      (_, i) => `POST /${i} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n!`,
    )
    const client = await rawClient(server, requests.join(''))
    await client.until('/99!')
    client.socket.write('GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const answer = await client.ended
    expect([...answer.matchAll(/\/(\d+)!/g)].map(([, n]) => Number(n))).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    )
    expect(answer.endsWith('/last')).toBe(true)
    expect(most).toBe(1)
  })

  it('RFC 9112 §9.3.2: more requests at once than streams are allowed end the connection', async () => {
    let handled = 0
    const told: string[] = []
    const server = await start({
      limits: { maxConcurrentStreams: 5 },
      onStream(stream) {
        handled++
        stream.onReset = () => void told.push('reset')
      },
    })
    expect(await exchangeRaw(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(6))).toBe('')
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    expect([handled, told]).toEqual([1, ['reset']])
  })

  it('RFC 9112 §8: a client that goes away resets the exchange and aborts its signal', async () => {
    const told: unknown[] = []
    const server = await start({
      onStream(stream) {
        stream.onReset = (error) => told.push(error.initiator)
        stream.signal.addEventListener('abort', () => told.push((stream.signal.reason as StreamError).name))
        stream.onClose = () => told.push('closed')
        stream.respond(OK)
        stream.write(bytes('begun'))
      },
    })
    const controller = new AbortController()
    const response = await fetch(server.url, { signal: controller.signal })
    expect(response.status).toBe(200)
    controller.abort()
    while (told.length < 3) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(told).toEqual(['StreamError', 'transport', 'closed'])
  })

  it('a client that goes away in the midst of its body resets the exchange', async () => {
    const told: string[] = []
    const server = await start({
      onStream(stream) {
        stream.onData = (data) => void told.push(String(data.length))
        stream.onReset = (error) => void told.push(error.message)
      },
    })
    const client = await rawClient(server, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc')
    while (told.length < 1) await new Promise((resolve) => setTimeout(resolve, 1))
    client.socket.resetAndDestroy()
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(told).toEqual(['3', expect.stringContaining('the client closed the connection')])
  })

  it('a reset closes the connection, and is told after the call', async () => {
    const told: unknown[] = []
    const server = await start({
      onStream(stream) {
        stream.onReset = (error) => told.push([error.code, error.initiator])
        stream.onClose = () => told.push('closed')
        stream.respond(OK)
        stream.write(bytes('begun'))
        stream.reset(5)
        stream.reset()
        expect(told).toEqual([])
        expect([stream.write(bytes('x')), stream.writable, stream.outputEnded]).toEqual([false, false, true])
      },
    })
    await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow()
    expect(told).toEqual([[5, 'local'], 'closed'])
  })

  it('a client that does not read holds the response back, and is cut off when it goes on so', async () => {
    const told: unknown[] = []
    const server = await start({
      limits: { writeStallTimeout: 100 },
      onStream(stream) {
        stream.onReset = () => told.push('reset')
        stream.onWritable = () => told.push('writable')
        stream.respond(OK)
        const chunk = new Uint8Array(1_000_000)
        for (let i = 0; i < 20; i++) told.push(stream.write(chunk))
        told.push(stream.queuedBytes > 10_000_000)
        stream.drained().catch(() => told.push('given up'))
      },
    })
    const client = await rawClient(server)
    client.socket.pause()
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    while (told.length < 23) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(told.slice(19)).toEqual([false, true, 'reset', 'given up'])
  })

  it('drained and onWritable tell when there is room again', async () => {
    const told: string[] = []
    const server = await start({
      async onStream(stream) {
        stream.onWritable = () => told.push('writable')
        stream.respond(OK)
        expect(stream.write(new Uint8Array(4_000_000))).toBe(false)
        expect(stream.writable).toBe(false)
        await stream.drained()
        told.push('drained')
        expect(stream.writable).toBe(true)
        stream.end(bytes('.'))
        await expect(stream.drained()).rejects.toThrow('has ended')
      },
    })
    expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(4_000_001)
    expect(told).toEqual(['writable', 'drained'])
  })

  it('a callback that throws cuts the response off, and onError hears', async () => {
    const errors: unknown[] = []
    const server = await start({
      onError: (error) => errors.push((error as Error).message),
      onStream(stream) {
        stream.respond(OK)
        stream.onData = async () => {
          throw new Error('in a callback')
        }
      },
    })
    await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow()
    expect(errors).toEqual(['in a callback'])
  })
})
