import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import { Bench, fields, GET, OK, POST, request } from './support.ts'
import { CLIENT, END_STREAM, SERVER, streamFault } from './wire-case.ts'

type Lines = readonly FieldInput[]
const plus = (lines: Lines, name: string, value: string): Lines => [...lines, { name, value }]
const without = (lines: Lines, ...names: string[]): Lines => lines.filter(({ name }) => !names.includes(name))
const changed = (lines: Lines, name: string, value: string): Lines =>
  lines.map((entry) => (entry.name === name ? { name, value } : entry))

/** Field lines that make any message malformed. */
const badLines: readonly (readonly [why: string, name: string, value: string])[] = [
  ['§8.2.1: an upper-case letter in a name', 'X-Upper', 'a'],
  ['§8.2.1: a space in a name', 'x y', 'a'],
  ['§8.2.1: a control character in a name', 'x\x01', 'a'],
  ['§8.2.1: DEL in a name', 'x\x7f', 'a'],
  ['§8.2.1: an octet above 0x7f in a name', 'x\xe9', 'a'],
  ['§8.2.1: a colon within a name', 'x:y', 'a'],
  ['§8.2.1: an empty name', '', 'a'],
  ['§8.2.1: NUL in a value', 'x', 'a\0b'],
  ['§8.2.1: LF in a value', 'x', 'a\nb'],
  ['§8.2.1: CR in a value', 'x', 'a\rb'],
  ['§8.2.1: a space at the start of a value', 'x', ' a'],
  ['§8.2.1: a space at the end of a value', 'x', 'a '],
  ['§8.2.1: a tab at the start of a value', 'x', '\ta'],
  ['§8.2.1: a tab at the end of a value', 'x', 'a\t'],
  ['§8.2.2: Connection', 'connection', 'close'],
  ['§8.2.2: Proxy-Connection', 'proxy-connection', 'close'],
  ['§8.2.2: Keep-Alive', 'keep-alive', '5'],
  ['§8.2.2: Transfer-Encoding', 'transfer-encoding', 'chunked'],
  ['§8.2.2: Upgrade', 'upgrade', 'websocket'],
  ['§8.2.2: TE other than trailers', 'te', 'gzip'],
  ['§8.2.2: TE of more than trailers', 'te', 'trailers, gzip'],
  ['§8.3: an undefined pseudo-header field', ':unknown', 'a'],
  ['§8.3: a pseudo-header field out of place', ':method', 'GET'],
]

const badRequests: readonly (readonly [why: string, lines: Lines])[] = [
  ...badLines.map(([why, name, value]) => [why, plus(plus(GET, 'a', 'b'), name, value)] as const),
  ['§8.3: an undefined pseudo-header field among the others', [{ name: ':proto', value: 'x' }, ...GET]],
  ['§8.3: a pseudo-header field after a regular field', plus(plus(without(GET, ':path'), 'a', 'b'), ':path', '/')],
  ['§8.3: a pseudo-header field after host', plus(plus(without(GET, ':path'), 'host', 'localhost'), ':path', '/')],
  ['§8.3: :status in a request', [{ name: ':status', value: '200' }, ...GET]],
  ['§8.3: :method twice', [{ name: ':method', value: 'GET' }, ...GET]],
  ['§8.3: :path twice', [{ name: ':path', value: '/' }, ...GET]],
  ['§8.3: :scheme twice', [{ name: ':scheme', value: 'http' }, ...GET]],
  ['§8.3: :authority twice', [{ name: ':authority', value: 'localhost' }, ...GET]],
  ['§8.3.1: no :method', without(GET, ':method')],
  ['§8.3.1: no :scheme', without(GET, ':scheme')],
  ['§8.3.1: no :path', without(GET, ':path')],
  ['§8.3.1: an empty :path', changed(GET, ':path', '')],
  ['§8.3.1: a :path that does not begin with a slash', changed(GET, ':path', 'index.html')],
  ['§8.3.1: a :path with a fragment', changed(GET, ':path', '/#top')],
  ['§8.3.1: a :path with a space', changed(GET, ':path', '/a b')],
  ['§8.3.1: asterisk form on GET', changed(GET, ':path', '*')],
  ['§8.3.1: an empty :method', changed(GET, ':method', '')],
  ['§8.3.1: a :method that is no token', changed(GET, ':method', 'GE T')],
  ['§8.3.1: a :scheme that is none', changed(GET, ':scheme', '1http')],
  ['§8.3.1: userinfo in :authority', changed(GET, ':authority', 'user@localhost')],
  ['§8.3.1: neither :authority nor host for http', without(GET, ':authority')],
  ['§8.3.1: an empty :authority for http', changed(GET, ':authority', '')],
  ['§8.3.1: host that differs from :authority', plus(GET, 'host', 'elsewhere')],
  ['§8.3.1: host with another port', plus(GET, 'host', 'localhost:8080')],
  ['RFC 9110 §7.2: host twice', plus(plus(GET, 'host', 'localhost'), 'host', 'localhost')],
  ['RFC 9110 §8.6: content-length that is no number', plus(POST, 'content-length', '-1')],
  ['RFC 9110 §8.6: content-length as a list', plus(POST, 'content-length', '5, 5')],
  ['RFC 9110 §8.6: content-length twice', plus(plus(POST, 'content-length', '0'), 'content-length', '0')],
  ['RFC 8441 §4: :protocol where it was not negotiated', [{ name: ':protocol', value: 'websocket' }, ...GET]],
  ['§8.5: :scheme on CONNECT', fields({ ':method': 'CONNECT', ':scheme': 'https', ':authority': 'localhost:443' })],
  ['§8.5: :path on CONNECT', fields({ ':method': 'CONNECT', ':path': '/', ':authority': 'localhost:443' })],
  ['§8.5: no :authority on CONNECT', fields({ ':method': 'CONNECT' })],
]

const badResponses: readonly (readonly [why: string, lines: Lines])[] = [
  ...badLines.map(([why, name, value]) => [why, plus(plus(OK, 'a', 'b'), name, value)] as const),
  ['§8.3.2: no :status', fields({ server: 'x' })],
  ['§8.3.2: an empty section', []],
  ['§8.3.2: a :status of two digits', fields({ ':status': '20' })],
  ['§8.3.2: a :status of four digits', fields({ ':status': '2000' })],
  ['§8.3.2: a :status that is no number', fields({ ':status': '2x0' })],
  ['§8.3.2: a :status below 100', fields({ ':status': '099' })],
  ['§8.3: :status twice', [...OK, ...OK]],
  ['§8.3: a request’s pseudo-header field in a response', [...OK, { name: ':path', value: '/' }]],
  ['§8.3: :status after a regular field', [{ name: 'a', value: 'b' }, ...OK]],
]

const goodRequests: readonly (readonly [why: string, lines: Lines])[] = [
  ['§8.2.2: TE of trailers', plus(GET, 'te', 'trailers')],
  ['§8.3.1: asterisk form on OPTIONS', request('OPTIONS', '*')],
  ['§8.3.1: host in the place of :authority', plus(without(GET, ':authority'), 'host', 'localhost')],
  ['§8.3.1: host equal to :authority but for case', plus(GET, 'host', 'LOCALHOST')],
  ['§8.3.1: host equal to :authority but for the scheme’s port', plus(GET, 'host', 'localhost:80')],
  ['§8.3.1: host equal to :authority but for an empty port', plus(GET, 'host', 'localhost:')],
  ['§8.3.1: a scheme other than http', plus(without(changed(GET, ':scheme', 'coap+tcp'), ':authority'), 'a', 'b')],
  ['§8.3.1: pseudo-header fields in any order', [...GET].reverse()],
  ['§8.2.1: an empty value', plus(GET, 'x-empty', '')],
  ['§8.2.1: octets above 0x7f in a value, and a tab within', plus(GET, 'x', 'caf\xe9\t\xff')],
  ['§8.2.3: cookie on many lines', plus(plus(GET, 'cookie', 'a=b'), 'cookie', 'c=d')],
  ['§8.2.1: every character a name may have', plus(GET, "!#$%&'*+-.^_`|~0189az", 'x')],
  ['§8.5: CONNECT with :authority alone', fields({ ':method': 'CONNECT', ':authority': 'localhost:443' })],
  ['RFC 9110 §9.1: a method nobody knows', changed(GET, ':method', 'Brew-1')],
  ['a name that Object.prototype has', plus(GET, 'constructor', '__proto__')],
]

describe('requests that a server gets', () => {
  for (const [why, lines] of badRequests) {
    streamFault(`RFC 9113 §8.1.1: malformed by ${why}`, 'PROTOCOL_ERROR', {
      options: SERVER,
      before: ({ wire }) => wire,
      event: 'RequestRefused',
      wire: (wire) => wire.headers(3, lines),
    })
  }
  for (const [why, lines] of goodRequests) {
    it(`RFC 9113 §8: lawful, ${why}`, () => {
      const bench = new Bench(SERVER)
      bench.wire.headers(1, lines, END_STREAM)
      const [event] = bench.events()
      expect(event).toMatchObject({ type: 'HeadersReceived', kind: 'request' })
      expect(event?.type === 'HeadersReceived' && event.fields.map(({ name, value }) => ({ name, value }))).toEqual(
        lines,
      )
    })
  }
})

describe('responses that a client gets', () => {
  for (const [why, lines] of badResponses) {
    streamFault(`RFC 9113 §8.1.1: malformed by ${why}`, 'PROTOCOL_ERROR', {
      options: CLIENT,
      wire: (wire) => wire.headers(3, lines),
    })
  }
  for (const status of ['200', '404', '599', '999']) {
    it(`RFC 9113 §8.3.2: :status ${status} is lawful`, () => {
      const bench = new Bench(CLIENT)
      bench.connection.openStream(GET, true)
      bench.wire.headers(1, fields({ ':status': status }), END_STREAM)
      expect(bench.deliver()).toEqual(['HeadersReceived 1 response END_STREAM', 'StreamClosed 1'])
    })
  }
})

describe('trailers', () => {
  for (const [why, name, value] of badLines) {
    streamFault(`RFC 9113 §8.1: malformed by ${why}`, 'PROTOCOL_ERROR', {
      options: SERVER,
      wire: (wire) => wire.headers(3, fields({ [name]: value }), END_STREAM),
    })
  }
})

describe('what we would send', () => {
  it('RFC 9113 §8.2, §8.3: a malformed request is a UsageError of the caller, and nothing has happened', () => {
    for (const [why, lines] of badRequests) {
      const { connection } = new Bench(CLIENT)
      expect(() => connection.openStream(lines, true), why).toThrow(UsageError)
      expect(connection.hasOutput, why).toBe(false)
      expect(connection.openStream(GET, true), why).toBe(1)
    }
  })
  it('RFC 9113 §8.2, §8.3: so is a malformed response, and malformed trailers', () => {
    const bench = new Bench(SERVER)
    bench.wire.headers(1, GET, END_STREAM)
    bench.deliver()
    for (const [why, lines] of badResponses) {
      expect(() => bench.connection.sendHeaders(1, lines, true), why).toThrow(UsageError)
    }
    expect(() => bench.connection.sendHeaders(1, fields({ ':status': '101' }), false)).toThrow('RFC 9113 §8.6')
    bench.connection.sendHeaders(1, OK, false)
    for (const [why, name, value] of badLines) {
      expect(() => bench.connection.sendTrailers(1, fields({ [name]: value })), why).toThrow(UsageError)
    }
    bench.connection.sendTrailers(1, fields({ 'x-sum': '1' }))
    expect(bench.answers()).toEqual(['HEADERS 1 :status=200', 'HEADERS 1 x-sum=1 END_STREAM'])
  })
  it('RFC 9113 §8.2.1: a character that is no octet cannot be sent', () => {
    const { connection } = new Bench(CLIENT)
    expect(() => connection.openStream(plus(GET, 'x', '\u0100'), true)).toThrow(UsageError)
    expect(() => connection.openStream(plus(GET, '\u0178', 'x'), true)).toThrow(UsageError)
  })
  it('what is lawful to receive is lawful to send', () => {
    for (const [why, lines] of goodRequests) {
      const { connection } = new Bench(CLIENT)
      expect(connection.openStream(lines, true), why).toBe(1)
    }
  })
})

it('a verdict remembered on a table entry is the same for every later message', () => {
  const bench = new Bench(SERVER)
  const bad = plus(GET, 'x-bad', 'a\nb')
  bench.wire
    .headers(1, bad)
    .headers(3, bad)
    .headers(5, plus(GET, 'x-good', 'a'))
    .headers(7, plus(GET, 'x-good', 'a'))
  expect(bench.deliver()).toEqual([
    'RequestRefused 1 PROTOCOL_ERROR',
    'RequestRefused 3 PROTOCOL_ERROR',
    'HeadersReceived 5 request',
    'HeadersReceived 7 request',
  ])
})
