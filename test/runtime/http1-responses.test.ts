import { describe, expect, it } from 'vitest'
import { exchangeRaw, start, statuses } from './support/http1.ts'

const OK = [{ name: ':status', value: '200' }]
const bytes = (text: string) => new TextEncoder().encode(text)

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
