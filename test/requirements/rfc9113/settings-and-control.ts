import type { Requirement } from '../requirement.ts'

/** RFC 9113 §6.5 to §6.8. */
export const settingsAndControl: readonly Requirement[] = [
  {
    id: '§6.5-1',
    role: 'both',
    rule: 'Both sides begin with SETTINGS.',
    tests: ['RFC 9113 §3.4: both sides begin with SETTINGS and acknowledge the other’s'],
  },
  {
    id: '§6.5-2',
    role: 'both',
    rule: 'All settings of the RFC are supported.',
    tests: [
      'RFC 9113 §6.5.2: every setting of the RFC is taken at the ends of its range',
      'RFC 9113 §6.5: the last value of one setting in one frame counts',
    ],
  },
  {
    id: '§6.5-3',
    role: 'both',
    rule: 'SETTINGS with ACK is empty; any payload is a connection error FRAME_SIZE_ERROR.',
    musts: 2,
    tests: [
      'RFC 9113 §6.5: SETTINGS with ACK and a payload is a connection error',
      'RFC 9113 §6.5: SETTINGS with ACK and a setting',
      'RFC 9113 §6.5.3: SETTINGS with ACK',
    ],
  },
  {
    id: '§6.5-4',
    role: 'both',
    rule: 'SETTINGS is on stream 0; elsewhere it is a connection error PROTOCOL_ERROR.',
    musts: 2,
    tests: ['RFC 9113 §6.5: SETTINGS on a stream is a connection error', 'RFC 9113 §6.5: SETTINGS on a stream'],
  },
  {
    id: '§6.5-5',
    role: 'both',
    rule: 'SETTINGS with a value that cannot be is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.5.2: ENABLE_PUSH 2…', 'RFC 9113 §6.5.2: MAX_FRAME_SIZE 16,383…'],
  },
  {
    id: '§6.5-6',
    role: 'both',
    rule: 'SETTINGS whose length is no multiple of 6 is a connection error FRAME_SIZE_ERROR.',
    tests: [
      'RFC 9113 §6.5: SETTINGS of 5 octets is a connection error',
      'RFC 9113 §4.2: SETTINGS of 5 octets is a connection error FRAME_SIZE_ERROR',
    ],
  },
  {
    id: '§6.5.2-1',
    role: 'server',
    rule: 'No PUSH_PROMISE is sent to who has said ENABLE_PUSH=0.',
    notTested: 'no command of ours sends PUSH_PROMISE, to anybody',
  },
  {
    id: '§6.5.2-2',
    role: 'client',
    rule: 'PUSH_PROMISE after our ENABLE_PUSH=0 is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §6.6: PUSH_PROMISE after ENABLE_PUSH=0 was acknowledged is a connection error PROTOCOL_ERROR',
      'our own first SETTINGS say what we hold the peer to',
    ],
  },
  {
    id: '§6.5.2-3',
    role: 'both',
    rule: 'ENABLE_PUSH above 1 is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.5.2: ENABLE_PUSH 2…'],
  },
  {
    id: '§6.5.2-4',
    role: 'server',
    rule: 'A server says nothing of ENABLE_PUSH, or 0.',
    musts: 2,
    tests: ['our own first SETTINGS say what we hold the peer to'],
  },
  {
    id: '§6.5.2-5',
    role: 'client',
    rule: 'ENABLE_PUSH=1 from a server is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.5.2: ENABLE_PUSH 1 from a server is a connection error PROTOCOL_ERROR'],
  },
  {
    id: '§6.5.2-6',
    role: 'both',
    rule: 'INITIAL_WINDOW_SIZE above 2^31-1 is a connection error FLOW_CONTROL_ERROR.',
    tests: ['RFC 9113 §6.5.2: INITIAL_WINDOW_SIZE 2^31…'],
  },
  {
    id: '§6.5.2-7',
    role: 'both',
    rule: 'We announce a MAX_FRAME_SIZE of 2^14 to 2^24-1.',
    tests: [
      'RFC 9113 §4.2: so is a frame size out of range',
      'RFC 9113 §4.2: a limit that the setting cannot have is refused',
    ],
  },
  {
    id: '§6.5.2-8',
    role: 'both',
    rule: 'MAX_FRAME_SIZE out of that range is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.5.2: MAX_FRAME_SIZE 16,383…', 'RFC 9113 §6.5.2: MAX_FRAME_SIZE 2^24…'],
  },
  {
    id: '§6.5.2-9',
    role: 'both',
    rule: 'A setting that is not known is ignored.',
    tests: ['RFC 9113 §6.5.2: a setting that is not known is ignored, and handed on'],
  },
  {
    id: '§6.5.3-1',
    role: 'both',
    rule: 'Settings are in force as soon as they came.',
    tests: [
      'RFC 9113 §6.9.2: what was queued and not framed yet obeys a smaller window',
      'RFC 9113 §6.5.3: each SETTINGS is acknowledged, in their order, before what comes after',
    ],
  },
  {
    id: '§6.5.3-2',
    role: 'both',
    rule: 'The values of a frame are taken in their order, with nothing in between.',
    tests: [
      'RFC 9113 §6.5: the last value of one setting in one frame counts',
      'RFC 8441 §3: 0 after 1 in one frame too',
    ],
  },
  {
    id: '§6.5.3-3',
    role: 'both',
    rule: 'Settings that we do not support are ignored.',
    tests: ['RFC 9113 §6.5.2: a setting that is not known is ignored, and handed on'],
  },
  {
    id: '§6.5.3-4',
    role: 'both',
    rule: 'SETTINGS is acknowledged at once.',
    tests: ['RFC 9113 §6.5.3: each SETTINGS is acknowledged, in their order, before what comes after'],
  },
  {
    id: '§6.5.3-5',
    role: 'both',
    rule: 'Who never acknowledges SETTINGS can be cut off with SETTINGS_TIMEOUT.',
    musts: 0,
    tests: ['settingsTimeout: RFC 9113 §6.5.3: SETTINGS that nobody acknowledges end the connection SETTINGS_TIMEOUT'],
  },
  {
    id: '§6.6-1',
    role: 'server',
    rule: 'What PUSH_PROMISE must look like, and on which streams it may be sent.',
    musts: 7,
    notTested: 'no command of ours sends PUSH_PROMISE; that the frame writer keeps to its format is tested with frames',
  },
  {
    id: '§6.6-2',
    role: 'both',
    rule: 'In a PUSH_PROMISE that is received, stream 0 is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.6: PUSH_PROMISE on stream 0 is a connection error'],
  },
  {
    id: '§6.6-3',
    role: 'client',
    rule: 'With push off, PUSH_PROMISE is a connection error, whatever stream, promise and fields it has.',
    musts: 5,
    tests: [
      'RFC 9113 §6.6: PUSH_PROMISE after ENABLE_PUSH=0 was acknowledged is a connection error PROTOCOL_ERROR',
      'RFC 9113 §6.6: PUSH_PROMISE on an idle stream…',
      'RFC 9113 §6.6: PUSH_PROMISE on a stream that we reset…',
      'RFC 9113 §6.6: PUSH_PROMISE of an odd stream…',
      'RFC 9113 §6.6: PUSH_PROMISE without END_HEADERS…',
    ],
  },
  {
    id: '§6.6-4',
    role: 'both',
    rule: 'Padding that leaves no room for the rest is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.6: PUSH_PROMISE with too much padding is a connection error'],
  },
  {
    id: '§6.6-5',
    role: 'both',
    rule: 'Padding is sent as zeros.',
    tests: ['RFC 9113 §6.6: PUSH_PROMISE with padding of zeros'],
  },
  {
    id: '§6.7-1',
    role: 'both',
    rule: 'A PING has 8 octets.',
    tests: [
      'RFC 9113 §6.7: a PING has 8 octets, none that another on the way has, and 64 may be on the way',
      'RFC 9113 §6.7: PING of 7 octets',
    ],
  },
  {
    id: '§6.7-2',
    role: 'both',
    rule: 'It is answered by a PING with the same octets and the ACK flag.',
    musts: 2,
    tests: [
      'RFC 9113 §6.7: a server answers each PING with its octets and the ACK flag',
      'RFC 9113 §6.7: a client answers each PING with its octets and the ACK flag',
    ],
  },
  {
    id: '§6.7-3',
    role: 'both',
    rule: 'A PING with the ACK flag is not answered.',
    tests: [
      'RFC 9113 §6.7: a server answers no PING that has the ACK flag',
      'RFC 9113 §6.7: a client answers no PING that has the ACK flag',
    ],
  },
  {
    id: '§6.7-4',
    role: 'both',
    rule: 'PING on a stream is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §6.7: PING on a stream is a connection error', 'RFC 9113 §6.7: PING on a stream'],
  },
  {
    id: '§6.7-5',
    role: 'both',
    rule: 'PING of other than 8 octets is a connection error FRAME_SIZE_ERROR.',
    tests: [
      'RFC 9113 §6.7: PING of 7 octets is a connection error',
      'RFC 9113 §6.7: PING of 9 octets is a connection error',
    ],
  },
  {
    id: '§6.7-6',
    role: 'both',
    rule: 'Answers to PING go before all other frames.',
    musts: 0,
    tests: ['RFC 9113 §6.7: a PING response goes before queued DATA'],
  },
  {
    id: '§6.8-1',
    role: 'both',
    rule: 'After GOAWAY came, no more streams are opened.',
    tests: ['RFC 9113 §6.8: no additional stream is opened'],
  },
  {
    id: '§6.8-2',
    role: 'both',
    rule: 'GOAWAY on a stream is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §6.8: GOAWAY on a stream is a connection error, and its reader sees whole frames only',
      'RFC 9113 §6.8: GOAWAY on a stream is a connection error',
    ],
  },
  {
    id: '§6.8-3',
    role: 'both',
    rule: 'The last stream in GOAWAY never grows from one to the next.',
    tests: ['RFC 9113 §6.8: the last stream does not grow from one GOAWAY to the next'],
  },
  {
    id: '§6.8-4',
    role: 'both',
    rule: 'Field blocks on streams above the last one are decoded.',
    tests: [
      'RFC 9113 §6.8: what comes on streams above the last one is ignored: HEADERS, DATA, trailers, and all the rest',
    ],
  },
  {
    id: '§6.8-5',
    role: 'both',
    rule: 'DATA on them counts toward the window of the connection.',
    tests: ['RFC 9113 §6.8: DATA on streams above the last one counts toward the connection window, and comes back'],
  },
  {
    id: '§6.8-6',
    role: 'both',
    rule: 'Debug data that are logged are kept from strangers.',
    notTested: 'the library logs nothing; what the application does with the event is its own',
  },
  {
    id: '§6.8-7',
    role: 'server',
    rule: 'A graceful shutdown first names all streams, then, a round trip later, the last one.',
    musts: 0,
    tests: [
      'RFC 9113 §6.8: a server first names the highest id, then the last stream one round trip later',
      'RFC 9113 §6.8: who has no more use for the connection says GOAWAY too before it ends it',
    ],
  },
]
