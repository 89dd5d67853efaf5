import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import {
  acceptKeyInput,
  base64Encode,
  HandshakeFault,
  readWebSocketUpgradeResponse,
  type UpgradeResponse,
  UpgradeResponseReader,
  webSocketUpgradeResponse,
} from '../../src/websocket/index.ts'
import { fault, fields, lines } from './field-lines.ts'
import { check } from './property.ts'

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** What a reader makes of `text` in pieces of `size`; the rest is put together with what was not pushed. */
function read(text: string, size = text.length): string | { status: number; fields: string[]; rest: string } {
  const reader = new UpgradeResponseReader()
  const wire = latin1(text)
  for (let at = 0; at < wire.length; at += size) {
    const found = reader.push(wire.slice(at, at + size))
    if (found instanceof HandshakeFault) return `${found.status} ${found.section}`
    if (found === undefined) continue
    const rest = Buffer.concat([found.rest, wire.subarray(at + size)]).toString('latin1')
    return { status: found.status, fields: lines(found.fields), rest }
  }
  return 'more'
}

const HEAD = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'

describe('the head of a response', () => {
  it('RFC 9112 §2.1: status and fields, and what follows them, at every cut', () => {
    const text = `${HEAD}Sec-WebSocket-Accept:\t ${accept} \t\r\nX:\r\nset-cookie: \xe9\xa0\r\n\r\n\x81\x05Hello\r\n\r\n`
    for (let size = 1; size <= text.length; size++) {
      expect(read(text, size)).toEqual({
        status: 101,
        fields: [
          'upgrade: websocket',
          'connection: Upgrade',
          `sec-websocket-accept: ${accept}`,
          'x: ',
          'set-cookie: \xe9\xa0',
        ],
        rest: '\x81\x05Hello\r\n\r\n',
      })
    }
  })

  it('RFC 9110 §15.2: interim responses are passed over, with their fields', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'
    expect(read(`${interim}HTTP/1.1 403 \r\na: b\r\n\r\nno`)).toEqual({ status: 403, fields: ['a: b'], rest: 'no' })
  })

  it('RFC 9112 §4: the reason phrase may be missing', () => {
    for (const line of ['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1 200 \xe9 reason', 'HTTP/1.0 200']) {
      expect(read(`${line}\r\n\r\n`)).toEqual({ status: 200, fields: [], rest: '' })
    }
  })

  const malformed: Record<string, [string[], string]> = {
    'RFC 9112 §4: what is no status line of HTTP/1.1 is refused': [
      [
        'HTTP/0.9 200',
        'HTTP/2 101',
        'http/1.1 101',
        'HTTP/1.1 1010',
        'HTTP/1.1 99',
        'HTTP/1.1  101',
        'HTTP/1.1 601',
        'HTTP/1.1 101 a\0b',
        '',
      ].map((line) => `${line}\r\n`),
      '0 RFC 9112 §4',
    ],
    'RFC 9110 §15.2: a 1xx of HTTP/1.0 is refused': [['HTTP/1.0 101 x\r\n', 'HTTP/1.0 100\r\n'], '0 RFC 9110 §15.2'],
    'RFC 9112 §2.2: a line that ends without CR is refused': [[`${HEAD}a: b\n`, 'HTTP/1.1 101\n'], '0 RFC 9112 §2.2'],
    'RFC 9112 §2.2: a CR inside of a line is refused': [[`${HEAD}a: b\rc: d\r\n`], '0 RFC 9112 §5'],
    'RFC 9112 §5.1: space before the colon is refused': [[`${HEAD}a : b\r\n`], '0 RFC 9112 §5'],
    'RFC 9112 §5.2: a line that continues another is refused': [
      [`${HEAD} b\r\n`, `${HEAD}\tb: c\r\n`],
      '0 RFC 9112 §5',
    ],
    'RFC 9112 §5: a line without a name or a colon is refused': [
      [`${HEAD}: b\r\n`, `${HEAD}ab\r\n`, `${HEAD}\xe9: b\r\n`],
      '0 RFC 9112 §5',
    ],
    'RFC 9110 §5.5: a control character in a value is refused': [
      [`${HEAD}a: \0\r\n`, `${HEAD}a: \x7f\r\n`],
      '0 RFC 9112 §5',
    ],
  }
  for (const [title, [texts, verdict]] of Object.entries(malformed)) {
    it(title, () => {
      for (const text of texts) for (const size of [1, 5, text.length]) expect(read(text, size), text).toBe(verdict)
    })
  }

  it('RFC 9112 §2.5: 100 lines and 16 KiB are taken, and not one more', () => {
    const field = 'a: b\r\n'
    expect(read(`${HEAD}${field.repeat(96)}\r\n`)).toMatchObject({ status: 101 })
    expect(read(`${HEAD}${field.repeat(97)}\r\n`)).toBe('0 RFC 9112 §2.5')
    const room = 16_384 - HEAD.length - 'a: \r\n\r\n'.length
    expect(read(`${HEAD}a: ${'x'.repeat(room)}\r\n\r\n`, 100)).toMatchObject({ status: 101, rest: '' })
    expect(read(`${HEAD}a: ${'x'.repeat(room + 1)}\r\n\r\n`, 100)).toBe('0 RFC 9112 §2.5')
    expect(read('x'.repeat(16_384), 1000)).toBe('more')
    expect(read('x'.repeat(16_385), 1000)).toBe('0 RFC 9112 §2.5')
  })

  it('RFC 9112 §2.5: interim responses without end are refused too', () => {
    expect(read('HTTP/1.1 100 Continue\r\n\r\n'.repeat(51))).toBe('0 RFC 9112 §2.5')
  })

  it('RFC 9112 §2.1: after the head the reader takes no more', () => {
    const reader = new UpgradeResponseReader()
    reader.push(latin1(`${HEAD}\r\n`))
    expect(() => reader.push(latin1('x'))).toThrow(UsageError)
  })

  it('RFC 9112 §2: any bytes are read without throwing, the same however they are cut', () => {
    const piece = fc.constantFrom(
      'HTTP/1.1 101 x',
      'HTTP/1.1 100',
      'a: b',
      'a',
      ' ',
      ':',
      '\r\n',
      '\r\n',
      '\n',
      '\r',
      '\xff',
    )
    check(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (pieces, size) => {
        const text = pieces.join('')
        if (text !== '') expect(read(text, size)).toEqual(read(text))
      }),
    )
  })
})

const good = ['upgrade: websocket', 'connection: Upgrade', `sec-websocket-accept: ${accept}`]
const answer = (list: readonly string[], status = 101): UpgradeResponse => ({
  status,
  fields: fields(...list),
  rest: new Uint8Array(0),
})
const judged = (list: readonly string[], status = 101): string =>
  fault(readWebSocketUpgradeResponse(answer(list, status), { accept, protocols: ['chat'] }))

describe('the answer over HTTP/1.1', () => {
  it('RFC 6455 §1.3: the value that answers the key of the example', () => {
    const digest = createHash('sha1').update(acceptKeyInput('dGhlIHNhbXBsZSBub25jZQ==')).digest()
    expect(base64Encode(digest)).toBe(accept)
  })

  it('RFC 6455 §4.2.2: a server says Upgrade, Connection and the answer to the key', () => {
    expect(lines(webSocketUpgradeResponse({ accept }))).toEqual(good)
    const more = { protocol: 'chat', extensions: 'x', extra: [{ name: 'set-cookie', value: 'a=b' }] }
    expect(lines(webSocketUpgradeResponse({ accept, ...more })).slice(3)).toEqual([
      'sec-websocket-protocol: chat',
      'sec-websocket-extensions: x',
      'set-cookie: a=b',
    ])
  })

  it('RFC 6455 §4.2.2: a server cannot say what the handshake says, or no token for a subprotocol', () => {
    expect(() => webSocketUpgradeResponse({ accept, protocol: '' })).toThrow(UsageError)
    const extra = [{ name: 'connection', value: 'close' }]
    expect(() => webSocketUpgradeResponse({ accept, extra })).toThrow(UsageError)
  })

  it('RFC 6455 §4.1: the client takes it, with its subprotocol', () => {
    const response = readWebSocketUpgradeResponse(answer([...good, 'sec-websocket-protocol: chat']), {
      accept,
      protocols: ['chat'],
    })
    expect(response).toEqual({ protocol: 'chat', deflate: undefined })
    expect(judged(['upgrade: WebSocket', 'connection: x, upgrade', good[2]])).toBe('accepted')
  })

  it('RFC 6455 §4.1: a status other than 101 is no WebSocket, whatever else it says', () => {
    for (const status of [200, 301, 401, 426, 500]) expect(judged(good, status)).toBe(`${status} RFC 6455 §4.1`)
  })

  const refusals: Record<string, string[]> = {
    'RFC 6455 §4.1: no Upgrade fails the connection': [good[1], good[2]],
    'RFC 6455 §4.1: an Upgrade to something else fails the connection': ['upgrade: h2c', good[1], good[2]],
    'RFC 6455 §4.1: no Connection fails the connection': [good[0], good[2]],
    'RFC 6455 §4.1: a Connection without upgrade fails the connection': [good[0], 'connection: close', good[2]],
    'RFC 6455 §4.1: no Sec-WebSocket-Accept fails the connection': [good[0], good[1]],
    'RFC 6455 §4.1: another Sec-WebSocket-Accept fails the connection': [
      good[0],
      good[1],
      `sec-websocket-accept: ${accept.toLowerCase()}`,
    ],
    'RFC 6455 §4.1: Sec-WebSocket-Accept twice fails the connection': [...good, good[2]],
    'RFC 6455 §4.1: an extension that was not asked for fails the connection': [...good, 'sec-websocket-extensions: x'],
    'RFC 6455 §4.1: a subprotocol that was not asked for fails the connection': [
      ...good,
      'sec-websocket-protocol: Chat',
    ],
  }
  for (const [title, list] of Object.entries(refusals)) {
    it(title, () => expect(judged(list)).toBe('101 RFC 6455 §4.1'))
  }
})
