import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import { HandshakeFault, readWebSocketUpgrade, webSocketUpgradeRequest } from '../../src/websocket/index.ts'
import { fault, fields, lines } from './field-lines.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const base = { authority: 'server.example.com', path: '/chat', key }
const requestLines = (options: object = {}): string[] => {
  const text = Buffer.from(webSocketUpgradeRequest({ ...base, ...options })).toString('latin1')
  return text.split('\r\n')
}

describe('the request over HTTP/1.1', () => {
  it('RFC 6455 §4.1: GET, Host, Upgrade, Connection, key and version, and an empty line', () => {
    expect(requestLines()).toEqual([
      'GET /chat HTTP/1.1',
      'Host: server.example.com',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ])
  })

  it('RFC 6455 §4.1: subprotocols, extensions, origin and other fields', () => {
    const extra = [{ name: 'cookie', value: 'a=b; c=\xe9' }]
    const more = { protocols: ['chat', 'superchat'], extensions: 'x; y=1', origin: 'http://example.com', extra }
    expect(requestLines(more).slice(6)).toEqual([
      'Sec-WebSocket-Protocol: chat, superchat',
      'Sec-WebSocket-Extensions: x; y=1',
      'Origin: http://example.com',
      'cookie: a=b; c=\xe9',
      '',
      '',
    ])
  })

  const misuses: Record<string, object> = {
    'RFC 6455 §4.1: a key is 16 octets in base64': { key: 'dGhlIHNhbXBsZSBub25jZQ=' },
    'RFC 6455 §3: a path begins with a slash': { path: 'chat' },
    'RFC 6455 §3: a path has no fragment': { path: '/chat#x' },
    'RFC 6455 §3: there is an authority': { authority: '' },
    'RFC 9112 §3: a path with a space would end the target': { path: '/chat HTTP/1.0' },
    'RFC 9112 §3: a path beyond ASCII is not sent': { path: '/ch\xe4t' },
    'RFC 9112 §3: an authority with a line break would begin a field': { authority: 'a\r\nx: y' },
    'RFC 6455 §4.1: a subprotocol is a token': { protocols: ['a b'] },
    'RFC 6455 §4.1: a subprotocol is named once': { protocols: ['a', 'a'] },
    'RFC 9110 §5.5: an origin has no line break': { origin: 'http://a\nb' },
    'RFC 9110 §5.5: extensions have no line break': { extensions: 'x\r\ny' },
    'RFC 9110 §5.5: an extra field has no line break': { extra: [{ name: 'x', value: 'a\r\nb: c' }] },
    'RFC 9110 §5.5: an extra field has one character an octet': { extra: [{ name: 'x', value: '\u0100' }] },
    'RFC 9110 §5.1: the name of an extra field is a token': { extra: [{ name: 'x y', value: '' }] },
    'RFC 6455 §4.1: Host is written by the handshake': { extra: [{ name: 'Host', value: 'b' }] },
    'RFC 6455 §4.1: Upgrade is written by the handshake': { extra: [{ name: 'upgrade', value: 'h2c' }] },
    'RFC 6455 §4.1: Sec-WebSocket-Key is written by the handshake': {
      extra: [{ name: 'Sec-WebSocket-Key', value: key }],
    },
    'RFC 6455 §4.1: a GET with content is no handshake': { extra: [{ name: 'content-length', value: '5' }] },
  }
  for (const [title, options] of Object.entries(misuses)) {
    it(title, () => expect(() => requestLines(options)).toThrow(UsageError))
  }
})

const good = [
  'host: server.example.com',
  'upgrade: websocket',
  'connection: Upgrade',
  `sec-websocket-key: ${key}`,
  'sec-websocket-version: 13',
]
/** The request with each of the lines in place of the one of its name, which it lacks if nothing follows the colon. */
function asked(changes: readonly string[] = [], method = 'GET', version = '1.1'): string {
  const nameOf = (line: string): string => line.slice(0, line.indexOf(':'))
  const kept = good.filter((line) => !changes.some((change) => nameOf(change) === nameOf(line)))
  const list = fields(...kept, ...changes.filter((change) => !change.endsWith(':')))
  return fault(readWebSocketUpgrade(method, version, list))
}

describe('the decision of a server', () => {
  it('RFC 6455 §4.2.1: the request of the RFC is accepted, with all that it says', () => {
    const list = fields(
      ...good,
      'origin: http://example.com',
      'sec-websocket-protocol: chat, superchat',
      'sec-websocket-extensions: a; b="c"',
    )
    expect(readWebSocketUpgrade('GET', '1.1', list)).toEqual({
      key,
      version: 13,
      origin: 'http://example.com',
      protocols: ['chat', 'superchat'],
      extensions: [{ name: 'a', parameters: [{ name: 'b', value: 'c' }] }],
    })
  })

  it('RFC 6455 §4.2.1: Upgrade and Connection are lists, in any case', () => {
    expect(asked(['upgrade: h2c, WebSocket', 'connection: keep-alive,  UPGRADE'])).toBe('accepted')
    expect(asked(['connection: keep-alive', 'connection: upgrade'])).toBe('accepted')
  })

  const refusals: Record<string, [string[], string]> = {
    'RFC 6455 §4.2.1: a request without Host is refused with 400': [['host:'], '400 RFC 6455 §4.2.1'],
    'RFC 6455 §4.2.1: a request with two Hosts is refused with 400': [['host: a', 'host: b'], '400 RFC 6455 §4.2.1'],
    'RFC 6455 §4.2.1: a request without Upgrade is refused with 426': [['upgrade:'], '426 RFC 6455 §4.2.1'],
    'RFC 6455 §4.2.1: an Upgrade to something else is refused with 426': [['upgrade: h2c'], '426 RFC 6455 §4.2.1'],
    'RFC 6455 §4.2.1: a request without Connection is refused with 400': [['connection:'], '400 RFC 6455 §4.2.1'],
    'RFC 6455 §4.2.1: a Connection without upgrade is refused with 400': [
      ['connection: keep-alive, upgraded'],
      '400 RFC 6455 §4.2.1',
    ],
    'RFC 6455 §4.2.1: a request without a key is refused with 400': [['sec-websocket-key:'], '400 RFC 6455 §4.2.1'],
    'RFC 6455 §4.2.1: a key of 15 octets is refused with 400': [
      ['sec-websocket-key: dGhlIHNhbXBsZSBub25j'],
      '400 RFC 6455 §4.2.1',
    ],
    'RFC 6455 §4.2.1: a request with two keys is refused with 400': [
      [`sec-websocket-key: ${key}`, `sec-websocket-key: ${key}`],
      '400 RFC 6455 §11.3.1',
    ],
    'RFC 6455 §4.2.1: a request without a version is refused with 400': [
      ['sec-websocket-version:'],
      '400 RFC 6455 §4.2.1',
    ],
    'RFC 6455 §4.4: another version is refused with 426': [['sec-websocket-version: 8'], '426 RFC 6455 §4.4'],
    'RFC 6455 §4.1: a request with content is refused with 400': [['content-length: 5'], '400 RFC 6455 §4.1'],
    'RFC 6455 §4.1: a request with chunked content is refused with 400': [
      ['transfer-encoding: chunked'],
      '400 RFC 6455 §4.1',
    ],
  }
  for (const [title, [changes, verdict]] of Object.entries(refusals)) {
    it(title, () => expect(asked(changes)).toBe(verdict))
  }

  it('RFC 6455 §4.2.1: another method is refused with 405, HTTP/1.0 with 400', () => {
    for (const method of ['POST', 'get', 'CONNECT']) expect(asked([], method)).toBe('405 RFC 6455 §4.2.1')
    for (const version of ['1.0', '0.9', '2.0']) expect(asked([], 'GET', version)).toBe('400 RFC 6455 §4.2.1')
    expect(asked(['content-length: 0'])).toBe('accepted')
  })

  it('RFC 6455 §4.4: a refusal for the version says which one is known, and how to go on', () => {
    const refused = readWebSocketUpgrade('GET', '1.1', fields(...good.slice(0, 4), 'sec-websocket-version: 8'))
    expect(lines(refused instanceof HandshakeFault ? refused.fields : [])).toEqual([
      'sec-websocket-version: 13',
      'upgrade: websocket',
      'connection: upgrade',
    ])
    const method = readWebSocketUpgrade('POST', '1.1', [])
    expect(lines(method instanceof HandshakeFault ? method.fields : [])).toEqual(['allow: GET'])
  })
})

describe('over a socket', () => {
  it('RFC 6455 §4.1: node:http reads our request as an Upgrade, which we accept', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = connect(port, '127.0.0.1')
    client.write(webSocketUpgradeRequest({ ...base, protocols: ['chat'] }))
    const [request, socket] = (await once(server, 'upgrade')) as [IncomingMessage, Socket]
    const { method = '', httpVersion, rawHeaders } = request
    const list = rawHeaders.flatMap((name, i) =>
      i % 2 === 0 ? [{ name: name.toLowerCase(), value: rawHeaders[i + 1] }] : [],
    )
    expect(readWebSocketUpgrade(method, httpVersion, list)).toMatchObject({ key, protocols: ['chat'] })
    socket.destroy()
    client.destroy()
    server.close()
  })
})
