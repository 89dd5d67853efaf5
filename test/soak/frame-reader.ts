import { ByteWriter } from '../../src/bytes/index.ts'
import { StreamError } from '../../src/errors/index.ts'
import {
  decodeFrame,
  describeFrame,
  Flag,
  type Frame,
  FrameReader,
  MAX_STREAM_ID,
  ReadStatus,
  writeFrame,
} from '../../src/frames/index.ts'
import type { Chance } from './chance.ts'
import { cutAnywhere, makeInput } from './mutate.ts'
import { Digest, type Ending, endingOf, must, type Target, WHOLE } from './target.ts'

const octets = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i)
const priority = { exclusive: true, dependency: 3, weight: 15 }

/** One of each kind, with and without what is optional. */
export const frames: readonly Frame[] = [
  { kind: 'DATA', streamId: 1, flags: 0, data: octets(20) },
  { kind: 'DATA', streamId: 1, flags: Flag.END_STREAM | Flag.PADDED, data: octets(5), padLength: 7 },
  { kind: 'HEADERS', streamId: 1, flags: Flag.END_HEADERS, fragment: octets(30) },
  {
    kind: 'HEADERS',
    streamId: 3,
    flags: Flag.END_HEADERS | Flag.PRIORITY | Flag.PADDED,
    fragment: octets(3),
    priority,
    padLength: 4,
  },
  { kind: 'PRIORITY', streamId: 5, flags: 0, priority },
  { kind: 'RST_STREAM', streamId: 1, flags: 0, errorCode: 8 },
  {
    kind: 'SETTINGS',
    streamId: 0,
    flags: 0,
    settings: [
      [1, 4096],
      [4, 65_535],
      [0x99, 1],
    ],
  },
  { kind: 'SETTINGS', streamId: 0, flags: Flag.ACK, settings: [] },
  { kind: 'PUSH_PROMISE', streamId: 1, flags: Flag.END_HEADERS, promisedStreamId: 2, fragment: octets(4) },
  { kind: 'PING', streamId: 0, flags: 0, opaque: octets(8) },
  { kind: 'GOAWAY', streamId: 0, flags: 0, lastStreamId: 7, errorCode: 0, debugData: octets(6) },
  { kind: 'WINDOW_UPDATE', streamId: 0, flags: 0, increment: 1000 },
  { kind: 'CONTINUATION', streamId: 1, flags: Flag.END_HEADERS, fragment: octets(12) },
  { kind: 'ALTSVC', streamId: 0, flags: 0, origin: 'https://a.example', value: 'h2=":443"' },
  { kind: 'ORIGIN', streamId: 0, flags: 0, origins: ['https://a.example', 'https://b.example'] },
  { kind: 'PRIORITY_UPDATE', streamId: 0, flags: 0, prioritizedStreamId: 3, value: 'u=1, i' },
  { kind: 'RAW', type: 0x77, streamId: 9, flags: 0xff, payload: octets(10) },
]

function wire(list: readonly Frame[]): Uint8Array {
  const writer = new ByteWriter()
  for (const frame of list) writeFrame(writer, frame)
  return writer.take()
}

const large: Frame = { kind: 'DATA', streamId: 1, flags: 0, data: octets(3000) }
const corpus: readonly Uint8Array[] = [
  ...frames.map((frame) => wire([frame])),
  ...frames.map((_, i) => wire([...frames.slice(i), ...frames.slice(0, i)])),
  wire([large, frames[5]!]),
]

interface Reading {
  readonly ending: Ending
  readonly digest: number
}

/** Reads to the first connection error or to the end; the digest is the same however the bytes were cut. */
function read(chunks: readonly Uint8Array[], deeply: boolean): Reading {
  const reader = new FrameReader()
  const digest = new Digest()
  let ending = WHOLE
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let status = reader.next(); status !== ReadStatus.NEED_MORE; status = reader.next()) {
      if (status === ReadStatus.FAULT) {
        ending = endingOf(reader.fault)
        digest.text(ending)
        if (!(reader.fault instanceof StreamError)) return { ending, digest: digest.value }
        continue
      }
      if (reader.first) {
        digest.number(reader.type)
        digest.number(reader.flags)
        digest.number(reader.streamId)
        digest.number(reader.length)
        digest.number(reader.offset)
        digest.number(reader.flowControlled)
      } else must(reader.flowControlled === 0, 'a frame charged twice')
      must(reader.streamId <= MAX_STREAM_ID && reader.length <= reader.maxFrameSize, 'a number out of range')
      const view = reader.view()
      must(view.length <= reader.length, 'more payload than the frame has')
      digest.bytes(view)
      if (reader.last) digest.number(reader.padLength)
      if (deeply) describeFrame(decodeFrame(reader))
    }
  }
  return { ending, digest: digest.value }
}

/** A lenient reader only walks: it never finds a fault. */
function walk(bytes: Uint8Array): void {
  const reader = new FrameReader({ lenient: true })
  reader.push(bytes)
  for (let status = reader.next(); status !== ReadStatus.NEED_MORE; status = reader.next()) {
    must(status === ReadStatus.FRAME, 'a lenient reader found a fault')
    must(reader.offset < bytes.length, 'a frame beyond the bytes')
  }
}

export const frameReader: Target = {
  name: 'frame reader',
  take(chance: Chance, note): Ending {
    const { bytes, valid } = makeInput(chance, corpus)
    note(bytes)
    const reading = read([bytes], chance.once(8))
    must(!valid || reading.ending === WHOLE, `refused what is valid: ${reading.ending}`)
    if (chance.once(4)) {
      const again = read(cutAnywhere(chance, bytes), false)
      must(again.ending === reading.ending, `cut, it ended as ${again.ending}`)
      must(again.digest === reading.digest, 'cut, it read other frames')
    }
    if (chance.once(8)) walk(bytes)
    return reading.ending
  },
}
