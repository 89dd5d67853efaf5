import { concat } from '../bytes/index.ts'
import { ConnectionError, ErrorCode } from '../errors/index.ts'
import { Flag } from '../frames/index.ts'
import type { DecodedSection } from '../hpack/index.ts'
import { limitPassed } from './charges.ts'
import type { Core } from './core.ts'
import { connectionFault, fail } from './ending.ts'
import { recvFieldSection } from './recv-headers.ts'
import { recvPromise } from './recv-push.ts'

/** A field block that spans HEADERS or PUSH_PROMISE and CONTINUATION frames. RFC 9113 §4.3. */
export class FieldBlock {
  /** The stream whose block is open; 0: none is. */
  streamId = 0
  /** The stream that it promises; 0: the block is that of HEADERS. */
  promisedStreamId = 0
  endStream = false
  fragments: Uint8Array[] = []
  length = 0
}

/** RFC 9113 §6.2. Priority fields and padding are already off; what is left is a fragment of a field block. */
export function recvHeaders(core: Core, block: FieldBlock): void {
  const { reader } = core
  const endStream = (reader.flags & Flag.END_STREAM) !== 0
  if ((reader.flags & Flag.END_HEADERS) === 0) begin(core, block, 0, endStream)
  else recvFieldBlock(core, reader.streamId, 0, endStream, reader.bytes, reader.start, reader.end)
}

/** RFC 9113 §6.6, §8.4: only a server pushes, and only to a client that lets it. */
export function recvPushPromise(core: Core, block: FieldBlock): void {
  const { reader } = core
  if (core.role === 'server') {
    connectionFault(core, ErrorCode.PROTOCOL_ERROR, 'PUSH_PROMISE from a client', 'RFC 9113 §8.4')
  } else if (!core.local.enablePush) {
    connectionFault(core, ErrorCode.PROTOCOL_ERROR, 'PUSH_PROMISE although ENABLE_PUSH is 0', 'RFC 9113 §6.6')
  } else if ((reader.flags & Flag.END_HEADERS) === 0) begin(core, block, reader.promisedStreamId, false)
  else {
    const { streamId, promisedStreamId, bytes, start, end } = reader
    recvFieldBlock(core, streamId, promisedStreamId, false, bytes, start, end)
  }
}

/** RFC 9113 §6.10; the order of frames was checked before. */
export function recvContinuation(core: Core, block: FieldBlock): void {
  if (!keepFragment(core, block) || (core.reader.flags & Flag.END_HEADERS) === 0) return
  const { streamId, promisedStreamId, endStream, fragments } = block
  block.streamId = 0
  block.fragments = []
  core.deadlines.fieldBlockEnded()
  recvFieldBlock(core, streamId, promisedStreamId, endStream, concat(fragments), 0, block.length)
}

function begin(core: Core, block: FieldBlock, promisedStreamId: number, endStream: boolean): void {
  block.streamId = core.reader.streamId
  block.promisedStreamId = promisedStreamId
  block.endStream = endStream
  block.fragments = []
  block.length = 0
  core.deadlines.fieldBlockBegun(core.now)
  keepFragment(core, block)
}

/** RFC 9113 §10.5.1: both the frames and the bytes of a block are bounded, since an endless one yields no request. */
function keepFragment(core: Core, block: FieldBlock): boolean {
  const fragment = core.reader.view()
  block.fragments.push(fragment.slice())
  block.length += fragment.length
  if (block.fragments.length - 1 > core.limits.maxContinuations) {
    limitPassed(core, 'maxContinuations', block.streamId, 'too many CONTINUATION frames in one field block')
    return false
  }
  if (block.length > core.limits.maxFieldSectionSize) {
    limitPassed(core, 'maxFieldSectionSize', block.streamId, 'a field block larger than its field section may be')
    return false
  }
  return true
}

/** A whole field block. It is decoded whatever becomes of the stream, or the tables would part. RFC 9113 §4.3. */
function recvFieldBlock(
  core: Core,
  id: number,
  promisedId: number,
  endStream: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { decoder } = core
  const decoded =
    decoder.decodeWithin === undefined
      ? decoder.decode(bytes.subarray(start, end))
      : decoder.decodeWithin(bytes, start, end)
  if (decoded instanceof ConnectionError) {
    fail(core, decoded)
    return
  }
  if (decoded.repeats !== true) core.head.holds = 'nothing'
  // RFC 9113 §10.5.1: the decoder knows the limit of the first SETTINGS; an update may have made it smaller since.
  const isTooLarge = decoded.overflow === undefined && decoded.size > core.local.maxHeaderListSize
  const section: DecodedSection = isTooLarge ? { ...decoded, overflow: 'size' } : decoded
  if (promisedId === 0) recvFieldSection(core, id, endStream, section)
  else recvPromise(core, id, promisedId, section)
}
