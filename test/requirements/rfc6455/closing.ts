import type { Requirement } from '../requirement.ts'

/** RFC 6455 §5.5-§7: control frames, sending and receiving, closing. */
export const closing: readonly Requirement[] = [
  {
    id: '§5.5-1',
    role: 'both',
    rule: 'A control frame has at most 125 octets of payload, and comes whole.',
    musts: 2,
    tests: [
      'RFC 6455 §5.5: a control frame…',
      'RFC 6455 §5.5: a fragmented control frame…',
      'RFC 6455 §5.5: Ping and Pong carry up to 125 bytes',
    ],
  },
  {
    id: '§5.5.1-1',
    role: 'both',
    rule: 'A Close that has a payload begins with a code of two octets.',
    tests: [
      'RFC 6455 §5.5.1: a Close frame with half a code is refused',
      'RFC 6455 §7.4: codes that no Close frame may carry, and reasons that are none, change nothing',
    ],
  },
  {
    id: '§5.5.1-2',
    role: 'client',
    rule: 'The reason is not shown to people.',
    notTested: 'binds what has a screen',
  },
  {
    id: '§5.5.1-3',
    role: 'both',
    rule: 'After a Close no data frames are sent.',
    tests: ['RFC 6455 §7.1.2: a Close is sent once and no data after it'],
  },
  {
    id: '§5.5.1-4',
    role: 'both',
    rule: 'A Close is answered with one, unless it is itself the answer.',
    tests: [
      'RFC 6455 §5.5.1: a Close is answered with its code and reason, what comes after it ignored',
      'RFC 6455 §7.1.5: when both ends close at once, each reports the code of the other',
      'RFC 6455 §5.5.1: a message that came in one chunk with the Close, or a fault, can be answered before it',
    ],
  },
  {
    id: '§5.5.1-5',
    role: 'both',
    rule: 'When both have sent and got a Close the TCP connection is closed, by the server at once.',
    musts: 2,
    tests: [
      'RFC 6455 §7.1.1: after the closing handshake the server ends TCP first, both ways with the code',
      'RFC 6455 §7.1.2: the Close of the client is answered, then END_STREAM, and nothing is reset',
    ],
  },
  {
    id: '§5.5.2-1',
    role: 'both',
    rule: 'A Ping is answered with a Pong, unless a Close has come.',
    tests: [
      'RFC 6455 §5.5.2: a Ping is answered with its payload',
      'RFC 6455 §5.5.2: several Pings are answered one by one',
      'RFC 6455 §5.5.3: however many Pings come, 16 Pongs wait and the one for the latest',
      'RFC 6455 §5.5.1: nothing behind a Close is answered (7.1.2-7.1.4)',
    ],
  },
  {
    id: '§5.6-1',
    role: 'both',
    rule: 'A text message is UTF-8 as a whole, its fragments need not be.',
    tests: [
      'RFC 6455 §8.1: code points may be cut by fragments anywhere',
      'RFC 6455 §8.1: text that ends inside a code point is refused',
      'RFC 6455 §8.1: a message cut inside a code point by an empty last fragment is refused',
    ],
  },
  {
    id: '§5.8-1',
    role: 'both',
    rule: 'Extensions are agreed on in the opening handshake.',
    tests: [
      'RFC 7692 §6: RSV1 without the extension fails the connection',
      'RFC 7692 §7.1: whatever the two of them want, they agree on it, and on no more than either wanted',
    ],
  },
  {
    id: '§6.1-1',
    role: 'both',
    rule: 'A message is sent while the connection is open, and no longer.',
    musts: 3,
    tests: [
      'RFC 6455 §7.1.2: a Close is sent once and no data after it',
      'RFC 6455 §5.2: what one end sends the other reports, cut anywhere',
    ],
  },
  {
    id: '§6.1-2',
    role: 'both',
    rule: 'It goes out in frames, with its type in the first, FIN in the last, masked by a client.',
    musts: 5,
    tests: [
      'RFC 6455 §5.2: a server sends unmasked frames with the shortest length',
      'RFC 6455 §5.3: a client masks each frame with the next key of its random source',
      'RFC 6455 §5.2: are framed as `ws` frames them',
    ],
  },
  {
    id: '§6.2-1',
    role: 'both',
    rule: 'What comes is read as frames: control frames by their rules, data by type, message after message.',
    musts: 4,
    tests: [
      'RFC 6455 §5: are read as `ws` reads them, up to the same fault',
      'RFC 6455 §5: give the same events and answers however they are cut',
      'RFC 6455 §5.4: fragments are one message, of the kind the first one says',
    ],
  },
  {
    id: '§6.2-2',
    role: 'server',
    rule: 'A server takes the mask off.',
    tests: [
      'RFC 6455 §5.7: the masked example of the RFC',
      'RFC 6455 §5.3: words are masked like octets, at any offset and alignment, and nothing beside them',
    ],
  },
  {
    id: '§7.1.2-1',
    role: 'both',
    rule: 'Who starts to close sends a Close with its code and reason.',
    tests: [
      'RFC 6455 §7.1.2: a Close is sent once and no data after it',
      'RFC 6455 §7.4: every code that may be sent is',
    ],
  },
  {
    id: '§7.1.7-1',
    role: 'both',
    rule: 'Who fails the connection closes it.',
    musts: 2,
    tests: [
      'RFC 6455 §7.1.7: a fault of the server: Close 1002 to it, error with the fault, close with 1006',
      'RFC 6455 §5.1: an unmasked frame closes with 1002, error and close are told',
    ],
  },
  {
    id: '§7.1.7-2',
    role: 'both',
    rule: 'After that nothing that comes is read.',
    tests: [
      'RFC 6455 §7.1.7: a fault after our Close sends no second one and reads no further',
      'RFC 6455 §5: never throw, end at most once and never go on after the end',
    ],
  },
  {
    id: '§7.2.1-1',
    role: 'client',
    rule: 'A client fails the connection as §7.1.7 says, and when the transport is lost.',
    musts: 2,
    tests: [
      'RFC 6455 §7.1.5: bytes that end without a Close are an abnormal closure, wherever they end',
      'a lost connection: error and close with 1006, also before open was dispatched',
    ],
  },
  {
    id: '§7.2.2-1',
    role: 'server',
    rule: 'A server that gives up the handshake closes the connection.',
    tests: ['403 ends the connection, and what the client sent on is no request'],
  },
  {
    id: '§7.4.1-1',
    role: 'both',
    rule: '1005, 1006 and 1015 are never on the wire.',
    musts: 3,
    tests: [
      'RFC 6455 §7.4: the close code 1005 on the wire is refused',
      'RFC 6455 §7.4: the close code 1006 on the wire is refused',
      'RFC 6455 §7.4: the close code 1015 on the wire is refused',
      'RFC 6455 §7.4: codes that no Close frame may carry, and reasons that are none, change nothing',
      'RFC 6455 §7.1.5: a Close without a code stands for 1005 and is answered without one',
    ],
  },
]
