import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import {
  HandshakeFault,
  readWebSocketRequest,
  type WebSocketRequest,
  webSocketRequestFields,
  webSocketResponseFields,
} from '../../src/websocket/index.ts'
import { fault, fields, lines } from './field-lines.ts'
import { check } from './property.ts'

const uri = { authority: 'server.example.com', scheme: 'https', path: '/chat' } as const

/** A request of version 13 with further fields. */
function read(...more: string[]): WebSocketRequest | HandshakeFault {
  return readWebSocketRequest(fields(':method: CONNECT', ':protocol: websocket', 'sec-websocket-version: 13', ...more))
}

function accepted(result: WebSocketRequest | HandshakeFault): WebSocketRequest {
  if (result instanceof HandshakeFault) throw new Error(result.reason)
  return result
}

describe('the request as a client writes it', () => {
  it('RFC 8441 §5.1: the fields of the example', () => {
    const request = webSocketRequestFields({
      ...uri,
      protocols: ['chat', 'superchat'],
      origin: 'http://www.example.com',
    })
    expect(lines(request)).toEqual([
      ':method: CONNECT',
      ':protocol: websocket',
      ':scheme: https',
      ':path: /chat',
      ':authority: server.example.com',
      'sec-websocket-version: 13',
      'sec-websocket-protocol: chat, superchat',
      'origin: http://www.example.com',
    ])
  })

  it('RFC 8441 §5: no key, no upgrade, no host; other fields at the end', () => {
    const extra = fields('cookie: a=b', 'cookie: c=d')
    const request = lines(webSocketRequestFields({ ...uri, scheme: 'http', extra }))
    expect(request).toHaveLength(8)
    expect(request.slice(6)).toEqual(['cookie: a=b', 'cookie: c=d'])
    expect(request).toContain(':scheme: http')
  })

  it('RFC 8441 §5: extra fields that the handshake owns or HTTP/2 forbids are a usage error', () => {
    for (const name of [
      ':path',
      ':status',
      'sec-websocket-key',
      'Sec-WebSocket-Version',
      'upgrade',
      'Connection',
      'host',
    ]) {
      expect(() => webSocketRequestFields({ ...uri, extra: [{ name, value: 'x' }] }), name).toThrow(UsageError)
      expect(() => webSocketResponseFields({ extra: [{ name, value: 'x' }] }), name).toThrow(UsageError)
    }
  })

  it('RFC 6455 §4.1: subprotocols are tokens and unique', () => {
    for (const protocols of [[''], ['a b'], ['a,b'], ['ü'], ['a', 'b', 'a'], ['a\u0000'], ['"a"'], ['a\u0161']]) {
      expect(() => webSocketRequestFields({ ...uri, protocols }), String(protocols)).toThrow(UsageError)
    }
    const marks = "!#$%&'*+-.^_`|~09AZaz"
    expect(lines(webSocketRequestFields({ ...uri, protocols: [marks, 'A', 'a'] }))[6]).toBe(
      `sec-websocket-protocol: ${marks}, A, a`,
    )
  })

  it('RFC 6455 §3: a path begins with a slash and has no fragment', () => {
    for (const path of ['', 'chat', '*', '/chat#top', '?q']) {
      expect(() => webSocketRequestFields({ ...uri, path }), path).toThrow(UsageError)
    }
    expect(() => webSocketRequestFields({ ...uri, authority: '' })).toThrow(UsageError)
  })
})

describe('the request as a server reads it', () => {
  it('RFC 8441 §5: a request of ours', () => {
    const protocols = ['chat', 'superchat']
    const request = webSocketRequestFields({ ...uri, protocols, origin: 'https://a.example' })
    const origin = 'https://a.example'
    expect(readWebSocketRequest(request)).toEqual({ protocols, version: 13, origin, key: undefined, extensions: [] })
  })

  it('RFC 6455 §4.2.1: a request without a version, or with two, gets 400', () => {
    expect(fault(readWebSocketRequest(fields(':method: CONNECT')))).toBe('400 RFC 6455 §4.2.1')
    expect(fault(read('sec-websocket-version: 13'))).toBe('400 RFC 6455 §11.3.5')
  })

  it('RFC 6455 §4.4: another version gets 426 with ours', () => {
    for (const version of ['0', '8', '12', '14', '255']) {
      const result = readWebSocketRequest(fields(`sec-websocket-version: ${version}`))
      expect(fault(result)).toBe('426 RFC 6455 §4.4')
      expect(result instanceof HandshakeFault && lines(result.fields)).toEqual(['sec-websocket-version: 13'])
    }
  })

  it('RFC 6455 §4.3: what is no version at all gets 400', () => {
    for (const version of ['', '013', '256', '-1', '13, 8', '13.0', '1e1', '0x0d', 'thirteen']) {
      expect(fault(readWebSocketRequest(fields(`sec-websocket-version: ${version}`))), version).toBe(
        '400 RFC 6455 §4.3',
      )
    }
  })

  it('RFC 6455 §11.3.4: subprotocols come in one line or several, in order of preference', () => {
    const result = accepted(read('sec-websocket-protocol: b \t,a', 'sec-websocket-protocol: c'))
    expect(result.protocols).toEqual(['b', 'a', 'c'])
    expect(accepted(read()).protocols).toEqual([])
  })

  it('RFC 6455 §4.1: empty, repeated and malformed subprotocols get 400', () => {
    for (const value of ['', ',', 'a,', ',a', 'a,,b', 'a b', 'a;b', 'a, a', '"a"', 'a\u00e9']) {
      expect(fault(read(`sec-websocket-protocol: ${value}`)), value).toBe('400 RFC 6455 §4.1')
    }
    expect(fault(read('sec-websocket-protocol: a', 'sec-websocket-protocol: b, a'))).toBe('400 RFC 6455 §4.1')
    expect(accepted(read('sec-websocket-protocol: a, A')).protocols).toEqual(['a', 'A'])
  })

  it('RFC 6455 §4.1: more than one origin gets 400', () => {
    expect(accepted(read('origin: null')).origin).toBe('null')
    expect(fault(read('origin: https://a', 'origin: https://b'))).toBe('400 RFC 6455 §4.1')
  })

  it('RFC 8441 §5: a key is not needed; a well-formed one is reported, another one passed over', () => {
    const key = 'dGhlIHNhbXBsZSBub25jZQ=='
    expect(accepted(read(`sec-websocket-key: ${key}`)).key).toBe(key)
    expect(accepted(read('sec-websocket-key: AQIDBAUGBwgJCgsMDQ4PEC==')).key).toBe('AQIDBAUGBwgJCgsMDQ4PEC==')
    for (const other of [
      '',
      'short==',
      `${key}=`,
      'dGhlIHNhbXBsZSBub25jZQ=x',
      'dGhlIHNhbXBsZSBub25j\u00e9Q==',
      'A'.repeat(24),
    ]) {
      expect(accepted(read(`sec-websocket-key: ${other}`)).key, other).toBe(undefined)
    }
    expect(fault(read(`sec-websocket-key: ${key}`, `sec-websocket-key: ${key}`))).toBe('400 RFC 6455 §11.3.1')
  })

  it('RFC 6455 §9.1: extensions with bare, token and quoted parameters', () => {
    const value = 'permessage-deflate; client_max_window_bits; server_max_window_bits=10 , x ;a="b\\c" ; a = d'
    expect(accepted(read(`sec-websocket-extensions: ${value}`, 'sec-websocket-extensions: y')).extensions).toEqual([
      {
        name: 'permessage-deflate',
        parameters: [
          { name: 'client_max_window_bits', value: undefined },
          { name: 'server_max_window_bits', value: '10' },
        ],
      },
      {
        name: 'x',
        parameters: [
          { name: 'a', value: 'bc' },
          { name: 'a', value: 'd' },
        ],
      },
      { name: 'y', parameters: [] },
    ])
  })

  it('RFC 6455 §9.1: malformed extensions get 400', () => {
    const malformed = [
      '',
      ',',
      'a,',
      'a;',
      'a;;b',
      'a;=b',
      'a;b=',
      'a;b=""',
      'a;b="c',
      'a;b="c d"',
      'a;b="c\\',
      'a b',
      'a=b',
      'a;b="c"d',
      ';a',
    ]
    for (const value of malformed) {
      expect(fault(read(`sec-websocket-extensions: ${value}`)), value).toBe('400 RFC 6455 §9.1')
    }
  })

  it('RFC 6455 §9.1: a long hostile list is read in linear time', () => {
    const started = performance.now()
    for (const unit of ['a;', ' ', '\\', 'a;b="', 'a ,', 'a;b="\\"";']) {
      read(`sec-websocket-extensions: a;b="${unit.repeat(100_000)}`, `sec-websocket-protocol: a${unit.repeat(100_000)}`)
      read(`sec-websocket-extensions: ${unit.repeat(100_000)}`, `sec-websocket-protocol: ${unit.repeat(100_000)}`)
    }
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('RFC 6455 §4: no fields whatever make it throw', () => {
    const name = fc.constantFrom('version', 'protocol', 'extensions', 'key').map((last) => `sec-websocket-${last}`)
    const value = fc.string({ unit: fc.constantFrom(...'a1,; \t="\\13é'), maxLength: 12 })
    check(
      fc.property(fc.array(fc.record({ name, value }), { maxLength: 5 }), (list) => {
        const result = readWebSocketRequest([{ name: 'sec-websocket-version', value: '13' }, ...list])
        return result instanceof HandshakeFault ? [400, 426].includes(result.status) : result.version === 13
      }),
    )
  })
})
