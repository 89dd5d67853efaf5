import type { Requirement } from '../requirement.ts'

/** RFC 9113 §3 and §4. */
export const startAndFraming: readonly Requirement[] = [
  {
    id: '§3.2-1',
    role: 'both',
    rule: 'h2c is never offered or chosen in TLS.',
    tests: [
      'RFC 9113 §3.2: a client offers h2 alone, and names the host in SNI',
      'RFC 9113 §3.2: a server does not choose h2c',
    ],
  },
  {
    id: '§3.2-2',
    role: 'both',
    rule: 'When TLS stands, each side sends its preface.',
    tests: [
      'RFC 9113 §3.2: agree on h2 by ALPN, and carry fetch and WebSocket',
      'RFC 9113 §3.4: a client begins with the 24 octets and SETTINGS, a server with SETTINGS',
    ],
  },
  {
    id: '§3.3-1',
    role: 'both',
    rule: 'Over TLS the protocol is agreed on by ALPN, never assumed.',
    tests: [
      'RFC 9113 §3.2: a client without ALPN is not served',
      'RFC 9113 §3.2: says so when the peer does not choose h2',
    ],
  },
  {
    id: '§3.3-2',
    role: 'server',
    rule: 'By prior knowledge too, the server sends its preface.',
    tests: ['RFC 9113 §3.3: a stream handler answers a request'],
  },
  {
    id: '§3.4-1',
    role: 'client',
    rule: 'Behind the 24 octets comes SETTINGS.',
    tests: ['RFC 9113 §3.4: a client begins with the 24 octets and SETTINGS, a server with SETTINGS'],
  },
  {
    id: '§3.4-2',
    role: 'server',
    rule: 'The first frame that a server sends is SETTINGS.',
    tests: ['RFC 9113 §3.4: a client begins with the 24 octets and SETTINGS, a server with SETTINGS'],
  },
  {
    id: '§3.4-3',
    role: 'both',
    rule: 'The SETTINGS of the other’s preface are acknowledged, after our own preface.',
    tests: ['RFC 9113 §3.4: the SETTINGS of the preface are acknowledged after our own preface'],
  },
  {
    id: '§3.4-4',
    role: 'both',
    rule: 'A preface that is none is a connection error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §3.4: a preface wrong at octet…',
      'RFC 9113 §3.4: HTTP/1.1 in the place of the preface is a connection error PROTOCOL_ERROR, either way',
      'RFC 9113 §3.4: PING as the first frame is a connection error PROTOCOL_ERROR',
      'RFC 9113 §3.4: a SETTINGS acknowledgement as the first frame is a connection error PROTOCOL_ERROR',
    ],
  },
  {
    id: '§4.1-1',
    role: 'both',
    rule: 'No payload is longer than 2^14 octets, unless the receiver has allowed it.',
    tests: [
      'RFC 9113 §4.2: no DATA frame is larger than the peer allows',
      'RFC 9113 §4.2, §6.10: a field block longer than the peer’s frames goes out in CONTINUATION frames',
      'RFC 9113 §4.2: a frame larger than the peer allows',
    ],
  },
  {
    id: '§4.1-2',
    role: 'both',
    rule: 'Frames of unknown types are discarded.',
    tests: ['RFC 9113 §5.5: a server discards frames…', 'RFC 9113 §5.5: a client discards frames…'],
  },
  {
    id: '§4.1-3',
    role: 'both',
    rule: 'Flags that a type does not define are ignored, and not set by us.',
    musts: 2,
    tests: [
      'RFC 9113 §4.1: flags without a meaning are kept and change nothing',
      'RFC 9113 §5.5: a server discards frames of unknown types, on any stream, and ignores unknown flags',
      'RFC 9113 §4.1: in what we send, every undefined flag and reserved bit is unset',
    ],
  },
  {
    id: '§4.1-4',
    role: 'both',
    rule: 'The reserved bit is sent as 0 and ignored.',
    musts: 2,
    tests: [
      'RFC 9113 §4.1: in what we send, every undefined flag and reserved bit is unset',
      'RFC 9113 §4.1: the reserved bit before the stream identifier is ignored',
    ],
  },
  {
    id: '§4.2-1',
    role: 'both',
    rule: 'Frames of up to 2^14 octets are taken.',
    tests: ['RFC 9113 §4.2: a payload of 16,384 octets is accepted'],
  },
  {
    id: '§4.2-2',
    role: 'both',
    rule: 'A frame too large for the setting or its type, or too small for its fields, is FRAME_SIZE_ERROR.',
    tests: [
      'RFC 9113 §4.2: DATA of 16,385 octets is a stream error FRAME_SIZE_ERROR',
      'RFC 9113 §4.2: padded DATA without a pad length is a stream error',
      'RFC 9113 §4.2: GOAWAY of 7 octets is a connection error',
      'RFC 9113 §4.2: DATA larger than our limit is a stream error FRAME_SIZE_ERROR',
    ],
  },
  {
    id: '§4.2-3',
    role: 'both',
    rule: 'It is a connection error in a frame with a field block, in SETTINGS, and on stream 0.',
    tests: [
      'RFC 9113 §4.2: HEADERS of 16,385 octets is a connection error FRAME_SIZE_ERROR',
      'RFC 9113 §4.2: CONTINUATION of 16,385 octets is a connection error FRAME_SIZE_ERROR',
      'RFC 9113 §4.2: PUSH_PROMISE of 16,385 octets is a connection error FRAME_SIZE_ERROR',
      'RFC 9113 §4.2: SETTINGS of 16,385 octets is a connection error FRAME_SIZE_ERROR',
      'RFC 9113 §4.2: an unknown type on stream 0 of 16,385 octets is a connection error FRAME_SIZE_ERROR',
      'RFC 9113 §4.2: HEADERS of 16,385 octets is a connection error, which a server answers with GOAWAY(FRAME_SIZE_ERROR)',
    ],
  },
  {
    id: '§4.3-1',
    role: 'both',
    rule: 'The frames of a field block are sent with nothing between them.',
    tests: ['RFC 9113 §4.3: the frames of a field block are sent in one run, whatever waits to be sent'],
  },
  {
    id: '§4.3-2',
    role: 'both',
    rule: 'A field block that is not decoded ends the connection; those on streams given up are decoded too.',
    tests: [
      'RFC 9113 §4.3: a block on a closed stream that does not decode is a connection error COMPRESSION_ERROR',
      'RFC 9113 §4.3: blocks on reset, refused and malformed streams are decoded, so that the tables stay in step',
    ],
  },
  {
    id: '§4.3-3',
    role: 'both',
    rule: 'A fault in a field block is a connection error COMPRESSION_ERROR.',
    tests: [
      'RFC 9113 §4.3: a block that does not decode is a connection error COMPRESSION_ERROR',
      'RFC 9113 §4.3: a block cut short by END_HEADERS is a connection error COMPRESSION_ERROR',
      'RFC 9113 §4.3: cut at every place its fault is the same COMPRESSION_ERROR:…',
    ],
  },
  {
    id: '§4.3.1-1',
    role: 'both',
    rule: 'After a smaller table was acknowledged, our next field block begins with the size update.',
    tests: [
      'RFC 9113 §4.3.1: a smaller HEADER_TABLE_SIZE is declared at the start of the next block',
      'RFC 7541 §4.2: a change stands at the beginning of the next block, once',
    ],
  },
  {
    id: '§4.3.1-2',
    role: 'both',
    rule: 'A block that begins without the size update that is due is a COMPRESSION_ERROR.',
    tests: [
      'RFC 9113 §4.3.1: a block that starts without the update demanded after a reduction is a COMPRESSION_ERROR',
      'RFC 9113 §4.3.1: a table that is not made smaller after the acknowledgement is an error COMPRESSION_ERROR',
      'RFC 7541 §4.2: a table that went down and up again on the way must still be declared as small as it was',
    ],
  },
]
