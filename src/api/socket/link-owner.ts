import { CloseCode, WebSocketError } from '../../websocket/index.ts'

/** How a WebSocket ended. */
export interface WebSocketEnd {
  /** 1006 when no Close came, 1005 when it had no code. RFC 6455 §7.1.5. */
  readonly code: number
  readonly reason: string
  /** Both Close frames were exchanged. RFC 6455 §7.1.4. */
  readonly wasClean: boolean
  /** The fault or the reset behind an unclean end. */
  readonly error: Error | undefined
  /**
   * So many of the messages sent last were not handed to the transport, whole, before the stream was lost; none where it
   * was not, since what is queued still leaves.
   */
  readonly unsentMessages: number
}

/** What sits on a link. Told in wire order; nothing follows `linkClosed`. None of these may throw. */
export interface LinkOwner {
  messageReceived(text: boolean, data: Uint8Array): void
  /** The peer's Close arrived and is answered. */
  closeReceived(): void
  /** The WebSocket is over, however it came. */
  linkClosed(end: WebSocketEnd): void
  /** What carries the link is being ended in good order. RFC 6455 §7.4.1 has 1001 for that. */
  goingAway(): void
  /** After a send returned false: there is room again. */
  linkDrained(): void
}

/** What to tell who wants an error where an unclean end has none: nobody broke a rule or a stream, the bytes just ended. */
export function endedWithoutClose(): Error {
  return new WebSocketError(CloseCode.ABNORMAL_CLOSURE, 'the connection ended without a Close', 'RFC 6455 §7.1.5')
}
