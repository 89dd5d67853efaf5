import { describe, expect, it } from 'vitest'
import { FrameType } from '../../src/frames/index.ts'
import { brokenByHeader, plainSize } from '../../src/frames/rules.ts'
import { faults } from './faults.ts'
import { fault, hex, readAtEveryCut } from './support.ts'

/** A PING, to see whether reading goes on after a fault. */
const PING = '000008 06 00 00000000 0102030405060708'

describe('faults', () => {
  for (const [title, wire, scope, code, section] of faults) {
    it(title, () => {
      const found = readAtEveryCut(hex(PING + wire + PING))
      expect(found).toHaveLength(scope === 'stream' ? 3 : 2)
      expect(found[0]).toMatchObject({ frame: { kind: 'PING' } })
      expect(found[1]).toMatchObject({ fault: expect.stringMatching(fault(scope, code, section)) })
      if (scope === 'stream') expect(found[2]).toMatchObject({ frame: { kind: 'PING' } })
    })
  }
})

const frames: readonly (readonly [title: string, hex: string, frame: object])[] = [
  [
    'RFC 9113 §4.1: the reserved bit before the stream identifier is ignored',
    '000001 00 01 80000003 61',
    { kind: 'DATA', streamId: 3, flags: 1, data: hex('61') },
  ],
  [
    'RFC 9113 §4.1: flags without a meaning are kept and change nothing',
    '000001 00 f6 00000003 61',
    { kind: 'DATA', streamId: 3, flags: 0xf6, data: hex('61') },
  ],
  [
    'RFC 9113 §4.1: a frame of unknown type is handed on untouched',
    '000003 4a ff 00000005 010203',
    { kind: 'RAW', type: 0x4a, streamId: 5, flags: 0xff, payload: hex('010203') },
  ],
  [
    'RFC 9113 §6.1: the padding of DATA is taken off',
    '000006 00 09 00000001 03 6162 000000',
    { kind: 'DATA', streamId: 1, flags: 9, data: hex('6162'), padLength: 3 },
  ],
  [
    'RFC 9113 §6.1: DATA may be padding alone',
    '000004 00 09 00000001 03 000000',
    { kind: 'DATA', streamId: 1, flags: 9, data: hex(''), padLength: 3 },
  ],
  [
    'RFC 9113 §6.1: padding that is not zero is taken off all the same',
    '000003 00 08 00000001 01 61 ff',
    { kind: 'DATA', streamId: 1, flags: 8, data: hex('61'), padLength: 1 },
  ],
  [
    'RFC 9113 §6.1: a pad length of 0 makes the frame an octet longer',
    '000002 00 08 00000001 00 61',
    { kind: 'DATA', streamId: 1, flags: 8, data: hex('61'), padLength: 0 },
  ],
  [
    'RFC 9113 §6.2: padding and priority of HEADERS are taken off',
    '00000a 01 2d 00000001 02 80000003ff 8286 0000',
    {
      kind: 'HEADERS',
      streamId: 1,
      flags: 0x2d,
      fragment: hex('8286'),
      padLength: 2,
      priority: { exclusive: true, dependency: 3, weight: 255 },
    },
  ],
  [
    'RFC 9113 §6.2: HEADERS may be pad length, priority and padding alone',
    '000008 01 2c 00000001 02 0000000310 0000',
    {
      kind: 'HEADERS',
      fragment: hex(''),
      padLength: 2,
      priority: { exclusive: false, dependency: 3, weight: 16 },
    },
  ],
  [
    'RFC 9113 §6.2: HEADERS may be priority alone',
    '000005 01 24 00000001 0000000310',
    { kind: 'HEADERS', fragment: hex(''), priority: { exclusive: false, dependency: 3, weight: 16 } },
  ],
  [
    'RFC 9113 §6.2: HEADERS may have an empty fragment',
    '000000 01 04 00000001',
    { kind: 'HEADERS', streamId: 1, flags: 4, fragment: hex('') },
  ],
  [
    'RFC 9113 §5.3.2: a stream that depends on itself is no fault',
    '000005 02 00 00000003 0000000310',
    { kind: 'PRIORITY', streamId: 3, flags: 0, priority: { exclusive: false, dependency: 3, weight: 16 } },
  ],
  [
    'RFC 9113 §6.4: RST_STREAM carries any error code',
    '000004 03 00 00000001 ffffffff',
    { kind: 'RST_STREAM', streamId: 1, flags: 0, errorCode: 0xffffffff },
  ],
  [
    'RFC 9113 §6.5.2: unknown and repeated settings are kept in order',
    '000012 04 00 00000000 000400000001 4a4affffffff 000400000002',
    {
      kind: 'SETTINGS',
      streamId: 0,
      flags: 0,
      settings: [
        [4, 1],
        [0x4a4a, 0xffffffff],
        [4, 2],
      ],
    },
  ],
  [
    'RFC 9113 §6.5.3: SETTINGS with ACK is empty',
    '000000 04 01 00000000',
    { kind: 'SETTINGS', streamId: 0, flags: 1, settings: [] },
  ],
  [
    'RFC 9113 §6.6: the padding of PUSH_PROMISE is taken off',
    '000008 05 0c 00000001 02 80000002 82 0000',
    { kind: 'PUSH_PROMISE', streamId: 1, flags: 12, promisedStreamId: 2, fragment: hex('82'), padLength: 2 },
  ],
  [
    'RFC 9113 §6.6: PUSH_PROMISE may be a promised stream and padding alone',
    '000007 05 0c 00000001 02 00000002 0000',
    { kind: 'PUSH_PROMISE', promisedStreamId: 2, fragment: hex(''), padLength: 2 },
  ],
  [
    'RFC 9113 §6.6: PUSH_PROMISE may be a promised stream alone',
    '000004 05 04 00000001 7fffffff',
    { kind: 'PUSH_PROMISE', promisedStreamId: 0x7fffffff, fragment: hex('') },
  ],
  [
    'RFC 9113 §6.7: PING carries eight octets',
    '000008 06 01 00000000 0102030405060708',
    { kind: 'PING', streamId: 0, flags: 1, opaque: hex('0102030405060708') },
  ],
  [
    'RFC 9113 §6.8: GOAWAY carries a last stream, a code and debug data',
    '00000b 07 00 00000000 ffffffff 0000000b 616263',
    { kind: 'GOAWAY', streamId: 0, flags: 0, lastStreamId: 0x7fffffff, errorCode: 11, debugData: hex('616263') },
  ],
  [
    'RFC 9113 §6.8: GOAWAY may be without debug data',
    '000008 07 00 00000000 00000007 00000000',
    { kind: 'GOAWAY', lastStreamId: 7, errorCode: 0, debugData: hex('') },
  ],
  [
    'RFC 9113 §6.9: WINDOW_UPDATE carries 31 bits',
    '000004 08 00 00000000 ffffffff',
    { kind: 'WINDOW_UPDATE', streamId: 0, flags: 0, increment: 0x7fffffff },
  ],
  [
    'RFC 9113 §6.10: CONTINUATION is a fragment and nothing else',
    '000001 09 0c 00000001 82',
    { kind: 'CONTINUATION', streamId: 1, flags: 12, fragment: hex('82') },
  ],
  [
    'RFC 7838 §4: ALTSVC on stream 0 names an origin',
    '000006 0a 00 00000000 0003 612e62 63',
    { kind: 'ALTSVC', streamId: 0, flags: 0, origin: 'a.b', value: 'c' },
  ],
  [
    'RFC 7838 §4: ALTSVC on a stream names none',
    '000003 0a 00 00000001 0000 63',
    { kind: 'ALTSVC', streamId: 1, flags: 0, origin: '', value: 'c' },
  ],
  [
    'RFC 7838 §4: ALTSVC on stream 0 without an origin is to be ignored',
    '000003 0a 00 00000000 0000 63',
    { kind: 'RAW', type: 10, payload: hex('000063') },
  ],
  [
    'RFC 7838 §4: ALTSVC on a stream with an origin is to be ignored',
    '000004 0a 00 00000001 0001 6163',
    { kind: 'RAW', type: 10, streamId: 1 },
  ],
  [
    'RFC 7838 §4: ALTSVC with an origin longer than the frame is ignored',
    '000003 0a 00 00000000 0002 61',
    { kind: 'RAW', type: 10, payload: hex('000261') },
  ],
  [
    'RFC 7838 §4: ALTSVC of one octet is ignored',
    '000001 0a 00 00000000 00',
    { kind: 'RAW', type: 10, payload: hex('00') },
  ],
  [
    'RFC 8336 §2.1: ORIGIN is a list',
    '000006 0c 00 00000000 0002 6162 0000',
    { kind: 'ORIGIN', streamId: 0, flags: 0, origins: ['ab', ''] },
  ],
  [
    'RFC 8336 §2.1: ORIGIN may be empty',
    '000000 0c 00 00000000',
    { kind: 'ORIGIN', streamId: 0, flags: 0, origins: [] },
  ],
  [
    'RFC 8336 §2.2: ORIGIN on a stream is to be ignored',
    '000000 0c 00 00000001',
    { kind: 'RAW', type: 12, streamId: 1 },
  ],
  [
    'RFC 8336 §2.2: ORIGIN with one of the first four flags is to be ignored',
    '000000 0c 08 00000000',
    { kind: 'RAW', type: 12, flags: 8 },
  ],
  [
    'RFC 8336 §2.2: ORIGIN with the flag 0x1 is to be ignored',
    '000000 0c 01 00000000',
    { kind: 'RAW', type: 12, flags: 1 },
  ],
  [
    'RFC 8336 §2.2: ORIGIN with the flag 0x2 is to be ignored',
    '000000 0c 02 00000000',
    { kind: 'RAW', type: 12, flags: 2 },
  ],
  [
    'RFC 8336 §2.2: ORIGIN with the flag 0x4 is to be ignored',
    '000000 0c 04 00000000',
    { kind: 'RAW', type: 12, flags: 4 },
  ],
  [
    'RFC 8336 §2.2: ORIGIN with one of the last four flags is valid',
    '000000 0c f0 00000000',
    { kind: 'ORIGIN', streamId: 0, flags: 0xf0, origins: [] },
  ],
  [
    'RFC 8336 §2.1: ORIGIN cut short is ignored',
    '000005 0c 00 00000000 0001 61 0001',
    { kind: 'RAW', type: 12, payload: hex('0001610001') },
  ],
  [
    'RFC 8336 §2.1: ORIGIN with half a length is ignored',
    '000004 0c 00 00000000 0001 61 00',
    { kind: 'RAW', type: 12 },
  ],
  [
    'RFC 9218 §7.1: PRIORITY_UPDATE may have an empty value',
    '000004 10 00 00000000 00000003',
    { kind: 'PRIORITY_UPDATE', prioritizedStreamId: 3, value: '' },
  ],
  [
    'RFC 9218 §7.1: PRIORITY_UPDATE carries a stream and a value',
    '000007 10 00 00000000 80000003 753d31',
    { kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 3, value: 'u=1' },
  ],
]

describe('frames', () => {
  for (const [title, wire, frame] of frames) {
    it(title, () => {
      const found = readAtEveryCut(hex(PING + wire + PING))
      expect(found).toHaveLength(3)
      expect(found[1]).toMatchObject({ frame, offset: 17, complete: true })
      expect(found[2]).toMatchObject({ frame: { kind: 'PING' }, offset: 17 + hex(wire).length })
    })
  }
})

describe('a lenient reader', () => {
  for (const [title, wire] of faults) {
    it(`${title}, but it reads on`, () => {
      const found = readAtEveryCut(hex(PING + wire + PING), { lenient: true })
      expect(found).toHaveLength(3)
      expect(found[1]).toMatchObject({ frame: { streamId: hex(wire)[8] }, offset: 17 })
      expect(found[2]).toMatchObject({ frame: { kind: 'PING' }, offset: 17 + hex(wire).length })
    })
  }

  it('gives typed frames where the fields can be read, raw ones with the whole payload where not', () => {
    const typed = readAtEveryCut(hex('000000 04 00 00000001  000003 0a 00 00000000 0000 63'), { lenient: true })
    expect(typed).toMatchObject([
      { frame: { kind: 'SETTINGS', streamId: 1 } },
      { frame: { kind: 'ALTSVC', origin: '' } },
    ])
    const answered = readAtEveryCut(hex('000006 04 01 00000000 000400000001'), { lenient: true })
    expect(answered).toMatchObject([{ frame: { kind: 'SETTINGS', flags: 1, settings: [[4, 1]] } }])
    const raw = readAtEveryCut(hex('000003 00 09 00000001 03 6161  000003 08 00 00000001 000001'), { lenient: true })
    expect(raw).toMatchObject([
      { frame: { kind: 'RAW', type: 0, payload: hex('036161') } },
      { frame: { kind: 'RAW', type: 8, payload: hex('000001') } },
    ])
  })
})

it('RFC 9113 §6.6: too much padding is told as that, not as a promise of stream 0', () => {
  const [found] = readAtEveryCut(hex('000006 05 0c 00000001 02 00000000 00'))
  expect(found).toMatchObject({ fault: expect.stringContaining('padding as long as the payload') })
})

it('the quick look at a header never lets pass what the closer one forbids', () => {
  const plainOf = new Map<number, number>()
  for (let type = 0; type < 256; type++) {
    for (let flags = 0; flags < 256; flags++) {
      for (let length = 0; length < 13; length++) {
        for (const streamId of [0, 1]) {
          if (plainSize(type, flags, streamId, length) < 0) continue
          plainOf.set(type, (plainOf.get(type) ?? 0) + 1)
          if (brokenByHeader(type, flags, streamId, length) !== undefined) {
            throw new Error(`type ${type}, flags ${flags}, stream ${streamId}, length ${length}`)
          }
        }
      }
    }
  }
  // DATA and HEADERS of 13 lengths with the 64 sets of flags that announce nothing; the others with any flags.
  expect([...plainOf]).toEqual([
    [FrameType.DATA, 13 * 64],
    [FrameType.HEADERS, 13 * 64],
    [FrameType.RST_STREAM, 256],
    [FrameType.PING, 256],
    [FrameType.WINDOW_UPDATE, 512],
  ])
})
