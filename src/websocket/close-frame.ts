import { CloseCode, isCloseCodeOnWire } from './close-code.ts'
import { isUtf8 } from './utf8-validator.ts'
import { WebSocketError } from './websocket-error.ts'

/** The longest reason: a control frame's 125 bytes less the code. RFC 6455 §5.5. */
export const MAX_CLOSE_REASON = 123

/** What a Close frame says. */
export interface ClosePayload {
  /** 1005 when the frame is empty. */
  readonly code: number
  readonly reason: Uint8Array
}

const empty = new Uint8Array(0)

/** Reads a Close frame: nothing, or a code and perhaps a reason in UTF-8. RFC 6455 §5.5.1, §7.1.5, §7.1.6. */
export function readClose(payload: Uint8Array): ClosePayload | WebSocketError {
  if (payload.length === 0) return { code: CloseCode.NO_STATUS_RCVD, reason: empty }
  if (payload.length === 1) {
    return new WebSocketError(CloseCode.PROTOCOL_ERROR, 'a Close frame with half a code', 'RFC 6455 §5.5.1')
  }
  const code = (payload[0] << 8) | payload[1]
  if (!isCloseCodeOnWire(code)) {
    return new WebSocketError(CloseCode.PROTOCOL_ERROR, `the close code ${code} on the wire`, 'RFC 6455 §7.4')
  }
  const reason = payload.subarray(2)
  if (!isUtf8(reason)) {
    const words = 'a close reason that is not UTF-8'
    return new WebSocketError(CloseCode.INVALID_FRAME_PAYLOAD_DATA, words, 'RFC 6455 §8.1')
  }
  return { code, reason }
}

/** The payload of a Close frame; empty without a code. RFC 6455 §5.5.1. */
export function writeClose(code: number | undefined, reason: Uint8Array): Uint8Array {
  if (code === undefined) return empty
  const payload = new Uint8Array(2 + reason.length)
  payload[0] = code >>> 8
  payload[1] = code
  payload.set(reason, 2)
  return payload
}
