import type { Requirement } from '../requirement.ts'

/** RFC 9113 §5. */
export const streams: readonly Requirement[] = [
  {
    id: '§5.1-1',
    role: 'both',
    rule: 'idle: whatever comes but HEADERS and PRIORITY is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §5.1: DATA on an idle stream is a connection error PROTOCOL_ERROR',
      'RFC 9113 §6.4: RST_STREAM on idle stream…',
      'RFC 9113 §5.1: on an idle stream it is a connection error PROTOCOL_ERROR (server)',
      'RFC 9113 §5.1: on an idle stream it is a connection error PROTOCOL_ERROR (client)',
    ],
  },
  {
    id: '§5.1-2',
    role: 'client',
    rule: 'idle: HEADERS on a stream of the server’s is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §5.1: HEADERS on an even idle id from a server is a connection error PROTOCOL_ERROR'],
  },
  {
    id: '§5.1-3',
    role: 'server',
    rule: 'reserved (local): nothing is sent but HEADERS, RST_STREAM and PRIORITY.',
    tests: ['RFC 9113 §5.1: RESERVED_LOCAL × SEND_DATA is misuse…'],
  },
  {
    id: '§5.1-4',
    role: 'server',
    rule: 'reserved (local): whatever comes but RST_STREAM, PRIORITY and WINDOW_UPDATE is a connection error.',
    tests: [
      'RFC 9113 §5.1: RESERVED_LOCAL × RECV_HEADERS is connection PROTOCOL_ERROR…',
      'RFC 9113 §5.1: RESERVED_LOCAL × RECV_DATA is connection PROTOCOL_ERROR…',
    ],
  },
  {
    id: '§5.1-5',
    role: 'client',
    rule: 'reserved (remote): nothing is sent but RST_STREAM, WINDOW_UPDATE and PRIORITY.',
    tests: [
      'RFC 9113 §5.1: RESERVED_REMOTE × SEND_HEADERS is misuse…',
      'RFC 9113 §5.1: RESERVED_REMOTE × SEND_DATA is misuse…',
    ],
  },
  {
    id: '§5.1-6',
    role: 'client',
    rule: 'reserved (remote): whatever comes but HEADERS, RST_STREAM and PRIORITY is a connection error.',
    tests: [
      'RFC 9113 §5.1: RESERVED_REMOTE × RECV_DATA is connection PROTOCOL_ERROR…',
      'RFC 9113 §5.1: RESERVED_REMOTE × RECV_WINDOW_UPDATE is connection PROTOCOL_ERROR…',
    ],
  },
  {
    id: '§5.1-7',
    role: 'both',
    rule: 'half-closed (remote): DATA and HEADERS are a stream error STREAM_CLOSED.',
    tests: [
      'RFC 9113 §5.1: HEADERS on half-closed (remote) is a stream error STREAM_CLOSED',
      'RFC 9113 §5.1: a second response on half-closed (remote) is a stream error STREAM_CLOSED',
      'RFC 9113 §6.1: DATA on half-closed (remote) is a stream error STREAM_CLOSED',
    ],
  },
  {
    id: '§5.1-8',
    role: 'both',
    rule: 'closed: nothing is sent but PRIORITY.',
    tests: [
      'RFC 9113 §6.4: after RST_STREAM nothing more is sent on the stream, queued DATA neither',
      'RFC 9113 §5.1: on a stream that the peer ended behind the caller’s back, commands do nothing',
      'RFC 9113 §6.9: a stream that the peer ended gets no more of it, the connection does',
    ],
  },
  {
    id: '§5.1-9',
    role: 'both',
    rule: 'closed by our RST_STREAM: what was on its way is read and discarded.',
    tests: ['RFC 9113 §5.1: frames that were on their way when we sent RST_STREAM are discarded'],
  },
  {
    id: '§5.1.1-1',
    role: 'both',
    rule: 'A client’s streams have odd ids, a server’s even ones.',
    musts: 2,
    tests: [
      'RFC 9113 §5.1.1: a client counts its streams 1, 3, 5',
      'RFC 9113 §5.1.1: a server opens no streams, and nothing is sent on an idle one',
      'RFC 9113 §5.1.1: HEADERS on an even id from a client is a connection error PROTOCOL_ERROR',
    ],
  },
  {
    id: '§5.1.1-2',
    role: 'both',
    rule: 'Each new id is higher than all before it from the same side.',
    tests: [
      'RFC 9113 §5.1.1: a client counts its streams 1, 3, 5',
      'RFC 9113 §5.1.1: an endpoint may skip stream identifiers',
    ],
  },
  {
    id: '§5.1.1-3',
    role: 'both',
    rule: 'An id that could not come is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §5.1.1: HEADERS on an even id from a client is a connection error PROTOCOL_ERROR',
      'RFC 9113 §5.1.1: an id below one opened before is a connection error PROTOCOL_ERROR',
      'RFC 9113 §5.1: a response on a stream that the client never opened is a connection error',
    ],
  },
  {
    id: '§5.1.2-1',
    role: 'both',
    rule: 'No more streams are opened than the other side allows.',
    tests: [
      'RFC 9113 §5.1.2: a client opens no more streams than the server allows',
      'RFC 9113 §5.1.2: no more streams at once than the server allows, in order',
    ],
  },
  {
    id: '§5.1.2-2',
    role: 'both',
    rule: 'A stream beyond our limit is a stream error, here REFUSED_STREAM.',
    tests: [
      'RFC 9113 §5.1.2: a request over our limit is a stream error REFUSED_STREAM, and those below it go on',
      'RFC 9113 §5.1.2: open and half-closed streams count, closed ones do not',
      'RFC 9113 §5.1.2: fewer streams bind the client once it has acknowledged; those open go on',
    ],
  },
  {
    id: '§5.2.1-1',
    role: 'both',
    rule: 'A sender keeps to the windows that the receiver gives.',
    tests: [
      'RFC 9113 §6.9.1: DATA takes of both windows and stops where either ends',
      'RFC 9113 §5.2: with any windows, any delivery and any pace of reading, all data arrive and all streams end',
    ],
  },
  {
    id: '§5.2.2-1',
    role: 'both',
    rule: 'Frames are read as they come, though nobody takes the DATA of a stream.',
    tests: [
      'RFC 9113 §5.2.2: with every window used up, other frames are still read, answered and sent',
      'RFC 9113 §5.2.2: a session reads on while nobody reads its streams',
    ],
  },
  {
    id: '§5.4-1',
    role: 'both',
    rule: 'A frame that is a connection error is reported as one.',
    tests: [
      'RFC 9113 §5.4: any octets give frames or declared faults, and at most the last is a connection error',
      'RFC 9113 §6.2: a frame with a stream error of its own inside a field block is a connection error PROTOCOL_ERROR',
    ],
  },
  {
    id: '§5.4.1-1',
    role: 'both',
    rule: 'After the GOAWAY of an error the transport is closed.',
    tests: [
      'RFC 9113 §5.4.1: after a fault the GOAWAY is written, our side ends, and input is read until the peer ends',
      'RFC 9113 §5.4.1: after a connection error nothing more is read',
    ],
  },
  {
    id: '§5.4.1-2',
    role: 'both',
    rule: 'The GOAWAY of an error names the last stream that was received, and the code.',
    musts: 0,
    tests: ['RFC 9113 §5.4.1: the GOAWAY of an error names the last stream received'],
  },
  {
    id: '§5.4.2-1',
    role: 'both',
    rule: 'Who sent RST_STREAM takes what the other had sent or queued before it knew.',
    tests: [
      'RFC 9113 §5.1: frames that were on their way when we sent RST_STREAM are discarded',
      'RFC 9113 §6.9: DATA on a stream that we had reset counts on the connection window too',
    ],
  },
  {
    id: '§5.4.2-2',
    role: 'both',
    rule: 'RST_STREAM never answers RST_STREAM.',
    tests: [
      'RFC 9113 §5.4.2: no RST_STREAM is answered by one, whatever state the stream is in',
      'RFC 9113 §6.4: a server’s stream ends by the client’s RST_STREAM, and no frame answers it',
    ],
  },
  {
    id: '§5.4.2-3',
    role: 'both',
    rule: 'One RST_STREAM for a stream is enough.',
    musts: 0,
    tests: [
      'RFC 9113 §5.1: DATA on a stream closed long ago is a stream error STREAM_CLOSED, once',
      'RFC 9113 §6.4: a reset is one RST_STREAM, no event, and drops what is queued',
    ],
  },
  {
    id: '§5.5-1',
    role: 'both',
    rule: 'Values that are not known are ignored wherever the protocol can be extended.',
    tests: [
      'RFC 9113 §6.5.2: a setting that is not known is ignored, and handed on',
      'RFC 9113 §7: an unknown error code has no special meaning and is handed on',
      'RFC 9113 §5.5: a server discards frames of unknown types, on any stream, and ignores unknown flags',
    ],
  },
  {
    id: '§5.5-2',
    role: 'both',
    rule: 'Frames of unknown types are discarded.',
    tests: [
      'RFC 9113 §5.5: a server discards frames…',
      'RFC 9113 §5.5: a client discards frames…',
      'RFC 9113 §5.5: frames of the types asked for are handed on, all others ignored',
    ],
  },
  {
    id: '§5.5-3',
    role: 'both',
    rule: 'Within a field block they are a connection error PROTOCOL_ERROR all the same.',
    tests: ['RFC 9113 §5.5: an unknown frame inside a field block is a connection error PROTOCOL_ERROR'],
  },
  {
    id: '§5.5-4',
    role: 'both',
    rule: 'An extension that changes what exists is agreed on first.',
    tests: [
      'RFC 9113 §5.5: two endpoints agree on an extension by a setting and use it',
      'RFC 8441 §3: sends no :protocol before the server said that it may',
    ],
  },
  {
    id: '§5.5-5',
    role: 'both',
    rule: 'A setting that negotiates an extension means “off” until it is sent.',
    tests: ['RFC 9113 §6.5.2: before the peer’s SETTINGS the initial values hold'],
  },
]
