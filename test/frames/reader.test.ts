import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { ConnectionError, StreamError, UsageError } from '../../src/errors/index.ts'
import {
  decodeFrame,
  FrameReader,
  ReadStatus,
  writeDataHeader,
  writeFrame,
  writeFrameHeader,
  writePing,
} from '../../src/frames/index.ts'
import { tooLarge } from './faults.ts'
import { fault, hex, readAll, readAtEveryCut, written } from './support.ts'

const { NEED_MORE, FRAME, FAULT } = ReadStatus

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Frames of one type with `length` octets of payload. */
function sized(type: number, streamId: number, length: number): Uint8Array {
  return written((w) => {
    writeFrameHeader(w, length, type, 0, streamId)
    w.write(new Uint8Array(length))
  })
}

function reading(...chunks: Uint8Array[]): FrameReader {
  const reader = new FrameReader()
  for (const chunk of chunks) reader.push(chunk)
  return reader
}

describe('RFC 9113 §4.2: frame size', () => {
  for (const [name, type, streamId, scope] of tooLarge) {
    it(`RFC 9113 §4.2: ${name} of 16,385 octets is a ${scope} error FRAME_SIZE_ERROR`, () => {
      const frame = sized(type, streamId, 16_385)
      const told = { fault: expect.stringMatching(fault(scope, 'FRAME_SIZE_ERROR', 'RFC 9113 §4.2')) }
      // The header is enough, so a beginning of the frame is all that comes.
      expect(readAtEveryCut(frame.subarray(0, 40))).toMatchObject([told])
      if (scope === 'connection') return
      // The payload is skipped, and says nothing: all sizes that cut a header differently, and a share of the others.
      const bytes = Uint8Array.from([...frame, ...sized(6, 0, 8)])
      for (let size = 1; size <= bytes.length; size += size < 40 || size > 16_360 ? 1 : 251)
        expect(readAll(bytes, [size])).toMatchObject([told, { frame: { kind: 'PING' } }])
    })
  }

  it('RFC 9113 §4.2: a payload of 16,384 octets is accepted', () => {
    expect(readAll(sized(1, 1, 16_384), [5000])).toMatchObject([{ frame: { kind: 'HEADERS' } }])
  })

  it('RFC 9113 §4.2: the limit can be raised between frames, up to 2^24-1', () => {
    const reader = new FrameReader({ maxFrameSize: 20_000 })
    reader.push(sized(1, 1, 20_000))
    expect(reader.next()).toBe(FRAME)
    reader.maxFrameSize = 16_777_215
    reader.push(sized(1, 1, 100_000))
    expect(reader.next()).toBe(FRAME)
    expect(reader.length).toBe(100_000)
    reader.maxFrameSize = 16_384
    reader.push(sized(1, 1, 20_000))
    expect(reader.next()).toBe(FAULT)
  })

  it('RFC 9113 §4.2: a lenient reader has no limit', () => {
    for (const size of [1000, 20_009])
      expect(readAll(sized(1, 1, 20_000), [size], { lenient: true })).toMatchObject([{ frame: { kind: 'HEADERS' } }])
  })

  it('RFC 9113 §4.2: a limit that the setting cannot have is refused', () => {
    const reader = new FrameReader()
    for (const size of [16_383, 16_777_216, 20_000.5, Number.NaN]) {
      expect(() => new FrameReader({ maxFrameSize: size })).toThrow(UsageError)
      expect(() => {
        reader.maxFrameSize = size
      }).toThrow(UsageError)
    }
    expect(reader.maxFrameSize).toBe(16_384)
  })

  it('a fault is found as soon as the header shows it, and the payload is skipped without being kept', () => {
    const reader = reading(sized(2, 3, 40_000).subarray(0, 9))
    expect(reader.next()).toBe(FAULT)
    expect(reader.fault).toBeInstanceOf(StreamError)
    expect(reader.fault?.frame).toEqual({ type: 2, flags: 0, streamId: 3, length: 40_000 })
    expect(reader.next()).toBe(NEED_MORE)
    expect(reader.fault).toBeUndefined()
    reader.push(new Uint8Array(39_999))
    expect(reader.next()).toBe(NEED_MORE)
    expect(reader.view()).toHaveLength(0)
    reader.push(hex('00 000004 08 00 00000000 00000005'))
    expect(reader.next()).toBe(FRAME)
    expect([reader.offset, reader.increment]).toEqual([40_009, 5])
  })
})

describe('DATA as it arrives', () => {
  const wire = hex('00000a 00 09 00000001 03 616263646566 000000')

  it('RFC 9113 §6.9.1: the whole payload, padding included, is charged once, on the first piece', () => {
    const reader = reading(wire.subarray(0, 12))
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({ first: true, last: false, flowControlled: 10, length: 10, padLength: 3, offset: 0 })
    expect([...reader.view()]).toEqual([0x61, 0x62])
    expect(decodeFrame(reader)).toEqual({ kind: 'DATA', streamId: 1, flags: 0, data: hex('6162') })
    expect(reader.next()).toBe(NEED_MORE)
    reader.push(wire.subarray(12, 14))
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({ first: false, last: false, flowControlled: 0, offset: 0 })
    reader.push(wire.subarray(14))
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({ first: false, last: true, flowControlled: 0 })
    expect(decodeFrame(reader)).toEqual({ kind: 'DATA', streamId: 1, flags: 9, data: hex('6566'), padLength: 3 })
    expect(reader.next()).toBe(NEED_MORE)
  })

  it('comes as one piece when it lies whole in the chunk, even if its header began in the one before', () => {
    for (const cut of [0, 1, 8, 9]) {
      const reader = reading(wire.subarray(0, cut))
      expect(reader.next()).toBe(NEED_MORE)
      reader.push(wire.subarray(cut))
      expect(reader.next()).toBe(FRAME)
      expect(reader).toMatchObject({ first: true, last: true, flowControlled: 10 })
      expect(reader.next()).toBe(NEED_MORE)
    }
  })

  it('gives no empty piece while the first octet of data is still to come', () => {
    const reader = reading(wire.subarray(0, 9))
    expect(reader.next()).toBe(NEED_MORE)
    reader.push(wire.subarray(9, 10))
    expect(reader.next()).toBe(NEED_MORE)
    reader.push(wire.subarray(10, 16))
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({ first: true, last: true, flowControlled: 10 })
  })

  it('gives one empty piece for DATA without data', () => {
    expect(readAll(hex('000000 00 01 00000001'), [4])).toMatchObject([
      { frame: { flags: 1, data: hex('') }, flowControlled: 0 },
    ])
    expect(readAll(hex('000003 00 09 00000001 02 0000'), [10, 1])).toMatchObject([
      { frame: { flags: 9, padLength: 2, data: hex('') }, flowControlled: 3, complete: true },
    ])
  })

  it('RFC 9113 §6.1: END_STREAM does not wait for the padding behind it', () => {
    const reader = reading(hex('000003 00 09 00000001 02'))
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({ first: true, last: true, flags: 9, flowControlled: 3 })
    expect(reader.view()).toHaveLength(0)
    expect(reader.next()).toBe(NEED_MORE)
    reader.push(hex('00'))
    reader.push(hex('00 000000 04 00 00000000'))
    expect(reader.next()).toBe(FRAME)
    expect(reader.type).toBe(4)
  })

  it('RFC 9113 §6.9: nothing but DATA is charged', () => {
    for (const type of [1, 4, 10, 0x4a]) {
      const found = readAll(sized(type, type === 4 ? 0 : 1, 12), [21])
      expect(found).toMatchObject([{ flowControlled: 0 }])
    }
  })

  it('RFC 9113 §6.9: DATA that is a stream error is still charged', () => {
    const reader = reading(sized(0, 5, 20_000))
    expect(reader.next()).toBe(FAULT)
    expect(reader).toMatchObject({ streamId: 5, flowControlled: 20_000 })
    expect(reader.next()).toBe(NEED_MORE)
  })

  it('is a view into the chunk, never a copy', () => {
    const chunk = written((w) => {
      writeDataHeader(w, 1, 4, 0)
      w.write(hex('61626364'))
    }).slice()
    const reader = reading(chunk.subarray(0, 11), chunk.subarray(11))
    expect(reader.next()).toBe(FRAME)
    expect(reader.bytes.buffer).toBe(chunk.buffer)
    expect(reader.next()).toBe(FRAME)
    expect(reader.bytes.buffer).toBe(chunk.buffer)
  })
})

describe('the cursor', () => {
  it('gathers what crosses an edge in fresh memory, so that a view of it may be kept', () => {
    const ping = (octet: number) => written((w) => writePing(w, new Uint8Array(8).fill(octet), false))
    const bytes = Uint8Array.from([...ping(1), ...ping(2)])
    const reader = reading(bytes.slice(0, 12), bytes.slice(12, 30), bytes.slice(30))
    expect(reader.next()).toBe(FRAME)
    const kept = reader.view()
    expect(reader.next()).toBe(FRAME)
    expect([...kept]).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    expect([...reader.view()]).toEqual([2, 2, 2, 2, 2, 2, 2, 2])
  })

  it('copies no payload that lies whole in one chunk, even if its header lies in another', () => {
    const headers = sized(1, 1, 100)
    for (const cut of [1, 9]) {
      const payload = headers.slice(cut)
      const reader = reading(headers.slice(0, cut))
      expect(reader.next()).toBe(NEED_MORE)
      reader.push(payload)
      expect(reader.next()).toBe(FRAME)
      expect(reader.bytes).toBe(payload)
    }
  })

  it('reads chunks in their order, whenever they are pushed', () => {
    const ping = (octet: number) => written((w) => writePing(w, new Uint8Array(8).fill(octet), false))
    const reader = reading(ping(1), ping(2))
    expect([reader.next(), reader.bytes[reader.start]]).toEqual([FRAME, 1])
    reader.push(ping(3))
    expect([reader.next(), reader.bytes[reader.start]]).toEqual([FRAME, 2])
    expect([reader.next(), reader.bytes[reader.start]]).toEqual([FRAME, 3])
    expect(reader.next()).toBe(NEED_MORE)
  })

  it('RFC 9113 §5.4.2: skips a frame that is wrong through all the chunks that are there', () => {
    const bytes = Uint8Array.from([...sized(2, 3, 50), ...sized(6, 0, 8)])
    const reader = reading(bytes.slice(0, 20), bytes.slice(20, 40), bytes.slice(40, 50), bytes.slice(50))
    expect(reader.next()).toBe(FAULT)
    expect(reader.next()).toBe(FRAME)
    expect([reader.type, reader.offset]).toEqual([6, 59])
  })

  it('reads the fixed fields without an object, and leaves what follows them', () => {
    const goAway = reading(hex('00000b 07 00 00000000 80000007 0000000b 616263'))
    expect(goAway.next()).toBe(FRAME)
    expect([goAway.lastStreamId, goAway.errorCode, [...goAway.view()]]).toEqual([7, 11, [0x61, 0x62, 0x63]])
    const rstStream = reading(hex('000004 03 00 00000001 fffffffe'))
    expect(rstStream.next()).toBe(FRAME)
    expect([rstStream.errorCode, rstStream.view().length]).toEqual([0xfffffffe, 0])
    const settings = reading(hex('00000c 04 00 00000000 000400000001 4a4affffffff'))
    expect(settings.next()).toBe(FRAME)
    expect(settings.settingCount).toBe(2)
    expect([settings.settingId(1), settings.settingValue(1)]).toEqual([0x4a4a, 0xffffffff])
    const pushPromise = reading(hex('000006 05 0c 00000001 01 80000002 00'))
    expect(pushPromise.next()).toBe(FRAME)
    expect([pushPromise.promisedStreamId, pushPromise.view().length]).toEqual([2, 0])
    const update = reading(hex('000005 10 00 00000000 80000003 69'))
    expect(update.next()).toBe(FRAME)
    expect([update.prioritizedStreamId, [...update.view()]]).toEqual([3, [0x69]])
  })

  it('reads no numbers from a payload that does not fit its type', () => {
    const reader = new FrameReader({ lenient: true })
    reader.push(hex('000002 07 00 00000000 ffff  000005 04 00 00000000 ffffffffff'))
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({ raw: true, lastStreamId: 0, errorCode: 0 })
    expect(reader.next()).toBe(FRAME)
    expect(reader).toMatchObject({
      raw: true,
      settingCount: 0,
      increment: 0,
      promisedStreamId: 0,
      prioritizedStreamId: 0,
    })
  })

  it('counts the offset across chunks that queue and empty ones', () => {
    const ping = written((w) => writePing(w, new Uint8Array(8), false))
    const empty = new Uint8Array(0)
    const reader = reading(empty, ping.subarray(0, 5), empty, ping.subarray(5), empty, ping, ping.subarray(0, 9))
    const offsets: number[] = []
    while (reader.next() === FRAME) offsets.push(reader.offset)
    reader.push(empty)
    expect(reader.next()).toBe(NEED_MORE)
    reader.push(ping.subarray(9))
    expect(reader.next()).toBe(FRAME)
    expect([...offsets, reader.offset]).toEqual([0, 17, 34])
  })

  it('tells the offset of each frame, of each fault and of what comes next, however they are cut', () => {
    // PING, WINDOW_UPDATE by 0, PRIORITY of 4 octets, padded DATA, SETTINGS, and half a header.
    const bytes = hex(`000008 06 00 00000000 0102030405060708  000004 08 00 00000001 00000000
      000004 02 00 00000001 00000000  000003 00 08 00000001 01 61 00  000000 04 01 00000000  000000 04`)
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new FrameReader()
      const offsets = new Set<number>()
      for (let at = 0; at < bytes.length; at += size) {
        reader.push(bytes.slice(at, at + size))
        while (reader.next() !== NEED_MORE) offsets.add(reader.offset)
      }
      expect([...offsets, reader.offset]).toEqual([0, 17, 30, 43, 55, 64])
    }
  })

  it('lets go of the chunk when all of it was read', () => {
    const reader = reading(hex('000001 00 00 00000001 61'))
    expect(reader.next()).toBe(FRAME)
    expect(reader.next()).toBe(NEED_MORE)
    expect(reader.bytes).toHaveLength(0)
  })

  it('RFC 9113 §5.4.1: after a connection error nothing more is read', () => {
    const bytes = written((w) => {
      writeFrame(w, { kind: 'PING', streamId: 1, flags: 0, opaque: new Uint8Array(8) }, { lenient: true })
      writePing(w, new Uint8Array(8), false)
    })
    const reader = reading(bytes)
    expect(reader.next()).toBe(FAULT)
    const { fault: first } = reader
    expect(first).toBeInstanceOf(ConnectionError)
    expect(first?.frame).toEqual({ type: 6, flags: 0, streamId: 1, length: 8 })
    reader.push(bytes)
    expect(reader.next()).toBe(FAULT)
    expect(reader.fault).toBe(first)
  })

  it('RFC 9113 §5.4.1: after a connection error no chunk is kept, neither those at hand nor any that come later', async () => {
    const reader = new FrameReader()
    // In a function of its own, so that no variable of the test holds one of them.
    const given = () => {
      const chunk = hex('000008 06 00 00000001 0000000000000000')
      reader.push(chunk)
      return new WeakRef(chunk)
    }
    const chunks = [given(), given()]
    expect(reader.next()).toBe(FAULT)
    chunks.push(given(), given(), given())
    // What a WeakRef was made of lives until the end of the job.
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(chunks.map((chunk) => chunk.deref())).toEqual(Array(5).fill(undefined))
    expect(reader.next()).toBe(FAULT)
  })
})
