import type { Requirement } from '../requirement.ts'

/** RFC 6455 §8-§11. */
export const rest: readonly Requirement[] = [
  {
    id: '§8.1-1',
    role: 'both',
    rule: 'Text that is not UTF-8 fails the connection.',
    tests: [
      'RFC 6455 §8.1: text that is not UTF-8 is refused, the messages before it delivered',
      'RFC 6455 §8.1: agrees with the native decoder on random and nearly valid bytes',
      'RFC 6455 §7.1.6: a close reason that is not UTF-8 is refused',
      'RFC 6455 §8.1: text is judged once it is inflated, also across fragments and final blocks',
    ],
  },
  {
    id: '§9-1',
    role: 'server',
    rule: 'No extension is answered that was not asked for, and its parameters are as its document says.',
    musts: 2,
    tests: ['RFC 7692 §5.1: extensions that nobody knows are declined', 'RFC 7692 §7.1…'],
  },
  {
    id: '§9.1-1',
    role: 'both',
    rule: 'A malformed list of extensions fails the connection.',
    tests: [
      'RFC 6455 §9.1: malformed extensions get 400',
      'RFC 6455 §9.1: a list that is malformed is no offer but a bad request',
      'RFC 6455 §9.1: a malformed answer fails the handshake',
    ],
  },
  {
    id: '§9.1-2',
    role: 'both',
    rule: 'A quoted value is a token once the quotes are gone.',
    tests: ['RFC 6455 §9.1: extensions with bare, token and quoted parameters', 'RFC 6455 §9.1: a value may be quoted'],
  },
  {
    id: '§9.1-3',
    role: 'both',
    rule: 'Extensions have registered names, and parameters that are defined for them.',
    musts: 2,
    tests: ['RFC 7692 §7.1: says what is wanted, and always that the window of the client may be limited'],
  },
  {
    id: '§9.1-4',
    role: 'client',
    rule: 'An extension is not used unless the server has accepted it.',
    tests: ['RFC 7692 §5: without an answer nothing is compressed, which is no fault'],
  },
  {
    id: '§10.3-1',
    role: 'client',
    rule: 'Each frame has a masking key that who provides the data can’t foresee.',
    tests: ['RFC 6455 §10.3: no key is used twice, and random bytes are fetched many at a time'],
  },
  {
    id: '§10.4-1',
    role: 'both',
    rule: 'Who has limits for frames and messages keeps them.',
    tests: [
      'RFC 6455 §10.4: a frame of 9223372036854775807 bytes is refused at its header',
      'RFC 6455 §10.4: fragments that exceed the limit together are refused at the header of the one that does',
      'RFC 6455 §10.4: memory for a message stays below twice what has arrived, whatever was announced',
      'RFC 6455 §10.4: pieces keep no more than twice their memory alive, however large the reads that they lie in',
      'RFC 6455 §10.4: empty fragments above the limit are refused',
      'RFC 6455 §10.4: a message that inflates to the limit is taken, one byte more is 1009',
      'RFC 6455 §10.4: a bomb is inflated up to the limit and no further',
    ],
  },
  {
    id: '§10.6-1',
    role: 'both',
    rule: 'TLS is supported.',
    tests: ['RFC 9113 §3.2: agree on h2 by ALPN, and carry fetch and WebSocket'],
  },
  {
    id: '§10.7-1',
    role: 'both',
    rule: 'What comes is always validated.',
    tests: [
      'RFC 6455 §5: never throw, end at most once and never go on after the end',
      'RFC 6455 §4: no fields whatever make it throw',
      'RFC 9112 §2: any bytes are read without throwing, the same however they are cut',
    ],
  },
  {
    id: '§11.1.1-1',
    role: 'client',
    rule: 'Characters that a ws URI may not have are converted: the host by IDNA, the rest by percent signs.',
    musts: 2,
    tests: ['WebSockets Standard §3.1: WSS://Example.TEST:443/a b?c is wss://example.test/a%20b?c'],
  },
  {
    id: '§11.1.2-1',
    role: 'client',
    rule: 'The same for wss.',
    musts: 2,
    tests: ['WebSockets Standard §3.1: WSS://Example.TEST:443/a b?c is wss://example.test/a%20b?c'],
  },
  {
    id: '§11.3.1-1',
    role: 'client',
    rule: 'There is one Sec-WebSocket-Key.',
    tests: ['RFC 6455 §4.2.1: a request with two keys is refused with 400'],
  },
  {
    id: '§11.3.2-1',
    role: 'server',
    rule: 'An answer has at most one Sec-WebSocket-Extensions.',
    tests: [
      'RFC 7692 §5: an answer to more than was offered fails the handshake',
      'RFC 6455 §4.2.2: a server says Upgrade, Connection and the answer to the key',
    ],
  },
  {
    id: '§11.3.3-1',
    role: 'server',
    rule: 'An answer has at most one Sec-WebSocket-Accept.',
    tests: ['RFC 6455 §4.1: Sec-WebSocket-Accept twice fails the connection'],
  },
  {
    id: '§11.3.4-1',
    role: 'server',
    rule: 'An answer has at most one Sec-WebSocket-Protocol.',
    tests: ['RFC 6455 §4.1: the subprotocol must be one of those offered, in the same case'],
  },
  {
    id: '§11.3.5-1',
    role: 'client',
    rule: 'A request has one Sec-WebSocket-Version.',
    tests: ['RFC 6455 §4.2.1: a request without a version, or with two, gets 400'],
  },
]
