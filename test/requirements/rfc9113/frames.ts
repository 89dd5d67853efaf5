import type { Requirement } from '../requirement.ts'

/** RFC 9113 §6.1 to §6.4. */
export const frames: readonly Requirement[] = [
  {
    id: '§6.1-1',
    role: 'both',
    rule: 'Padding is sent as zeros.',
    tests: [
      'RFC 9113 §6.1: DATA with padding of zeros',
      'RFC 9113 §6.1: padding is zeros where the writer has been rewound',
    ],
  },
  {
    id: '§6.1-2',
    role: 'both',
    rule: 'DATA belongs to a stream; on stream 0 it is a connection error PROTOCOL_ERROR.',
    musts: 2,
    tests: [
      'RFC 9113 §6.1: DATA on stream 0 is a connection error PROTOCOL_ERROR',
      'RFC 9113 §6.1: DATA on stream 0 is a connection error',
      'RFC 9113 §6.1: DATA on stream 0',
    ],
  },
  {
    id: '§6.1-3',
    role: 'both',
    rule: 'DATA on a stream that is not open to it is a stream error STREAM_CLOSED.',
    tests: [
      'RFC 9113 §6.1: DATA on half-closed (remote) is a stream error STREAM_CLOSED',
      'RFC 9113 §6.1: DATA behind the END_STREAM of a response is a stream error STREAM_CLOSED',
      'RFC 9113 §6.1: DATA on a stream that the peer itself had reset is a stream error STREAM_CLOSED',
      'RFC 9113 §5.1: DATA on a stream closed long ago is a stream error STREAM_CLOSED, once',
    ],
  },
  {
    id: '§6.1-4',
    role: 'both',
    rule: 'Padding as long as the payload or longer is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §6.1: DATA with padding as long as its payload is a connection error',
      'RFC 9113 §6.1: DATA with padding longer than its payload is a connection error',
    ],
  },
  {
    id: '§6.2-1',
    role: 'both',
    rule: 'Padding is sent as zeros.',
    tests: ['RFC 9113 §6.2: HEADERS with padding of zeros'],
  },
  {
    id: '§6.2-2',
    role: 'both',
    rule: 'HEADERS without END_HEADERS is followed by CONTINUATION on the same stream.',
    tests: [
      'RFC 9113 §4.2, §6.10: a field block longer than the peer’s frames goes out in CONTINUATION frames',
      'RFC 9113 §4.3: a field block of…',
    ],
  },
  {
    id: '§6.2-3',
    role: 'both',
    rule: 'Anything else behind it is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §6.2: DATA inside a field block…',
      'RFC 9113 §6.2: HEADERS inside a field block…',
      'RFC 9113 §6.2: SETTINGS inside a field block…',
      'RFC 9113 §6.2: PING inside a field block…',
      'RFC 9113 §6.2: CONTINUATION of another stream inside a field block is a connection error PROTOCOL_ERROR',
    ],
  },
  {
    id: '§6.2-4',
    role: 'both',
    rule: 'HEADERS belongs to a stream; on stream 0 it is a connection error PROTOCOL_ERROR.',
    musts: 2,
    tests: ['RFC 9113 §6.2: HEADERS on stream 0 is a connection error', 'RFC 9113 §6.2: HEADERS on stream 0'],
  },
  {
    id: '§6.2-5',
    role: 'both',
    rule: 'Padding that leaves no room for the rest is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §6.2: HEADERS with padding as long as its payload is a connection error',
      'RFC 9113 §6.2: HEADERS with padding that reaches into its priority fields is a connection error',
    ],
  },
  {
    id: '§6.3-1',
    role: 'both',
    rule: 'PRIORITY on stream 0 is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.3: PRIORITY on stream 0 is a connection error'],
  },
  {
    id: '§6.3-2',
    role: 'both',
    rule: 'PRIORITY of other than 5 octets is a stream error FRAME_SIZE_ERROR.',
    tests: [
      'RFC 9113 §6.3: PRIORITY of 4 octets is a stream error',
      'RFC 9113 §6.3: PRIORITY of 6 octets is a stream error',
      'RFC 9113 §6.3: PRIORITY of another size is a stream error FRAME_SIZE_ERROR',
    ],
  },
  {
    id: '§6.4-1',
    role: 'both',
    rule: 'After RST_STREAM came, nothing but PRIORITY is sent on the stream.',
    tests: [
      'RFC 9113 §6.4: after RST_STREAM nothing more is sent on the stream, queued DATA neither',
      'RFC 9113 §6.4: DATA queued before RST_STREAM came never leaves',
    ],
  },
  {
    id: '§6.4-2',
    role: 'both',
    rule: 'After RST_STREAM went out, what the other had sent before it came is processed.',
    tests: ['RFC 9113 §5.1: frames that were on their way when we sent RST_STREAM are discarded'],
  },
  {
    id: '§6.4-3',
    role: 'both',
    rule: 'RST_STREAM belongs to a stream; on stream 0 it is a connection error PROTOCOL_ERROR.',
    musts: 2,
    tests: ['RFC 9113 §6.4: RST_STREAM on stream 0 is a connection error', 'RFC 9113 §6.4: RST_STREAM on stream 0'],
  },
  {
    id: '§6.4-4',
    role: 'both',
    rule: 'It is not sent for an idle stream.',
    tests: [
      'RFC 9113 §5.1: IDLE × SEND_RST_STREAM is misuse…',
      'RFC 9113 §5.4.2, §6.4: such a fault on an idle stream, which cannot be reset, ends the connection',
      'RFC 9113 §5.1.1: a server opens no streams, and nothing is sent on an idle one',
    ],
  },
  {
    id: '§6.4-5',
    role: 'both',
    rule: 'For an idle stream it is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.4: RST_STREAM on idle stream…'],
  },
  {
    id: '§6.4-6',
    role: 'both',
    rule: 'RST_STREAM of other than 4 octets is a connection error FRAME_SIZE_ERROR.',
    tests: [
      'RFC 9113 §6.4: RST_STREAM of 3 octets is a connection error',
      'RFC 9113 §6.4: RST_STREAM of 5 octets is a connection error',
      'RFC 9113 §4.2: RST_STREAM of 3 octets is a connection error FRAME_SIZE_ERROR',
    ],
  },
]
