import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../src/runtime/node/index.ts'
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
