import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import {
  beginHeaders,
  beginPushPromise,
  CONNECTION_PREFACE,
  endHeaders,
  Flag,
  type Frame,
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
  writeSettingsAck,
  writeWindowUpdate,
} from '../../src/frames/index.ts'
import { hex, readAll, toHex, written } from './support.ts'

type Write = (w: ByteWriter) => void

const wires: readonly (readonly [title: string, write: Write, wire: string])[] = [
  ['RFC 9113 §4.1: a frame header', (w) => writeFrameHeader(w, 0x010203, 0x4a, 0xff, 0x7fffffff), '0102034aff7fffffff'],
  [
    'RFC 9113 §6.1: the header of DATA',
    (w) => writeDataHeader(w, 0x01020304, 0x0506, Flag.END_STREAM),
    '000506000101020304',
  ],
  [
    'RFC 9113 §6.3: PRIORITY',
    (w) => writePriority(w, 1, { exclusive: true, dependency: 3, weight: 16 }),
    '000005020000000001' + '8000000310',
  ],
  ['RFC 9113 §6.4: RST_STREAM', (w) => writeRstStream(w, 3, 8), '000004030000000003' + '00000008'],
  [
    'RFC 9113 §6.5: SETTINGS',
    (w) =>
      writeSettings(w, [
        [4, 65535],
        [0x4a4a, 0xffffffff],
      ]),
    '00000c040000000000' + '00040000ffff' + '4a4affffffff',
  ],
  ['RFC 9113 §6.5.3: SETTINGS with ACK', writeSettingsAck, '000000040100000000'],
  [
    'RFC 9113 §6.7: PING',
    (w) => writePing(w, hex('0102030405060708'), false),
    '000008060000000000' + '0102030405060708',
  ],
  [
    'RFC 9113 §6.7: PING with ACK',
    (w) => writePing(w, hex('0102030405060708'), true),
    '000008060100000000' + '0102030405060708',
  ],
  [
    'RFC 9113 §6.8: GOAWAY',
    (w) => writeGoAway(w, 0x7fffffff, 11, hex('6162')),
    '00000a070000000000' + '7fffffff' + '0000000b' + '6162',
  ],
  ['RFC 9113 §6.8: GOAWAY without debug data', (w) => writeGoAway(w, 0, 0), '000008070000000000' + '0000000000000000'],
  ['RFC 9113 §6.9: WINDOW_UPDATE', (w) => writeWindowUpdate(w, 0, 0x7fffffff), '000004080000000000' + '7fffffff'],
  ['RFC 7838 §4: ALTSVC', (w) => writeAltSvc(w, 0, 'a', 'clear'), '0000080a0000000000' + '0001' + '61' + '636c656172'],
  ['RFC 8336 §2: ORIGIN', (w) => writeOrigin(w, ['a', '']), '0000050c0000000000' + '000161' + '0000'],
  [
    'RFC 9218 §7.1: PRIORITY_UPDATE',
    (w) => writePriorityUpdate(w, 5, 'u=1'),
    '000007100000000000' + '00000005' + '753d31',
  ],
  [
    'RFC 9113 §6.1: DATA with padding of zeros',
    (w) => writeFrame(w, { kind: 'DATA', streamId: 1, flags: 0, data: hex('61'), padLength: 2 }),
    '000004000800000001' + '02' + '61' + '0000',
  ],
  [
    'RFC 9113 §6.2: HEADERS with padding of zeros',
    (w) => writeFrame(w, { kind: 'HEADERS', streamId: 1, flags: Flag.END_HEADERS, fragment: hex('61'), padLength: 2 }),
    '000004010c00000001' + '02' + '61' + '0000',
  ],
  [
    'RFC 9113 §6.6: PUSH_PROMISE with padding of zeros',
    (w) =>
      writeFrame(w, {
        kind: 'PUSH_PROMISE',
        streamId: 1,
        flags: Flag.END_HEADERS,
        promisedStreamId: 2,
        fragment: hex('61'),
        padLength: 2,
      }),
    '000008050c00000001' + '02' + '00000002' + '61' + '0000',
  ],
]

describe('wire images', () => {
  for (const [title, write, wire] of wires) it(title, () => expect(toHex(written(write))).toBe(wire))

  it('RFC 9113 §3.4: the connection preface', () => {
    expect(toHex(CONNECTION_PREFACE)).toBe('505249202a20485454502f322e300d0a0d0a534d0d0a0d0a')
  })

  it('RFC 9113 §6.2: the flags PADDED and PRIORITY follow the fields that they announce', () => {
    const priority = { exclusive: true, dependency: 3, weight: 16 }
    const wire = written((w) => {
      writeFrame(w, { kind: 'HEADERS', streamId: 1, flags: 4, fragment: hex('82'), padLength: 1, priority })
      writeFrame(w, {
        kind: 'HEADERS',
        streamId: 1,
        flags: 4,
        fragment: hex('82'),
        padLength: undefined,
        priority: undefined,
      })
      writeFrame(w, { kind: 'DATA', streamId: 1, flags: 1, data: hex('61'), padLength: undefined })
      writeFrame(w, { kind: 'PRIORITY', streamId: 1, flags: 0, priority })
    })
    expect(toHex(wire)).toBe(
      '000008012c00000001' +
        '01800000031082' +
        '00' +
        '000001010400000001' +
        '82' +
        '000001000100000001' +
        '61' +
        '000005020000000001' +
        '8000000310',
    )
  })

  it('RFC 9113 §6.1: padding is zeros where the writer has been rewound', () => {
    const w = new ByteWriter(64)
    w.write(new Uint8Array(40).fill(0xff))
    w.rewind(0)
    writeFrame(w, { kind: 'DATA', streamId: 1, flags: 0, data: hex('61'), padLength: 4 })
    expect(toHex(w.take())).toBe('0000060008000000010461' + '00000000')
  })
})

describe('what writers may', () => {
  it('RFC 9113 §4.2: the peer may allow larger frames', () => {
    const frame: Frame = { kind: 'DATA', streamId: 1, flags: 0, data: new Uint8Array(16_385) }
    expect(written((w) => writeFrame(w, frame, { maxFrameSize: 20_000 }))).toHaveLength(16_394)
  })

  it('a lenient writer breaks the rules as told', () => {
    const wire = written((w) => {
      writeFrame(w, { kind: 'PING', streamId: 1, flags: 0, opaque: hex('010203') }, { lenient: true })
      writeFrame(w, { kind: 'SETTINGS', streamId: 0, flags: 1, settings: [[4, 1]] }, { lenient: true })
      writeFrame(w, { kind: 'DATA', streamId: 0, flags: 8, data: hex('05') }, { lenient: true })
    })
    expect(toHex(wire)).toBe('000003060000000001010203' + '000006040100000000000400000001' + '00000100080000000005')
  })
})

describe('header sections written in place', () => {
  /** Begins at an odd place in a small buffer, so that it grows under way. */
  function section(size: number, begin: (w: ByteWriter) => number, maxFrameSize = 16_384): Uint8Array {
    const w = new ByteWriter(16)
    w.write(new Uint8Array(5))
    w.take()
    writeSettingsAck(w)
    const mark = begin(w)
    for (let i = 0; i < size; i++) w.u8(i % 251)
    endHeaders(w, mark, maxFrameSize)
    writeSettingsAck(w)
    return w.take()
  }

  for (const size of [0, 1, 16_383, 16_384, 16_385, 32_768, 32_769, 70_000]) {
    it(`RFC 9113 §4.3: a field block of ${size} octets comes back in frames of at most 16,384`, () => {
      const found = readAll(
        section(size, (w) => beginHeaders(w, 0x11020304, Flag.END_STREAM)),
        [1e6],
      )
      const frames = found.flatMap((one) => ('frame' in one ? [one.frame] : []))
      expect(frames).toHaveLength(found.length)
      const block = frames.slice(1, -1)
      expect(block).toHaveLength(Math.max(1, Math.ceil(size / 16_384)))
      const octets: number[] = []
      block.forEach((frame, i) => {
        const isLast = i === block.length - 1
        expect(frame).toMatchObject({
          kind: i === 0 ? 'HEADERS' : 'CONTINUATION',
          streamId: 0x11020304,
          flags: (i === 0 ? Flag.END_STREAM : 0) | (isLast ? Flag.END_HEADERS : 0),
        })
        if (frame.kind === 'HEADERS' || frame.kind === 'CONTINUATION') octets.push(...frame.fragment)
      })
      expect(octets).toEqual(Array.from({ length: size }, (_, i) => i % 251))
      expect([frames[0], frames.at(-1)]).toMatchObject([{ kind: 'SETTINGS' }, { kind: 'SETTINGS' }])
    })
  }

  it('RFC 9113 §4.3: a field block is split in a buffer that it fills to the last octet', () => {
    const w = new ByteWriter(9 + 40_000)
    const mark = beginHeaders(w, 1, 0)
    for (let i = 0; i < 40_000; i++) w.u8(i % 251)
    expect(w.length).toBe(w.bytes.length)
    endHeaders(w, mark, 16_384)
    const octets = readAll(w.take(), [1e6]).map((one) =>
      'frame' in one && 'fragment' in one.frame ? [...one.frame.fragment] : [],
    )
    expect(octets.map(({ length }) => length)).toEqual([16_384, 16_384, 7_232])
    expect(octets.flat()).toEqual(Array.from({ length: 40_000 }, (_, i) => i % 251))
  })

  it('RFC 9113 §6.6: PUSH_PROMISE counts the promised stream into its first frame', () => {
    const found = readAll(
      section(16_381, (w) => beginPushPromise(w, 1, 2)),
      [1e6],
    )
    expect(found).toMatchObject([
      { frame: { kind: 'SETTINGS' } },
      { frame: { kind: 'PUSH_PROMISE', flags: 0, promisedStreamId: 2 } },
      { frame: { kind: 'CONTINUATION', flags: Flag.END_HEADERS, fragment: Uint8Array.of(16_380 % 251) } },
      { frame: { kind: 'SETTINGS' } },
    ])
  })

  it('RFC 9113 §4.2: the peer may allow larger frames', () => {
    const found = readAll(
      section(20_000, (w) => beginHeaders(w, 1, 0), 20_000),
      [1e6],
      { maxFrameSize: 20_000 },
    )
    expect(found).toHaveLength(3)
  })

  it('refuses a maximum frame size that no peer can set, and a mark where nothing was begun', () => {
    const w = new ByteWriter()
    const mark = beginHeaders(w, 1, 0)
    expect(() => endHeaders(w, mark, 16_383)).toThrow(UsageError)
    expect(() => endHeaders(w, mark + 1, 16_384)).toThrow(UsageError)
    endHeaders(w, mark, 16_384)
    expect(toHex(w.take())).toBe('000000010400000001')
  })
})
