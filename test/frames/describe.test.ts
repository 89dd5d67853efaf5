import { expect, it } from 'vitest'
import { describeFrame, FrameType, frameTypeName, Setting, settingName } from '../../src/frames/index.ts'
import { hex, readAll } from './support.ts'

const lines: readonly (readonly [wire: string, line: string])[] = [
  ['000001 00 01 00000001 61', 'DATA stream=1 END_STREAM length=1'],
  ['000003 00 08 00000001 01 61 00', 'DATA stream=1 PADDED length=3 padLength=1'],
  ['000004 01 0c 00000001 01 8286 00', 'HEADERS stream=1 END_HEADERS|PADDED length=4 padLength=1'],
  ['000002 01 05 00000001 8286', 'HEADERS stream=1 END_STREAM|END_HEADERS length=2'],
  ['000005 01 20 00000003 800000010f', 'HEADERS stream=3 PRIORITY dependency=1 exclusive weight=15 length=5'],
  ['000005 02 00 00000003 000000010f', 'PRIORITY stream=3 dependency=1 weight=15'],
  ['000004 03 00 00000003 00000008', 'RST_STREAM stream=3 CANCEL'],
  ['000004 03 00 00000003 000000ff', 'RST_STREAM stream=3 0xff'],
  ['00000c 04 00 00000000 00040000ffff 4a4a00000001', 'SETTINGS INITIAL_WINDOW_SIZE=65535 0x4a4a=1'],
  ['000000 04 81 00000000', 'SETTINGS ACK|0x80'],
  ['000005 05 04 00000001 00000002 82', 'PUSH_PROMISE stream=1 END_HEADERS promisedStreamId=2 length=5'],
  [
    '000007 05 0c 00000001 01 00000002 82 00',
    'PUSH_PROMISE stream=1 END_HEADERS|PADDED promisedStreamId=2 length=7 padLength=1',
  ],
  ['000008 06 01 00000000 0102030405060708', 'PING ACK 0102030405060708'],
  ['000008 07 00 00000000 00000007 00000000', 'GOAWAY lastStreamId=7 NO_ERROR'],
  [
    '00000f 07 00 00000000 00000007 0000000b 61220a1b7f9b62',
    'GOAWAY lastStreamId=7 ENHANCE_YOUR_CALM "a\\"\\n\\u001b\\u007f\\u009bb"',
  ],
  ['000004 08 00 00000000 00000005', 'WINDOW_UPDATE stream=0 increment=5'],
  ['000001 09 04 00000001 82', 'CONTINUATION stream=1 END_HEADERS length=1'],
  ['000004 0a 00 00000000 0001 6162', 'ALTSVC stream=0 origin="a" "b"'],
  ['000006 0c 00 00000000 0001 61 0001 62', 'ORIGIN "a" "b"'],
  ['000007 10 00 00000000 00000003 753d31', 'PRIORITY_UPDATE prioritizedStreamId=3 "u=1"'],
  ['000002 4a 04 00000005 0102', '0x4a stream=5 0x4 length=2'],
  ['000001 4a 00 00000000 01', '0x4a stream=0 length=1'],
]

for (const [wire, line] of lines) {
  it(line, () => {
    const [found] = readAll(hex(wire), [1000])
    expect('frame' in found && describeFrame(found.frame)).toBe(line)
  })
}

it('a stream is told where none belongs', () => {
  const ping = describeFrame({ kind: 'PING', streamId: 5, flags: 0, opaque: new Uint8Array(8) })
  expect(ping).toBe('PING stream=5 0000000000000000')
})

it('a field that is undefined is as good as absent', () => {
  const line = describeFrame({ kind: 'DATA', streamId: 1, flags: 0, data: hex('61'), padLength: undefined })
  expect(line).toBe('DATA stream=1 length=1')
})

it('a text of 200 characters is not cut', () => {
  const value = 'a'.repeat(200)
  const line = describeFrame({ kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 1, value })
  expect(line).toBe(`PRIORITY_UPDATE prioritizedStreamId=1 "${value}"`)
})

it('a long text is cut', () => {
  const line = describeFrame({
    kind: 'GOAWAY',
    streamId: 0,
    flags: 0,
    lastStreamId: 0,
    errorCode: 0,
    debugData: new Uint8Array(5000).fill(0x61),
  })
  expect(line).toBe(`GOAWAY lastStreamId=0 NO_ERROR "${'a'.repeat(200)}"...`)
})

it('RFC 9113 §6: every registered name is found by its number', () => {
  for (const [name, type] of Object.entries(FrameType)) expect(frameTypeName(type)).toBe(name)
  for (const [name, id] of Object.entries(Setting)) expect(settingName(id)).toBe(name)
  expect([frameTypeName(0xb), settingName(7), settingName(0x4a4a)]).toEqual(['0xb', '0x7', '0x4a4a'])
})
