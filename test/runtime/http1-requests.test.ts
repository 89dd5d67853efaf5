import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Exchange, StreamError } from '../../src/runtime/node/index.ts'
import { exchangeRaw, later, rawClient, start, statuses } from './support/http1.ts'

const OK = [{ name: ':status', value: '200' }]
const bytes = (text: string) => new TextEncoder().encode(text)
const fieldsOf = (stream: Exchange) => stream.fields.map(({ name, value }) => [name, value])

/** A client of Node's with one connection that it keeps. */
function keeper(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  later(() => agent.destroy())
  return agent
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return text
}

describe('requests of HTTP/1.1 meet the handlers of HTTP/2', () => {
  it('fetch answers fetch, with a body both ways', async () => {
    const server = await start({
      fetch: async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`),
    })
    const response = await fetch(`${server.url}a?b`, { method: 'POST', body: 'body' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toMatch(/^\d+$/)
    expect(await response.text()).toBe(`POST ${server.url}a?b body`)
  })

  it('a megabyte comes back as it was sent, chunk by chunk', async () => {
    const server = await start({ fetch: (request) => new Response(request.body) })
    const body = new Uint8Array(1_000_003).map((_, i) => i % 251)
    const response = await fetch(server.url, { method: 'POST', body })
    expect(response.headers.get('content-length')).toBe(null)
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), body)).toBe(0)
  })

  it('RFC 9113 §8.3.1: a handler sees the fields that HTTP/2 would have, and none of the connection', async () => {
    let seen: string[][] = []
    const server = await start({
      onStream(stream) {
        seen = fieldsOf(stream)
        expect([stream.httpVersion, stream.session, stream.id]).toEqual(['1.1', undefined, undefined])
        stream.respond([{ name: ':status', value: '204' }], { endStream: true })
      },
    })
    const answer = await exchangeRaw(
      server,
      'GET /p?q HTTP/1.1',
      'Host: example.test:81',
      'X-One: 1',
      'Cookie: a=b',
      'x-one: 2',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Connection: close, te',
      '',
      '',
    )
    expect(seen).toEqual([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':authority', 'example.test:81'],
      [':path', '/p?q'],
      ['x-one', '1'],
      ['cookie', 'a=b'],
      ['x-one', '2'],
      ['te', 'trailers'],
    ])
    expect(statuses(answer)).toEqual(['204'])
    expect(answer).toMatch(/\r\ndate: /i)
    expect(answer).not.toMatch(/content-length|transfer-encoding/i)
  })

  it.each([
    ['GET http://other.test/x?y HTTP/1.1', 'http', 'other.test', '/x?y'],
    ['GET HTTP://other.test HTTP/1.1', 'http', 'other.test', '/'],
    ['GET http://other.test?y HTTP/1.1', 'http', 'other.test', '/?y'],
    ['OPTIONS http://other.test HTTP/1.1', 'http', 'other.test', '*'],
    ['OPTIONS * HTTP/1.1', 'http', 'h.test', '*'],
    ['GET //x HTTP/1.1', 'http', 'h.test', '//x'],
  ])('RFC 9112 §3.2: the target of %s', async (line, ...expected) => {
    let seen: string[] = []
    const server = await start({
      onStream(stream) {
        seen = stream.fields.slice(1, 4).map(({ value }) => value)
        stream.respond(OK, { endStream: true })
      },
    })
    await exchangeRaw(server, line, 'Host: h.test', 'Connection: close', '', '')
    expect(seen).toEqual(expected)
  })

  it.each([
    ['two hosts', '400', ['GET / HTTP/1.1', 'Host: a', 'Host: a']],
    ['no host', '400', ['GET / HTTP/1.1']],
    ['an empty host', '400', ['GET / HTTP/1.1', 'Host:']],
    ['userinfo in the host', '400', ['GET / HTTP/1.1', 'Host: a@b']],
    ['a fragment in the target', '400', ['GET /a#b HTTP/1.1', 'Host: a']],
    ['an asterisk with GET', '400', ['GET * HTTP/1.1', 'Host: a']],
    ['a target that is no path', '400', ['GET ftp://a/ HTTP/1.1', 'Host: a']],
    ['the scheme of another port', '421', ['GET https://a/ HTTP/1.1', 'Host: a']],
    ['two lengths', '400', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2']],
    ['two framings', '400', ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked']],
    ['an unknown coding', '501', ['POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked']],
    ['a coding in HTTP/1.0', '400', ['POST / HTTP/1.0', 'Transfer-Encoding: chunked']],
    ['a space before the colon', '400', ['GET / HTTP/1.1', 'Host: a', 'x : y']],
    ['too many lines', '431', ['GET / HTTP/1.1', 'Host: a', ...Array.from({ length: 129 }, (_, i) => `x: ${i}`)]],
    ['too long a line', '431', ['GET / HTTP/1.1', 'Host: a', `x: ${'y'.repeat(70_000)}`]],
  ])('RFC 9112 §3.2, §6.3: %s is answered with %s and the connection closed', async (_name, status, lines) => {
    let handled = 0
    const server = await start({ fetch: () => new Response(String(++handled)) })
    const answer = await exchangeRaw(server, ...lines, '', '')
    expect(statuses(answer)).toEqual([status])
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(handled).toBe(0)
  })

  it('RFC 9112 §3.3: a request of HTTP/1.0 has the name of the address it came to, and no chunks back', async () => {
    const server = await start({ fetch: (request) => new Response(new Blob([request.url]).stream()) })
    const answer = await exchangeRaw(server, 'GET /old HTTP/1.0', '', '')
    expect(answer).not.toMatch(/transfer-encoding/i)
    expect(answer.endsWith(`\r\n\r\nhttp://127.0.0.1:${server.address.port}/old`)).toBe(true)
  })

  it('RFC 9110 §15.6.2: methods that nobody here knows get 501, TRACE and CONNECT among them', async () => {
    const server = await start({ fetch: () => new Response('no') })
    expect(statuses(await exchangeRaw(server, 'TRACE / HTTP/1.1', 'Host: a', 'Connection: close', '', ''))).toEqual([
      '501',
    ])
    const connect = await exchangeRaw(server, 'CONNECT a.test:443 HTTP/1.1', 'Host: a.test:443', '', 'tunnel bytes')
    expect(statuses(connect)).toEqual(['501'])
    expect(connect).toMatch(/\r\nconnection: close\r\n/)
  })

  it('a handler that throws is a 500, and the connection goes on', async () => {
    const errors: unknown[] = []
    const agent = keeper()
    const server = await start({
      onError: (error) => errors.push(error),
      fetch(request) {
        if (request.url.endsWith('/bad')) throw new Error('a mistake')
        return new Response('fine')
      },
    })
    const ask = (path: string) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        httpRequest(`${server.url}${path}`, { agent }, resolve).on('error', reject).end()
      })
    const bad = await ask('bad')
    expect([bad.statusCode, await bodyOf(bad)]).toEqual([500, ''])
    const fine = await ask('')
    expect(await bodyOf(fine)).toBe('fine')
    expect(fine.socket).toBe(bad.socket)
    expect(errors).toMatchObject([{ message: 'a mistake' }])
  })
})

describe('the frame of a response', () => {
  it('RFC 9112 §6.3: HEAD, 204 and 304 have no body, whatever is written', async () => {
    const server = await start({
      onStream(stream) {
        const path = stream.fields.find(({ name }) => name === ':path')!.value
        stream.respond([
          { name: ':status', value: path.slice(1) },
          { name: 'content-length', value: '2' },
        ])
        if (path !== '/200') stream.end()
        else stream.end(bytes('hi'))
      },
    })
    const answer = await exchangeRaw(
      server,
      'HEAD /200 HTTP/1.1\r\nHost: a\r\n',
      'GET /304 HTTP/1.1\r\nHost: a\r\n',
      'GET /204 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    )
    expect(statuses(answer)).toEqual(['200', '304', '204'])
    expect(answer).not.toContain('hi')
    expect(answer.match(/content-length: 2/gi)).toHaveLength(2)
    expect(answer).not.toMatch(/transfer-encoding/i)
  })

  it('RFC 9110 §8.6: what is answered in one turn has its length', async () => {
    const server = await start({
      onStream(stream) {
        stream.respond(OK)
        stream.end(bytes('all of it'))
      },
    })
    const answer = await exchangeRaw(server, 'GET / HTTP/1.1', 'Host: a', 'Connection: close', '', '')
    expect(answer).toMatch(/\r\ncontent-length: 9\r\n/i)
    expect(answer.endsWith('\r\n\r\nall of it')).toBe(true)
    const head = await exchangeRaw(server, 'HEAD / HTTP/1.1', 'Host: a', 'Connection: close', '', '')
    expect(head.endsWith('\r\n\r\n')).toBe(true)
  })

  it('RFC 9112 §7.1: what has no length goes out in chunks, with its trailers behind', async () => {
    const server = await start({
      onStream(stream) {
        stream.respond(OK)
        stream.write(bytes('one'))
        stream.write(bytes('two'))
        stream.sendTrailers([{ name: 'x-sum', value: '6' }])
      },
    })
    const answer = await exchangeRaw(server, 'GET / HTTP/1.1', 'Host: a', 'Connection: close', '', '')
    expect(answer).toMatch(/\r\ntransfer-encoding: chunked\r\n/i)
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('3\r\none\r\n3\r\ntwo\r\n0\r\nx-sum: 6\r\n\r\n')
  })

  it('RFC 9110 §8.6: neither more nor less is sent than content-length has promised', async () => {
    const errors: string[] = []
    const fields = [...OK, { name: 'content-length', value: '4' }]
    const server = await start({
      onError: (error) => errors.push((error as Error).message),
      onStream(stream) {
        expect(() => stream.respond(fields, { endStream: true })).toThrow('no body, but a content-length')
        stream.respond(fields)
        stream.write(bytes('abc'))
        expect(() => stream.write(bytes('de'))).toThrow('more bytes')
        expect(() => stream.sendTrailers([])).toThrow('fewer bytes')
        stream.end()
      },
    })
    await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow()
    expect(errors).toEqual([expect.stringContaining('fewer bytes')])
  })

  it('refuses what may not be sent before anything has changed', async () => {
    const server = await start({
      onStream(stream) {
        expect(() => stream.write(bytes('x'))).toThrow('before the header section')
        expect(() => stream.respond([{ name: 'x', value: 'y' }])).toThrow(':status is missing')
        expect(() => stream.respond([...OK, { name: 'connection', value: 'close' }])).toThrow('connection-specific')
        expect(() => stream.respond([...OK, { name: 'x', value: 'a\r\nb: c' }])).toThrow('CR or LF')
        expect(() => stream.respond([...OK, { name: 'x', value: 'a\u0001' }])).toThrow('control character')
        expect(() => stream.respond([{ name: ':status', value: '100' }], { endStream: true })).toThrow('cannot end')
        expect(stream.responded).toBe(false)
        stream.respond([...OK, { name: 'x', value: 'caf\u00e9' }])
        expect(() => stream.respond(OK)).toThrow('already')
        stream.end(bytes('fine'))
        stream.end()
        expect(() => stream.end(bytes('x'))).toThrow('after the end')
      },
    })
    const response = await fetch(server.url)
    expect([response.headers.get('x'), await response.text()]).toEqual(['caf\u00e9', 'fine'])
  })

  it('RFC 9110 §15.2: interim responses come first, and never to a client of HTTP/1.0', async () => {
    const server = await start({
      onStream(stream) {
        stream.respond([
          { name: ':status', value: '103' },
          { name: 'link', value: '</a.css>; rel=preload' },
        ])
        stream.respond(OK, { endStream: true })
      },
    })
    const answer = await exchangeRaw(server, 'GET / HTTP/1.1', 'Host: a', 'Connection: close', '', '')
    expect(
      answer.startsWith('HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n'),
    ).toBe(true)
    expect(answer).toMatch(/\r\ncontent-length: 0\r\n/i)
    expect(statuses(await exchangeRaw(server, 'GET / HTTP/1.0', '', ''))).toEqual(['200'])
  })

  it('a head without a body yet leaves at once', async () => {
    const release: (() => void)[] = []
    const server = await start({
      onStream(stream) {
        stream.respond(OK)
        release.push(() => stream.end(bytes('late')))
      },
    })
    const response = await fetch(server.url)
    expect(response.status).toBe(200)
    release[0]!()
    expect(await response.text()).toBe('late')
  })
})

describe('the version of a request', () => {
  it.each(['0.9', '2.0'])('RFC 9112 §2.3: HTTP/%s in the words of HTTP/1.1 is 505', async (version) => {
    const server = await start({ fetch: () => new Response('never') })
    expect(statuses(await exchangeRaw(server, `GET / HTTP/${version}\r\nHost: a\r\n\r\n`))).toEqual(['505'])
  })
})

describe('the body of a request', () => {
  it('RFC 9110 §10.1.1: a client that waits for 100 gets it when somebody reads', async () => {
    const server = await start({ fetch: async (request) => new Response(await request.text()) })
    const client = await rawClient(
      server,
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n',
    )
    await client.until('HTTP/1.1 100 Continue\r\n\r\n')
    client.socket.write('body')
    const answer = await client.ended
    expect(statuses(answer)).toEqual(['100', '200'])
    expect(answer.endsWith('body')).toBe(true)
  })

  it('RFC 9112 §9.3: a connection goes on after a 100 and the body that it asked for', async () => {
    const server = await start({ fetch: async (request) => new Response(await request.text()) })
    const client = await rawClient(
      server,
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    )
    await client.until('HTTP/1.1 100 Continue\r\n\r\n')
    client.socket.write('bodyGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(statuses(await client.ended)).toEqual(['100', '200', '200'])
  })

  it('RFC 9110 §10.1.1: who answers without reading gets no body, and the connection ends', async () => {
    const server = await start({ fetch: () => new Response('no', { status: 403 }) })
    const answer = await exchangeRaw(
      server,
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
    )
    expect(statuses(answer)).toEqual(['403'])
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
  })

  it('RFC 9112 §7.1.2: the trailer section is told before the end', async () => {
    const told: unknown[] = []
    const server = await start({
      onStream(stream) {
        stream.onTrailers = (fields) => told.push(fields.map(({ name, value }) => `${name}: ${value}`))
        stream.onData = (data, endStream) => {
          told.push(data.length)
          if (!endStream) return
          expect(stream.trailers).toHaveLength(1)
          stream.respond(OK, { endStream: true })
        }
      },
    })
    await exchangeRaw(
      server,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n',
      '3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n',
    )
    expect(told).toEqual([3, ['x-sum: 3'], 0])
  })

  it('who pauses holds the client back, and gets the rest when he goes on', async () => {
    const size = 8_000_000
    let paused: Exchange | undefined
    const server = await start({
      onStream(stream) {
        let seen = 0
        stream.onData = (data, endStream) => {
          seen += data.length
          if (paused === undefined) {
            paused = stream
            stream.pause()
          }
          if (!endStream) return
          stream.respond(OK)
          stream.end(bytes(String(seen)))
        }
      },
    })
    const client = await rawClient(
      server,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`,
    )
    client.socket.write(new Uint8Array(size))
    while (paused === undefined) await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(client.socket.writableLength).toBeGreaterThan(0)
    paused.resume()
    expect((await client.ended).endsWith(`\r\n\r\n${size}`)).toBe(true)
  })

  it('can be iterated, as a stream of HTTP/2 can', async () => {
    const server = await start({
      async onStream(stream) {
        let text = ''
        for await (const chunk of stream) text += Buffer.from(chunk).toString()
        expect(() => stream[Symbol.asyncIterator]()).toThrow('read already')
        stream.respond(OK)
        stream.end(bytes(text.toUpperCase()))
      },
    })
    expect(await (await fetch(server.url, { method: 'POST', body: 'abc'.repeat(40_000) })).text()).toBe(
      'ABC'.repeat(40_000),
    )
    expect(await (await fetch(server.url)).text()).toBe('')
  })

  it('a request without a body has ended when it arrives, and whoever reads is told', async () => {
    const told: unknown[] = []
    const server = await start({
      onStream(stream) {
        expect(stream.inputEnded).toBe(true)
        stream.onData = (data, endStream) => void told.push([data.length, endStream])
        stream.onClose = () => told.push('closed')
        setTimeout(() => stream.respond(OK, { endStream: true }), 5)
      },
    })
    await (await fetch(server.url)).text()
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(told).toEqual([[0, true], 'closed'])
  })
})

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
