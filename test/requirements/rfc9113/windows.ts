import type { Requirement } from '../requirement.ts'

/** RFC 9113 §6.9 and §6.10. */
export const windows: readonly Requirement[] = [
  {
    id: '§6.9-1',
    role: 'both',
    rule: 'Frames other than DATA are taken and sent without regard to the windows.',
    tests: ['RFC 9113 §5.2.2: with every window used up, other frames are still read, answered and sent'],
  },
  {
    id: '§6.9-2',
    role: 'both',
    rule: 'WINDOW_UPDATE by 0 is a stream error PROTOCOL_ERROR, on stream 0 a connection error.',
    musts: 2,
    tests: [
      'RFC 9113 §6.9: WINDOW_UPDATE by 0 is a stream error PROTOCOL_ERROR',
      'RFC 9113 §6.9: by 0 on the connection it is a connection error PROTOCOL_ERROR',
    ],
  },
  {
    id: '§6.9-3',
    role: 'both',
    rule: 'WINDOW_UPDATE on a stream that is half-closed (remote) or closed is no error.',
    tests: ['RFC 9113 §6.9: on half-closed (remote) and closed streams it is no error'],
  },
  {
    id: '§6.9-4',
    role: 'both',
    rule: 'DATA counts toward the window of the connection even where the frame is in error.',
    tests: [
      'RFC 9113 §6.9: DATA that is a stream error is still charged',
      'RFC 9113 §6.9: DATA on a stream that we had reset counts on the connection window too',
      'RFC 9113 §6.9: DATA in error is given back: wrong length, wrong state, wrong size',
      'RFC 9113 §6.9: bytes credited are bytes received once all is consumed, whatever became of their stream',
    ],
  },
  {
    id: '§6.9-5',
    role: 'both',
    rule: 'WINDOW_UPDATE of other than 4 octets is a connection error FRAME_SIZE_ERROR.',
    tests: [
      'RFC 9113 §6.9: WINDOW_UPDATE of 3 octets is a connection error',
      'RFC 9113 §6.9: WINDOW_UPDATE of 5 octets is a connection error',
    ],
  },
  {
    id: '§6.9.1-1',
    role: 'both',
    rule: 'No DATA is sent beyond the window of the stream or of the connection.',
    tests: [
      'RFC 9113 §6.9.1: DATA takes of both windows and stops where either ends',
      'RFC 9113 §6.9.1: an empty DATA with END_STREAM goes out with no window left',
    ],
  },
  {
    id: '§6.9.1-2',
    role: 'both',
    rule: 'No window goes above 2^31-1.',
    tests: [
      'RFC 9113 §6.9.1: a window that is none is a UsageError',
      'RFC 9113 §6.9.1: a connection window of 2^31-1 is lawful (server)',
    ],
  },
  {
    id: '§6.9.1-3',
    role: 'both',
    rule: 'WINDOW_UPDATE that takes it there ends the stream or the connection with FLOW_CONTROL_ERROR.',
    tests: [
      'RFC 9113 §6.9.1: a stream window above 2^31-1 is a stream error FLOW_CONTROL_ERROR',
      'RFC 9113 §6.9.1: so it is for a server',
      'RFC 9113 §6.9.1: a connection window above 2^31-1 is a connection error FLOW_CONTROL_ERROR…',
    ],
  },
  {
    id: '§6.9.1-4',
    role: 'both',
    rule: 'DATA beyond the window that we gave is FLOW_CONTROL_ERROR.',
    musts: 0,
    tests: [
      'RFC 9113 §6.9.1: DATA beyond the stream window is a stream error FLOW_CONTROL_ERROR',
      'RFC 9113 §6.9.1: DATA beyond the connection window is a connection error FLOW_CONTROL_ERROR',
    ],
  },
  {
    id: '§6.9.2-1',
    role: 'both',
    rule: 'A new INITIAL_WINDOW_SIZE moves the windows of all open streams by the difference.',
    tests: [
      'RFC 9113 §6.9.2: the windows of open streams move by the difference, below zero too, and DATA waits',
      'RFC 9113 §6.9.2: streams opened later have the new size, and the connection window stays',
      'RFC 9113 §6.9.2: larger windows hold at once, for open streams and new ones',
      'RFC 9113 §6.9.2: smaller windows bind once acknowledged, below zero too, and credit takes them above it again',
    ],
  },
  {
    id: '§6.9.2-2',
    role: 'both',
    rule: 'A window may be below zero, and nothing is sent until it is above.',
    musts: 2,
    tests: ['RFC 9113 §6.9.2: the windows of open streams move by the difference, below zero too, and DATA waits'],
  },
  {
    id: '§6.9.2-3',
    role: 'both',
    rule: 'A change that takes a window above 2^31-1 is a connection error FLOW_CONTROL_ERROR.',
    tests: [
      'RFC 9113 §6.9.2: a change that takes a window above 2^31-1 is a connection error FLOW_CONTROL_ERROR',
      'RFC 9113 §6.9.2: a window of exactly 2^31-1 is lawful',
    ],
  },
  {
    id: '§6.9.3-1',
    role: 'both',
    rule: 'Who made its windows smaller takes what was sent before the other knew.',
    tests: [
      'RFC 9113 §6.9.3: what was sent before our smaller window was acknowledged is taken',
      'RFC 9113 §6.9.2: data consumed before our smaller window was acknowledged is credited when it is',
      'RFC 9113 §6.9.2: what was consumed before the acknowledgement is credited with it, so that no stream stands still',
    ],
  },
  {
    id: '§6.10-1',
    role: 'both',
    rule: 'CONTINUATION without END_HEADERS is followed by another one.',
    tests: [
      'RFC 9113 §4.3: a field block of…',
      'RFC 9113 §6.10: a field block may come in any number of fragments, empty ones too, and END_STREAM of HEADERS holds',
    ],
  },
  {
    id: '§6.10-2',
    role: 'both',
    rule: 'Anything else behind it is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §6.10: DATA between two CONTINUATIONs…',
      'RFC 9113 §6.10: CONTINUATION of another stream between two CONTINUATIONs…',
      'RFC 9113 §6.10: an unknown frame between two CONTINUATIONs…',
    ],
  },
  {
    id: '§6.10-3',
    role: 'both',
    rule: 'CONTINUATION belongs to a stream; on stream 0 it is a connection error PROTOCOL_ERROR.',
    musts: 2,
    tests: [
      'RFC 9113 §6.10: CONTINUATION on stream 0 is a connection error',
      'RFC 9113 §6.10: CONTINUATION on stream 0',
    ],
  },
  {
    id: '§6.10-4',
    role: 'both',
    rule: 'CONTINUATION that continues no field block is a connection error PROTOCOL_ERROR.',
    musts: 2,
    tests: [
      'RFC 9113 §6.10: CONTINUATION after END_HEADERS is a connection error PROTOCOL_ERROR',
      'RFC 9113 §6.10: CONTINUATION after no HEADERS is a connection error PROTOCOL_ERROR',
    ],
  },
]
