import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import {
  acceptKeyInput,
  base64Encode,
  type HandshakeFault,
  readWebSocketResponse,
  type WebSocketResponse,
  webSocketResponseFields,
} from '../../src/websocket/index.ts'
import { fault, fields, lines } from './field-lines.ts'
import { check } from './property.ts'

describe('the response', () => {
  it('RFC 8441 §5.1: 200 and the subprotocol, as a server writes it', () => {
    expect(lines(webSocketResponseFields({ protocol: 'chat' }))).toEqual([
      ':status: 200',
      'sec-websocket-protocol: chat',
    ])
    expect(lines(webSocketResponseFields())).toEqual([':status: 200'])
    expect(lines(webSocketResponseFields({ accept: 'xyz=', extra: fields('set-cookie: a=b') }))).toEqual([
      ':status: 200',
      'sec-websocket-accept: xyz=',
      'set-cookie: a=b',
    ])
    expect(() => webSocketResponseFields({ protocol: '' })).toThrow(UsageError)
    expect(() => webSocketResponseFields({ protocol: 'a, b' })).toThrow(UsageError)
  })

  it('RFC 9113 §8.5: any 2xx accepts, and nothing else', () => {
    for (const status of ['200', '204', '299']) {
      expect(readWebSocketResponse(fields(`:status: ${status}`), [])).toEqual({ protocol: '' })
    }
    for (const status of [101, 100, 199, 300, 401, 404, 501]) {
      expect(fault(readWebSocketResponse(fields(`:status: ${status}`), []))).toBe(`${status} RFC 9113 §8.5`)
    }
    for (const list of [[], fields(':status: 0200'), fields(':status: 20x'), fields(':status: 200', ':status: 200')]) {
      expect(fault(readWebSocketResponse(list, []))).toBe('0 RFC 9113 §8.5')
    }
  })

  it('RFC 6455 §4.1: the subprotocol must be one of those offered, in the same case', () => {
    const answer = (...values: string[]): WebSocketResponse | HandshakeFault =>
      readWebSocketResponse(fields(':status: 200', ...values.map((value) => `sec-websocket-protocol: ${value}`)), [
        'a',
        'b',
      ])
    expect(answer('b')).toEqual({ protocol: 'b' })
    expect(answer()).toEqual({ protocol: '' })
    for (const other of ['c', 'A', '', 'a, b', 'a,']) expect(fault(answer(other)), other).toBe('200 RFC 6455 §4.1')
    expect(fault(answer('a', 'a'))).toBe('200 RFC 6455 §11.3.4')
    const unasked = fields(':status: 200', 'sec-websocket-protocol: a')
    expect(fault(readWebSocketResponse(unasked, []))).toBe('200 RFC 6455 §4.1')
  })

  it('RFC 6455 §4.1: an extension that was not asked for is refused', () => {
    for (const value of ['permessage-deflate', 'x; y']) {
      const list = fields(':status: 200', `sec-websocket-extensions: ${value}`)
      expect(fault(readWebSocketResponse(list, []))).toBe('200 RFC 6455 §4.1')
    }
  })

  it('RFC 8441 §5: stray fields of HTTP/1.1 are passed over', () => {
    const list = fields(':status: 200', 'sec-websocket-accept: nonsense', 'sec-websocket-accept: again', 'server: x')
    expect(readWebSocketResponse(list, ['a'])).toEqual({ protocol: '' })
  })
})

describe('sec-websocket-accept', () => {
  it('RFC 6455 §4.2.2: the value of the example', () => {
    const digest = createHash('sha1').update(acceptKeyInput('dGhlIHNhbXBsZSBub25jZQ==')).digest()
    expect(base64Encode(digest)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it('RFC 4648 §4: base64 of any bytes', () => {
    check(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        (bytes) => base64Encode(bytes) === Buffer.from(bytes).toString('base64'),
      ),
    )
  })
})
