import type { Requirement } from '../requirement.ts'

const request = 'RFC 6455 §4.1: GET, Host, Upgrade, Connection, key and version, and an empty line'

/** RFC 6455 §3 and §4. Where RFC 8441 §5 puts something else in the place of a rule, that is tested as RFC 8441's. */
export const handshake: readonly Requirement[] = [
  {
    id: '§3-1',
    role: 'client',
    rule: 'The URI has no fragment; a # that begins none is escaped.',
    musts: 2,
    tests: [
      'RFC 6455 §3: a path begins with a slash and has no fragment',
      'RFC 6455 §3: a path has no fragment',
      'WebSockets Standard §3.1: "ws://x/#" is a SyntaxError',
    ],
  },
  {
    id: '§4.1-1',
    role: 'client',
    rule: 'The connection is opened, the handshake sent, the answer read, before anything else is sent.',
    musts: 3,
    tests: [
      request,
      'RFC 6455 §4.1: node:http reads our request as an Upgrade, which we accept',
      'RFC 6455 §4.1: the client takes it, with its subprotocol',
      'RFC 8441 §5: sends the extended CONNECT, protocols, headers, and no key',
      'WebSockets Standard §3.1: is CONNECTING, with nothing negotiated, and refuses to send',
    ],
  },
  {
    id: '§4.1-2',
    role: 'client',
    rule: 'The parts of the URI are valid, or there is no connection.',
    musts: 2,
    tests: [
      'RFC 6455 §3: there is an authority',
      'RFC 6455 §3: a path begins with a slash',
      'RFC 9112 §3: a path with a space would end the target',
      'RFC 9112 §3: an authority with a line break would begin a field',
      'WebSockets Standard §3.1: "ftp://example.test" is a SyntaxError',
    ],
  },
  {
    id: '§4.1-3',
    role: 'client',
    rule: 'One connection to an address is opened at a time; names whose address is unknown are different addresses.',
    musts: 4,
    tests: [
      'RFC 6455 §4.1: over HTTP/1.1 one socket to a host and port is opened at a time',
      'RFC 6455 §4.1: a connection that ALPN made HTTP/1.1 waits for its turn as well',
    ],
  },
  {
    id: '§4.1-4',
    role: 'client',
    rule: 'The URI that a script for proxies gets.',
    notTested: 'there is no proxy configuration here',
  },
  {
    id: '§4.1-5',
    role: 'client',
    rule: 'When the connection can’t be opened, or TLS fails, the WebSocket fails.',
    musts: 2,
    tests: [
      'rejects with the system error when nobody listens',
      'rejects when the certificate is not trusted',
      'WebSockets Standard §4: a handshake that fails is error, then close with 1006',
    ],
  },
  {
    id: '§4.1-6',
    role: 'client',
    rule: 'A secure connection runs through TLS, which names the host in SNI.',
    musts: 3,
    tests: [
      'RFC 9113 §3.2: a client offers h2 alone, and names the host in SNI',
      'RFC 9113 §3.2: agree on h2 by ALPN, and carry fetch and WebSocket',
    ],
  },
  {
    id: '§4.1-7',
    role: 'client',
    rule: 'The handshake is a valid HTTP request.',
    tests: [
      'RFC 6455 §4.1: node:http reads our request as an Upgrade, which we accept',
      'RFC 9110 §5.5: an extra field has no line break',
      'RFC 9110 §5.5: an origin has no line break',
      'RFC 9110 §5.1: the name of an extra field is a token',
    ],
  },
  {
    id: '§4.1-8',
    role: 'client',
    rule: 'GET, of HTTP/1.1 or later, for the resource of the URI, with Host, Upgrade and Connection.',
    musts: 8,
    tests: [
      request,
      'RFC 6455 §4.1: Host is written by the handshake',
      'RFC 6455 §4.1: Upgrade is written by the handshake',
    ],
  },
  {
    id: '§4.1-9',
    role: 'client',
    rule: 'Sec-WebSocket-Key is 16 random octets in base64, new ones for each connection.',
    musts: 3,
    tests: [
      request,
      'RFC 6455 §4.1: a key is 16 octets in base64',
      'RFC 6455 §4.1: each request has a key of its own',
      'RFC 6455 §4.1: Sec-WebSocket-Key is written by the handshake',
    ],
  },
  {
    id: '§4.1-10',
    role: 'client',
    rule: 'A browser says Origin.',
    notTested: 'binds browsers; a program says it if it wants to',
  },
  {
    id: '§4.1-11',
    role: 'client',
    rule: 'Sec-WebSocket-Version is there, and is 13.',
    musts: 2,
    tests: [request, 'RFC 8441 §5.1: the fields of the example'],
  },
  {
    id: '§4.1-12',
    role: 'client',
    rule: 'Subprotocols are tokens, each named once.',
    musts: 2,
    tests: [
      'RFC 6455 §4.1: a subprotocol is a token',
      'RFC 6455 §4.1: a subprotocol is named once',
      'RFC 6455 §4.1: subprotocols are tokens and unique',
    ],
  },
  {
    id: '§4.1-13',
    role: 'client',
    rule: 'The answer is examined: 101, or it is an answer of HTTP.',
    tests: [
      'RFC 6455 §4.1: a status other than 101 is no WebSocket, whatever else it says',
      'RFC 9113 §8.5: any 2xx accepts, and nothing else',
    ],
  },
  {
    id: '§4.1-14',
    role: 'client',
    rule: 'Without an Upgrade to websocket in any case, the WebSocket fails.',
    tests: [
      'RFC 6455 §4.1: no Upgrade fails the connection',
      'RFC 6455 §4.1: an Upgrade to something else fails the connection',
    ],
  },
  {
    id: '§4.1-15',
    role: 'client',
    rule: 'Without the token upgrade in Connection, the WebSocket fails.',
    tests: [
      'RFC 6455 §4.1: no Connection fails the connection',
      'RFC 6455 §4.1: a Connection without upgrade fails the connection',
    ],
  },
  {
    id: '§4.1-16',
    role: 'client',
    rule: 'Without the Sec-WebSocket-Accept that answers the key, the WebSocket fails.',
    tests: [
      'RFC 6455 §4.1: no Sec-WebSocket-Accept fails the connection',
      'RFC 6455 §4.1: another Sec-WebSocket-Accept fails the connection',
      'RFC 6455 §1.3: the value that answers the key of the example',
    ],
  },
  {
    id: '§4.1-17',
    role: 'client',
    rule: 'An extension that was not asked for fails the WebSocket.',
    tests: [
      'RFC 6455 §4.1: an extension that was not asked for fails the connection',
      'RFC 6455 §4.1: an extension that was not asked for is refused',
      'RFC 6455 §4.1: another extension than was asked for fails the handshake',
    ],
  },
  {
    id: '§4.1-18',
    role: 'client',
    rule: 'A subprotocol that was not asked for fails the WebSocket.',
    tests: [
      'RFC 6455 §4.1: a subprotocol that was not asked for fails the connection',
      'RFC 6455 §4.1: the subprotocol must be one of those offered, in the same case',
    ],
  },
  {
    id: '§4.1-19',
    role: 'client',
    rule: 'So does an answer that breaks any other rule of the handshake.',
    tests: [
      'RFC 6455 §4.1: Sec-WebSocket-Accept twice fails the connection',
      'RFC 9112 §4: what is no status line of HTTP/1.1 is refused',
      'RFC 9112 §5: a line without a name or a colon is refused',
    ],
  },
  {
    id: '§4.2.1-1',
    role: 'server',
    rule: 'A request that is no handshake gets an error of HTTP.',
    tests: [
      'RFC 6455 §4.2.1: the request of the RFC is accepted, with all that it says',
      'RFC 6455 §4.2.1: Upgrade and Connection are lists, in any case',
      'RFC 6455 §4.2.1: another method is refused with 405, HTTP/1.0 with 400',
      'RFC 6455 §4.2.1: a request without…',
      'RFC 6455 §4.2.1: a request with two…',
      'RFC 6455 §4.2.1: a Connection without upgrade is refused with 400',
      'RFC 6455 §4.2.1: a key of 15 octets is refused with 400',
      'RFC 6455 §4.1: empty, repeated and malformed subprotocols get 400',
      'RFC 6455 §4: no fields whatever make it throw',
    ],
  },
  {
    id: '§4.2.2-1',
    role: 'server',
    rule: 'A server that accepts says 101, Upgrade, Connection, and the answer to the key.',
    musts: 2,
    tests: [
      'RFC 6455 §4.2.2: a server says Upgrade, Connection and the answer to the key',
      'RFC 6455 §4.2.2: text, binary and a megabyte go both ways, with a subprotocol',
      'RFC 6455 §4.2.2: the value of the example',
    ],
  },
  {
    id: '§4.2.2-2',
    role: 'server',
    rule: 'On a secure port all runs through TLS.',
    tests: ['RFC 9113 §3.2: agree on h2 by ALPN, and carry fetch and WebSocket'],
  },
  {
    id: '§4.2.2-3',
    role: 'server',
    rule: 'An origin, or a resource, that is not served gets an error of HTTP.',
    musts: 2,
    tests: ['RFC 6455 §10.2: an origin can be looked at, before anything is accepted', 'RFC 6455 §4.2.2: the verdict…'],
  },
  {
    id: '§4.2.2-4',
    role: 'server',
    rule: 'A version that is not understood gets an error with those that are.',
    tests: [
      'RFC 6455 §4.4: another version gets 426 with ours',
      'RFC 6455 §4.4: a refusal for the version says which one is known, and how to go on',
    ],
  },
  {
    id: '§4.2.2-5',
    role: 'server',
    rule: 'The subprotocol is one that was asked for, or there is no such field.',
    musts: 2,
    tests: [
      'RFC 6455 §4.2.2: a server cannot say what the handshake says, or no token for a subprotocol',
      'RFC 8441 §5.1: 200 and the subprotocol, as a server writes it',
      'RFC 6455 §4.2.2: a function chooses among the subprotocols offered',
      'RFC 6455 §4.2.2: a subprotocol that was not offered is a mistake of the server: 500',
    ],
  },
  {
    id: '§4.2.2-6',
    role: 'server',
    rule: 'The extensions are among those asked for.',
    musts: 2,
    tests: [
      'RFC 7692 §5.1: extensions that nobody knows are declined',
      'RFC 7692 §7.1: whatever the two of them want, they agree on it, and on no more than either wanted',
    ],
  },
  {
    id: '§4.3-1',
    role: 'both',
    rule: 'A quoted parameter is a token once the quotes are gone.',
    tests: [
      'RFC 6455 §9.1: extensions with bare, token and quoted parameters',
      'RFC 6455 §9.1: malformed extensions get 400',
    ],
  },
  {
    id: '§4.4-1',
    role: 'server',
    rule: 'Who does not support the version says which ones it does.',
    tests: ['RFC 6455 §4.4: another version gets 426 with ours', 'RFC 6455 §4.4: another version is refused with 426'],
  },
]
