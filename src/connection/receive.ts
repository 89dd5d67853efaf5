import { ConnectionError, ErrorCode, StreamError } from '../errors/index.ts'
import { CONNECTION_PREFACE, Flag, FrameType, frameTypeName, ReadStatus } from '../frames/index.ts'
import { chargeGlitch, chargeReset } from './charges.ts'
import type { Core } from './core.ts'
import { closeIfDrained, connectionFault, fail } from './ending.ts'
import { recvAltSvc, recvExtension, recvOrigin } from './extensions.ts'
import { FieldBlock, recvContinuation, recvHeaders, recvPushPromise } from './field-block.ts'
import { recvGoAway } from './goaway.ts'
import { recvPing } from './ping.ts'
import { recvPriorityUpdate } from './prioritize.ts'
import { chargeAndDiscard, recvData } from './recv-data.ts'
import { recvSettings } from './recv-settings.ts'
import { recvWindowUpdate } from './recv-window-update.ts'
import { refuseStream, resetStream } from './refusal.ts'
import { StreamInput, StreamState } from './stream-state.ts'

/** The way in: preface, then frames, each taken to the concern that knows its rules. */
export class Receiver {
  readonly #core: Core
  /** Bytes of the client's connection preface still to come. RFC 9113 §3.4. */
  #prefaceLeft: number
  #settingsSeen = false
  readonly #block = new FieldBlock()

  constructor(core: Core) {
    this.#core = core
    this.#prefaceLeft = core.role === 'server' ? CONNECTION_PREFACE.length : 0
  }

  /** Reads everything in `chunk`. Nothing after a fault of the connection is looked at. */
  receive(chunk: Uint8Array): void {
    const core = this.#core
    const rest = this.#prefaceLeft === 0 ? chunk : this.#preface(chunk)
    if (core.state === 'closed') return
    const { reader } = core
    reader.push(rest)
    for (;;) {
      const status = reader.next()
      if (status === ReadStatus.NEED_MORE) return
      if (status === ReadStatus.FRAME) this.#frame()
      else this.#fault()
      // After each frame and not after the chunk: where a draining connection ends must not hang on how bytes are cut.
      closeIfDrained(core)
      if ((core.state as string) === 'closed') return
    }
  }

  #preface(chunk: Uint8Array): Uint8Array {
    const n = Math.min(this.#prefaceLeft, chunk.length)
    const from = CONNECTION_PREFACE.length - this.#prefaceLeft
    for (let i = 0; i < n; i++) {
      if (chunk[i] !== CONNECTION_PREFACE[from + i]) {
        const reason = 'the client does not begin with the HTTP/2 connection preface'
        fail(this.#core, new ConnectionError(ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9113 §3.4'))
        return chunk
      }
    }
    this.#prefaceLeft -= n
    return chunk.subarray(n)
  }

  /** A fault that one frame alone showed. RFC 9113 §5.4. */
  #fault(): void {
    const core = this.#core
    const { type, flags, streamId, length } = core.reader
    const fault = core.reader.fault!
    core.observer?.frameReceived?.(type, flags, streamId, length)
    if (!this.#sequence()) return
    if (fault instanceof ConnectionError) {
      fail(core, fault)
      return
    }
    if (!chargeAndDiscard(core)) return
    const state = core.stateOf(fault.streamId)
    if (state === StreamState.IDLE) {
      // RFC 9113 §5.4.2 has no stream to reset here, and §6.4 forbids RST_STREAM for an idle one.
      connectionFault(core, fault.code, fault.message, fault.section)
      return
    }
    const stream = core.streams.get(fault.streamId)
    if (stream !== undefined) resetStream(core, stream, fault)
    else if (state !== StreamState.RESET_SENT) refuseStream(core, fault.streamId, fault.code)
    else chargeReset(core)
  }

  #frame(): void {
    const core = this.#core
    const { reader } = core
    const { type, flags, streamId } = reader
    if (reader.first) {
      core.observer?.frameReceived?.(type, flags, streamId, reader.length)
      if (!this.#sequence()) return
    }
    switch (type) {
      case FrameType.DATA:
        recvData(core)
        return
      case FrameType.HEADERS:
        recvHeaders(core, this.#block)
        return
      case FrameType.CONTINUATION:
        recvContinuation(core, this.#block)
        return
      case FrameType.PRIORITY:
        chargeGlitch(core, 'PRIORITY') // §5.3.2: deprecated, read and ignored
        return
      case FrameType.RST_STREAM:
        recvRstStream(core)
        return
      case FrameType.SETTINGS:
        recvSettings(core)
        return
      case FrameType.PUSH_PROMISE:
        recvPushPromise(core, this.#block)
        return
      case FrameType.PING:
        recvPing(core)
        return
      case FrameType.GOAWAY:
        recvGoAway(core)
        return
      case FrameType.WINDOW_UPDATE:
        recvWindowUpdate(core)
        return
      case FrameType.PRIORITY_UPDATE:
        recvPriorityUpdate(core)
        return
      case FrameType.ALTSVC:
        recvAltSvc(core)
        return
      case FrameType.ORIGIN:
        recvOrigin(core)
        return
      default:
        recvExtension(core)
    }
  }

  /** What must come now, whatever the frame says. False when it did not come: the connection has failed. */
  #sequence(): boolean {
    const core = this.#core
    const { type, flags, streamId } = core.reader
    if (!this.#settingsSeen) {
      if (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0) {
        const reason = `the peer begins with ${frameTypeName(type)} instead of SETTINGS`
        connectionFault(core, ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9113 §3.4')
        return false
      }
      this.#settingsSeen = true
      core.deadlines.prefaceReceived()
      if (core.role === 'server') core.deadlines.idle(core.now)
    }
    const open = this.#block.streamId
    if (open === 0 ? type === FrameType.CONTINUATION : type !== FrameType.CONTINUATION || streamId !== open) {
      const reason =
        open === 0
          ? 'CONTINUATION without a field block to continue'
          : `${frameTypeName(type)} on stream ${streamId} inside the field block of stream ${open}`
      connectionFault(core, ErrorCode.PROTOCOL_ERROR, reason, 'RFC 9113 §6.10')
      return false
    }
    return true
  }
}

/** RFC 9113 §6.4. */
function recvRstStream(core: Core): void {
  const { streamId, errorCode } = core.reader
  const stream = core.streams.get(streamId)
  if (stream === undefined) {
    if (core.stateOf(streamId) === StreamState.IDLE) {
      connectionFault(core, ErrorCode.PROTOCOL_ERROR, 'RST_STREAM on an idle stream', 'RFC 9113 §6.4')
    } else chargeGlitch(core, 'RST_STREAM')
    return
  }
  core.advance(stream, StreamInput.RECV_RST_STREAM)
  const retryable = errorCode === ErrorCode.REFUSED_STREAM // §8.7
  const error = new StreamError(streamId, errorCode, 'the peer reset the stream', 'RFC 9113 §6.4', {
    initiator: 'remote',
    retryable,
  })
  core.emit({ type: 'StreamReset', streamId, initiator: 'remote', error, unsentBytes: stream.queued })
  // §10.5: what we opened ourselves costs us no more for being reset. §8.1: a server that answers early may do so each time.
  if (core.isPeerId(streamId)) chargeReset(core)
}
