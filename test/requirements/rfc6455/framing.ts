import type { Requirement } from '../requirement.ts'

/** RFC 6455 §5.1-§5.4. */
export const framing: readonly Requirement[] = [
  {
    id: '§5.1-1',
    role: 'client',
    rule: 'A client masks every frame.',
    tests: [
      'RFC 6455 §5.3: a client masks each frame with the next key of its random source',
      'RFC 6455 §5.2: are framed as `ws` frames them',
    ],
  },
  {
    id: '§5.1-2',
    role: 'server',
    rule: 'A server that gets a frame without a mask closes the connection.',
    tests: ['RFC 6455 §5.1: a server refuses an unmasked frame before it delivers any of it'],
  },
  {
    id: '§5.1-3',
    role: 'server',
    rule: 'A server masks nothing.',
    tests: ['RFC 6455 §5.2: a server sends unmasked frames with the shortest length'],
  },
  {
    id: '§5.1-4',
    role: 'client',
    rule: 'A client that gets a masked frame closes the connection.',
    tests: ['RFC 6455 §5.1: a client refuses a masked frame'],
  },
  {
    id: '§5.2-1',
    role: 'both',
    rule: 'The reserved bits are 0, unless an extension gives them a meaning; others fail the connection.',
    musts: 5,
    tests: [
      'RFC 6455 §5.2: reserved bits…',
      'RFC 6455 §5.2: the reserved bits…',
      'RFC 7692 §6: RSV1 without the extension fails the connection',
      'RFC 7692 §6: RSV2 and RSV3 mean nothing, with RSV1 or without',
      'RFC 6455 §5.2: a server sends unmasked frames with the shortest length',
    ],
  },
  {
    id: '§5.2-2',
    role: 'both',
    rule: 'An unknown opcode fails the connection.',
    tests: ['RFC 6455 §5.2: the reserved opcode…'],
  },
  {
    id: '§5.2-3',
    role: 'both',
    rule: 'A length takes as few octets as it needs, and its highest bit is 0.',
    musts: 2,
    tests: [
      'RFC 6455 §5.2: a length below 126 in 16 bits is refused',
      'RFC 6455 §5.2: a length below 65536 in 64 bits is refused',
      'RFC 6455 §5.2: a 64-bit length with its highest bit set is refused',
      'RFC 6455 §5.2: a server sends unmasked frames with the shortest length',
    ],
  },
  {
    id: '§5.2-4',
    role: 'both',
    rule: 'What an extension must define for the data it adds.',
    musts: 2,
    notTested: 'binds the authors of extensions; permessage-deflate adds none',
  },
  {
    id: '§5.3-1',
    role: 'client',
    rule: 'A masked frame has the bit that says so.',
    tests: [
      'RFC 6455 §5.3: a client masks each frame with the next key of its random source',
      'RFC 6455 §5.7: the masked example of the RFC',
    ],
  },
  {
    id: '§5.3-2',
    role: 'client',
    rule: 'Each frame has a fresh key from a strong source, from which the next can’t be told.',
    musts: 3,
    tests: [
      'RFC 6455 §10.3: no key is used twice, and random bytes are fetched many at a time',
      'RFC 6455 §5.3: a client needs a random source',
    ],
  },
  {
    id: '§5.4-1',
    role: 'both',
    rule: 'Control frames are not fragmented, and may come between fragments.',
    musts: 2,
    tests: [
      'RFC 6455 §5.5: a fragmented control frame…',
      'RFC 6455 §5.4: control frames come between fragments',
      'RFC 6455 §5.4: five fragments with Pings between them (5.19, 5.20)',
    ],
  },
  {
    id: '§5.4-2',
    role: 'both',
    rule: 'Fragments come in the order in which they were sent, whole or not.',
    musts: 2,
    tests: [
      'RFC 6455 §5.4: messages in any fragments, cut anywhere, arrive whole in both directions',
      'RFC 6455 §5.4: a large message that comes in large and small chunks keeps its bytes in order',
    ],
  },
  {
    id: '§5.4-3',
    role: 'both',
    rule: 'The fragments of two messages are not mixed, and all fragments are of the type of the first.',
    musts: 2,
    tests: [
      'RFC 6455 §5.4: a text frame inside a fragmented message is refused',
      'RFC 6455 §5.4: a binary frame inside a fragmented message is refused',
      'RFC 6455 §5.4: a continuation without a message is refused',
      'RFC 6455 §5.4: fragments are one message, of the kind the first one says',
    ],
  },
  {
    id: '§5.4-4',
    role: 'both',
    rule: 'What an intermediary may do to fragments.',
    musts: 4,
    notTested: 'binds intermediaries',
  },
]
