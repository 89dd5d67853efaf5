import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import {
  beginHeaders,
  beginPushPromise,
  endHeaders,
  Flag,
  FrameReader,
  writeAltSvc,
  writeDataHeader,
  writeFrame,
  writeFrameHeader,
  writeGoAway,
  writeOrigin,
  writePing,
  writePriority,
  writePriorityUpdate,
  writeRstStream,
  writeSettings,
  writeWindowUpdate,
} from '../../src/frames/index.ts'
import { hex } from './support.ts'

type Write = (w: ByteWriter) => void

const dummy = { streamId: 1, flags: 0 }
const heaviest = { exclusive: false, dependency: 0, weight: 255 }
/** The largest frame there is, and an octet. */
const huge = new Uint8Array(0x1000000)
const misuses: readonly (readonly [title: string, write: Write])[] = [
  ['RFC 9113 §4.2: a payload length of 2^24', (w) => writeFrameHeader(w, 0x1000000, 0, 0, 1)],
  ['RFC 9113 §4.1: a frame type of 256', (w) => writeFrameHeader(w, 0, 256, 0, 1)],
  ['RFC 9113 §4.1: flags of 256', (w) => writeFrameHeader(w, 0, 0, 256, 1)],
  ['RFC 9113 §4.1: a stream identifier of 2^31', (w) => writeFrameHeader(w, 0, 0, 0, 0x80000000)],
  ['RFC 9113 §6.1: DATA on stream 0', (w) => writeDataHeader(w, 0, 1, 0)],
  ['RFC 9113 §6.1: DATA with the flag PADDED and no padding', (w) => writeDataHeader(w, 1, 1, Flag.PADDED)],
  ['RFC 9113 §6.1: padding of 256', (w) => writeFrame(w, { ...dummy, kind: 'DATA', data: hex(''), padLength: 256 })],
  [
    'RFC 9113 §6.1: a DATA frame with the flag PADDED and no padding',
    (w) => writeFrame(w, { ...dummy, kind: 'DATA', flags: 8, data: hex('') }),
  ],
  ['RFC 9113 §6.2: HEADERS on stream 0', (w) => beginHeaders(w, 0, 0)],
  ['RFC 9113 §6.2: HEADERS with the flag PRIORITY and no priority', (w) => beginHeaders(w, 1, Flag.PRIORITY)],
  [
    'RFC 9113 §6.2: a HEADERS frame with the flag PRIORITY and no priority',
    (w) => writeFrame(w, { ...dummy, kind: 'HEADERS', flags: 0x20, fragment: hex('') }),
  ],
  ['RFC 9113 §6.3: a weight of 256', (w) => writePriority(w, 1, { exclusive: false, dependency: 0, weight: 256 })],
  ['RFC 9113 §6.3: PRIORITY on stream 0', (w) => writePriority(w, 0, { exclusive: false, dependency: 0, weight: 1 })],
  ['RFC 9113 §6.4: RST_STREAM on stream 0', (w) => writeRstStream(w, 0, 8)],
  ['RFC 9113 §7: an error code of 2^32', (w) => writeRstStream(w, 1, 0x100000000)],
  [
    'RFC 9113 §6.5.1: a setting identifier of 2^16',
    (w) =>
      writeSettings(w, [
        [1, 1],
        [0x10000, 0],
      ]),
  ],
  ['RFC 9113 §6.5.1: a setting value below 0', (w) => writeSettings(w, [[1, -1]])],
  ['RFC 9113 §6.5: SETTINGS on a stream', (w) => writeFrame(w, { ...dummy, kind: 'SETTINGS', settings: [] })],
  [
    'RFC 9113 §6.5: SETTINGS with ACK and a setting',
    (w) => writeFrame(w, { kind: 'SETTINGS', streamId: 0, flags: 1, settings: [[1, 1]] }),
  ],
  ['RFC 9113 §6.6: a promise of stream 0', (w) => beginPushPromise(w, 1, 0)],
  ['RFC 9113 §6.6: PUSH_PROMISE on stream 0', (w) => beginPushPromise(w, 0, 2)],
  ['RFC 9113 §6.7: PING of 7 octets', (w) => writePing(w, new Uint8Array(7), false)],
  ['RFC 9113 §6.7: PING on a stream', (w) => writeFrame(w, { ...dummy, kind: 'PING', opaque: new Uint8Array(8) })],
  ['RFC 9113 §6.8: a last stream of 2^31', (w) => writeGoAway(w, 0x80000000, 0)],
  [
    'RFC 9113 §6.8: GOAWAY on a stream',
    (w) => writeFrame(w, { ...dummy, kind: 'GOAWAY', lastStreamId: 0, errorCode: 0, debugData: hex('') }),
  ],
  ['RFC 9113 §6.9: an increment of 0', (w) => writeWindowUpdate(w, 1, 0)],
  ['RFC 9113 §6.9: an increment of 2^31', (w) => writeWindowUpdate(w, 1, 0x80000000)],
  [
    'RFC 9113 §6.10: CONTINUATION on stream 0',
    (w) => writeFrame(w, { kind: 'CONTINUATION', streamId: 0, flags: 0, fragment: hex('') }),
  ],
  ['RFC 7838 §4: ALTSVC without an origin on stream 0', (w) => writeAltSvc(w, 0, '', 'clear')],
  ['RFC 7838 §4: ALTSVC with an origin on a stream', (w) => writeAltSvc(w, 1, 'a', 'clear')],
  ['RFC 7838 §4: text that is not octets', (w) => writeAltSvc(w, 1, '', 'h\u2082')],
  ['RFC 8336 §2.1: an origin of 2^16 octets', (w) => writeOrigin(w, ['a', 'b'.repeat(65_536)])],
  ['RFC 8336 §2.2: ORIGIN on a stream', (w) => writeFrame(w, { ...dummy, kind: 'ORIGIN', origins: [] })],
  ['RFC 9218 §7.1: PRIORITY_UPDATE for stream 0', (w) => writePriorityUpdate(w, 0, 'u=1')],
  [
    'RFC 9218 §7.1: PRIORITY_UPDATE on a stream',
    (w) => writeFrame(w, { ...dummy, kind: 'PRIORITY_UPDATE', prioritizedStreamId: 1, value: '' }),
  ],
  [
    'RFC 9113 §4.2: a frame larger than the peer allows',
    (w) => writeFrame(w, { ...dummy, kind: 'DATA', data: new Uint8Array(16_385) }),
  ],
  [
    'RFC 9113 §4.2: a frame larger than any peer can allow, leniently',
    (w) => writeFrame(w, { ...dummy, kind: 'DATA', data: new Uint8Array(0x1000000) }, { lenient: true }),
  ],
  [
    'RFC 9113 §4.1: a raw frame of type 256',
    (w) => writeFrame(w, { ...dummy, kind: 'RAW', type: 256, payload: hex('') }),
  ],
  [
    'RFC 9113 §4.1: a frame with flags of 256',
    (w) => writeFrame(w, { ...dummy, kind: 'RAW', type: 9, flags: 256, payload: hex('') }),
  ],
  ['RFC 9113 §4.2: DATA of 2^24 octets', (w) => writeDataHeader(w, 1, 0x1000000, 0)],
  ['RFC 9113 §6.2: HEADERS with flags of 256', (w) => beginHeaders(w, 1, 0x100)],
  [
    'RFC 9113 §6.2: a HEADERS frame with a weight of 256',
    (w) => writeFrame(w, { ...dummy, kind: 'HEADERS', fragment: hex(''), priority: { ...heaviest, weight: 256 } }),
  ],
  ['RFC 9113 §6.3: a dependency of 2^31', (w) => writePriority(w, 1, { ...heaviest, dependency: 0x80000000 })],
  [
    'RFC 9113 §6.3: a PRIORITY frame on stream 0',
    (w) => writeFrame(w, { kind: 'PRIORITY', streamId: 0, flags: 0, priority: heaviest }),
  ],
  [
    'RFC 9113 §6.3: a PRIORITY frame with a weight of 256',
    (w) => writeFrame(w, { ...dummy, kind: 'PRIORITY', priority: { ...heaviest, weight: 256 } }),
  ],
  [
    'RFC 9113 §6.4: a RST_STREAM frame on stream 0',
    (w) => writeFrame(w, { kind: 'RST_STREAM', streamId: 0, flags: 0, errorCode: 8 }),
  ],
  [
    'RFC 9113 §7: a RST_STREAM frame with an error code below 0',
    (w) => writeFrame(w, { ...dummy, kind: 'RST_STREAM', errorCode: -1 }),
  ],
  ['RFC 9113 §4.2: more settings than a frame can have', (w) => writeSettings(w, new Array(2_796_203).fill([1, 1]))],
  ['RFC 9113 §6.6: a promise of stream 2^31', (w) => beginPushPromise(w, 1, 0x80000000)],
  [
    'RFC 9113 §6.6: a PUSH_PROMISE frame on stream 0',
    (w) => writeFrame(w, { kind: 'PUSH_PROMISE', streamId: 0, flags: 0, promisedStreamId: 2, fragment: hex('') }),
  ],
  [
    'RFC 9113 §6.6: a PUSH_PROMISE frame that promises stream 0',
    (w) => writeFrame(w, { ...dummy, kind: 'PUSH_PROMISE', promisedStreamId: 0, fragment: hex('') }),
  ],
  [
    'RFC 9113 §6.6: a PUSH_PROMISE frame with padding of 256',
    (w) => writeFrame(w, { ...dummy, kind: 'PUSH_PROMISE', promisedStreamId: 2, fragment: hex(''), padLength: 256 }),
  ],
  [
    'RFC 9113 §6.7: a PING frame of 9 octets',
    (w) => writeFrame(w, { kind: 'PING', streamId: 0, flags: 0, opaque: new Uint8Array(9) }),
  ],
  ['RFC 9113 §4.2: GOAWAY with 2^24 - 8 octets of debug data', (w) => writeGoAway(w, 0, 0, huge.subarray(8))],
  ['RFC 9113 §6.9: an increment on stream 2^31', (w) => writeWindowUpdate(w, 0x80000000, 1)],
  [
    'RFC 9113 §6.9: a WINDOW_UPDATE frame by 0',
    (w) => writeFrame(w, { ...dummy, kind: 'WINDOW_UPDATE', increment: 0 }),
  ],
  ['RFC 9113 §4.1: ALTSVC on stream 2^31', (w) => writeAltSvc(w, 0x80000000, '', 'clear')],
  ['RFC 7838 §4: an origin of 2^16 octets', (w) => writeAltSvc(w, 0, 'a'.repeat(65_536), 'clear')],
  ['RFC 7838 §4: an origin that is not octets', (w) => writeAltSvc(w, 0, '\u2082', 'clear')],
  ['RFC 9113 §4.2: ALTSVC with an octet more than fits', (w) => writeAltSvc(w, 0, 'a', 'b'.repeat(0xffffff - 2))],
  [
    'RFC 7838 §4: an ALTSVC frame with an origin on a stream',
    (w) => writeFrame(w, { ...dummy, kind: 'ALTSVC', origin: 'a', value: 'clear' }),
  ],
  ['RFC 8336 §2.1: an origin that is not octets', (w) => writeOrigin(w, ['a', '\u0100'])],
  ['RFC 9113 §4.2: more origins than a frame can have', (w) => writeOrigin(w, new Array(257).fill('a'.repeat(65_535)))],
  ['RFC 9218 §7.1: a priority that is not octets', (w) => writePriorityUpdate(w, 1, 'u=\u0661')],
  [
    'RFC 9113 §4.2: a priority with an octet more than fits',
    (w) => writePriorityUpdate(w, 1, 'u'.repeat(0xffffff - 3)),
  ],
  [
    'RFC 9113 §4.1: a raw frame on stream 2^31',
    (w) => writeFrame(w, { kind: 'RAW', type: 9, streamId: 0x80000000, flags: 0, payload: hex('') }),
  ],
  ['RFC 9113 §4.2: the end of HEADERS for a peer that takes 16,383 octets', (w) => endHeaders(w, 0, 16_383)],
  ['RFC 9113 §6.2: the end of HEADERS that never began', (w) => endHeaders(w, 0, 16_384)],
  ['RFC 9113 §4.2: a reader of frames above 16,383 octets', () => new FrameReader({ maxFrameSize: 16_383 })],
]

function thrown(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('misuse throws a UsageError and writes nothing', () => {
  for (const [title, write] of misuses) {
    it(title, () => {
      const w = new ByteWriter()
      const error = thrown(() => write(w))
      expect(error).toBeInstanceOf(UsageError)
      const section = title.slice(0, title.indexOf(':'))
      expect(error).toMatchObject({ section, message: expect.stringMatching(/^[^\s()]+( [^\s()]+)+ \(RFC/) })
      expect(w.pending).toBe(0)
    })
  }

  it('RFC 9113 §6.7: a number that is wrong is told with the right one', () => {
    expect(() => writePing(new ByteWriter(), new Uint8Array(7), false)).toThrow(
      /^the number of octets must be 8, not 7 /,
    )
    expect(() => writePriority(new ByteWriter(), 1, { ...heaviest, weight: 0.5 })).toThrow(/ from 0 to 255, not 0.5 /)
  })
})
