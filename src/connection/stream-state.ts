import { ErrorCode } from '../errors/index.ts'

/*
 * The life of a stream, RFC 9113 §5.1, seen from one endpoint:
 *
 *                                  +--------+
 *                          send PP |        | recv PP
 *                         ,--------+  idle  +--------.
 *                        /         |        |         \
 *                       v          +--------+          v
 *                +----------+          |           +----------+
 *                | reserved |          | send H /  | reserved |
 *         ,------+ (local)  |          | recv H    | (remote) +------.
 *         |      +---+------+          v           +------+---+      |
 *         |          |             +--------+             |          |
 *         |          |     recv ES |        | send ES     |          |
 *         |   send H |     ,-------+  open  +-------.     | recv H   |
 *         |          |    /        |        |        \    |          |
 *         |          v   v         +---+----+         v   v          |
 *         |      +----------+          |           +----------+      |
 *         |      |   half-  |          |           |   half-  |      |
 *         |      |  closed  |          | send R /  |  closed  |      |
 *         |      | (remote) |          | recv R    | (local)  |      |
 *         |      +----+-----+          |           +-----+----+      |
 *         |           | send ES /      v       recv ES / |           |
 *         |           | send R /   +--------+   send R / |           |
 *         |  send R / | recv R     | closed |   recv R   | send R /  |
 *         `-----------+----------->|        |<-----------+-----------'
 *            recv R                +--------+              recv R
 *
 * "Closed" is four states here, because §5.1 decides by how a stream was closed: regularly (CLOSED), by our
 * RST_STREAM (RESET_SENT: what was in flight is ignored), by the peer's (RESET_RECEIVED), or so long ago that only
 * the highest id seen tells (FORGOTTEN).
 */
export const StreamState = {
  IDLE: 0,
  RESERVED_LOCAL: 1,
  RESERVED_REMOTE: 2,
  OPEN: 3,
  HALF_CLOSED_REMOTE: 4,
  HALF_CLOSED_LOCAL: 5,
  CLOSED: 6,
  RESET_SENT: 7,
  RESET_RECEIVED: 8,
  FORGOTTEN: 9,
} as const
export type StreamStateName = keyof typeof StreamState

/** What happens to a stream. END_STREAM is an input of its own, taken after the HEADERS or DATA that carries it. */
export const StreamInput = {
  SEND_PUSH_PROMISE: 0,
  SEND_HEADERS: 1,
  SEND_DATA: 2,
  SEND_END_STREAM: 3,
  SEND_RST_STREAM: 4,
  RECV_PUSH_PROMISE: 5,
  RECV_HEADERS: 6,
  RECV_DATA: 7,
  RECV_END_STREAM: 8,
  RECV_RST_STREAM: 9,
  RECV_WINDOW_UPDATE: 10,
  RECV_PRIORITY: 11,
} as const
export type StreamInputName = keyof typeof StreamInput

/** What the figure, or the text around it, says about an input in a state. */
export type Transition =
  | { readonly kind: 'goto'; readonly to: number }
  /** The frame is lawful or was overtaken by events: account for it and do nothing. */
  | { readonly kind: 'ignore' }
  | {
      readonly kind: 'streamError' | 'connectionError'
      readonly code: number
      readonly reason: string
      readonly section: string
    }
  /** Our own caller's mistake. */
  | { readonly kind: 'misuse'; readonly reason: string; readonly section: string }

const S = StreamState
const goTo: readonly Transition[] = Object.values(StreamState).map((to) => ({ kind: 'goto', to }))
const ignore: Transition = { kind: 'ignore' }
const misuse = (reason: string): Transition => ({ kind: 'misuse', reason, section: 'RFC 9113 §5.1' })
const connectionError = (code: number, reason: string, section = 'RFC 9113 §5.1'): Transition => ({
  kind: 'connectionError',
  code,
  reason,
  section,
})
const streamError = (code: number, reason: string, section = 'RFC 9113 §5.1'): Transition => ({
  kind: 'streamError',
  code,
  reason,
  section,
})

const onIdle = (what: string, section?: string): Transition =>
  connectionError(ErrorCode.PROTOCOL_ERROR, `${what} on an idle stream`, section)
const onReserved = (what: string): Transition =>
  connectionError(ErrorCode.PROTOCOL_ERROR, `${what} on a reserved stream`)
const afterEnd = (what: string): Transition =>
  streamError(ErrorCode.STREAM_CLOSED, `${what} after the peer ended the stream`)
const afterClose = (what: string): Transition =>
  connectionError(ErrorCode.STREAM_CLOSED, `${what} on a stream that both sides had ended`)
const afterReset = (what: string): Transition =>
  streamError(ErrorCode.STREAM_CLOSED, `${what} on a stream that the peer had reset`)
// A stream can be promised only before it is used. RFC 9113 §6.6
const promised = connectionError(
  ErrorCode.PROTOCOL_ERROR,
  'PUSH_PROMISE promises a stream already used',
  'RFC 9113 §6.6',
)
const promiseUsed = misuse('only an idle stream can be promised')
const notOpenYet = misuse('the stream has not been opened')
const endedByUs = misuse('the stream was already ended on this side')
const notOurs = misuse('only RST_STREAM may be sent on a stream that the peer reserved')

/** Every input in every state; the compiler refuses a missing cell. */
const rows: Record<StreamStateName, Record<StreamInputName, Transition>> = {
  IDLE: {
    SEND_PUSH_PROMISE: goTo[S.RESERVED_LOCAL]!,
    SEND_HEADERS: goTo[S.OPEN]!,
    SEND_DATA: notOpenYet,
    SEND_END_STREAM: notOpenYet,
    SEND_RST_STREAM: misuse('RST_STREAM must not be sent for an idle stream'), // §6.4
    RECV_PUSH_PROMISE: goTo[S.RESERVED_REMOTE]!,
    RECV_HEADERS: goTo[S.OPEN]!,
    RECV_DATA: onIdle('DATA'),
    RECV_END_STREAM: onIdle('END_STREAM'),
    RECV_RST_STREAM: onIdle('RST_STREAM', 'RFC 9113 §6.4'),
    RECV_WINDOW_UPDATE: onIdle('WINDOW_UPDATE'),
    RECV_PRIORITY: ignore, // §5.3.2: PRIORITY may come in any state, and means nothing any more
  },
  RESERVED_LOCAL: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: goTo[S.HALF_CLOSED_REMOTE]!,
    SEND_DATA: misuse('HEADERS come first on a promised stream'),
    SEND_END_STREAM: misuse('HEADERS come first on a promised stream'),
    SEND_RST_STREAM: goTo[S.RESET_SENT]!,
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: onReserved('HEADERS'),
    RECV_DATA: onReserved('DATA'),
    RECV_END_STREAM: onReserved('END_STREAM'),
    RECV_RST_STREAM: goTo[S.RESET_RECEIVED]!,
    RECV_WINDOW_UPDATE: goTo[S.RESERVED_LOCAL]!, // §5.1: the peer may grant credit ahead
    RECV_PRIORITY: ignore,
  },
  RESERVED_REMOTE: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: notOurs,
    SEND_DATA: notOurs,
    SEND_END_STREAM: notOurs,
    SEND_RST_STREAM: goTo[S.RESET_SENT]!,
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_DATA: onReserved('DATA'),
    RECV_END_STREAM: onReserved('END_STREAM'),
    RECV_RST_STREAM: goTo[S.RESET_RECEIVED]!,
    RECV_WINDOW_UPDATE: onReserved('WINDOW_UPDATE'),
    RECV_PRIORITY: ignore,
  },
  OPEN: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: goTo[S.OPEN]!,
    SEND_DATA: goTo[S.OPEN]!,
    SEND_END_STREAM: goTo[S.HALF_CLOSED_LOCAL]!,
    SEND_RST_STREAM: goTo[S.RESET_SENT]!,
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: goTo[S.OPEN]!,
    RECV_DATA: goTo[S.OPEN]!,
    RECV_END_STREAM: goTo[S.HALF_CLOSED_REMOTE]!,
    RECV_RST_STREAM: goTo[S.RESET_RECEIVED]!,
    RECV_WINDOW_UPDATE: goTo[S.OPEN]!,
    RECV_PRIORITY: ignore,
  },
  HALF_CLOSED_REMOTE: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: goTo[S.HALF_CLOSED_REMOTE]!,
    SEND_DATA: goTo[S.HALF_CLOSED_REMOTE]!,
    SEND_END_STREAM: goTo[S.CLOSED]!,
    SEND_RST_STREAM: goTo[S.RESET_SENT]!,
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: afterEnd('HEADERS'),
    RECV_DATA: afterEnd('DATA'),
    RECV_END_STREAM: afterEnd('END_STREAM'),
    RECV_RST_STREAM: goTo[S.RESET_RECEIVED]!,
    RECV_WINDOW_UPDATE: goTo[S.HALF_CLOSED_REMOTE]!,
    RECV_PRIORITY: ignore,
  },
  HALF_CLOSED_LOCAL: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: endedByUs,
    SEND_DATA: endedByUs,
    SEND_END_STREAM: endedByUs,
    SEND_RST_STREAM: goTo[S.RESET_SENT]!,
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_DATA: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_END_STREAM: goTo[S.CLOSED]!,
    RECV_RST_STREAM: goTo[S.RESET_RECEIVED]!,
    RECV_WINDOW_UPDATE: goTo[S.HALF_CLOSED_LOCAL]!, // it crossed our END_STREAM
    RECV_PRIORITY: ignore,
  },
  CLOSED: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: endedByUs,
    SEND_DATA: endedByUs,
    SEND_END_STREAM: endedByUs,
    SEND_RST_STREAM: ignore, // there is nothing left to reset
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: afterClose('HEADERS'),
    RECV_DATA: afterClose('DATA'),
    RECV_END_STREAM: afterClose('END_STREAM'),
    RECV_RST_STREAM: ignore, // it may have crossed our END_STREAM
    RECV_WINDOW_UPDATE: ignore, // likewise
    RECV_PRIORITY: ignore,
  },
  RESET_SENT: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: ignore, // a fault of the peer may have reset it behind the caller's back
    SEND_DATA: ignore,
    SEND_END_STREAM: ignore,
    SEND_RST_STREAM: ignore,
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: ignore, // the peer had sent it before it saw our RST_STREAM
    RECV_DATA: ignore,
    RECV_END_STREAM: ignore,
    RECV_RST_STREAM: ignore,
    RECV_WINDOW_UPDATE: ignore,
    RECV_PRIORITY: ignore,
  },
  RESET_RECEIVED: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: ignore, // the caller may not have heard yet
    SEND_DATA: ignore,
    SEND_END_STREAM: ignore,
    SEND_RST_STREAM: ignore, // §5.4.2: no RST_STREAM in answer to one
    RECV_PUSH_PROMISE: promised,
    RECV_HEADERS: afterReset('HEADERS'),
    RECV_DATA: afterReset('DATA'),
    RECV_END_STREAM: afterReset('END_STREAM'),
    RECV_RST_STREAM: ignore,
    RECV_WINDOW_UPDATE: ignore,
    RECV_PRIORITY: ignore,
  },
  FORGOTTEN: {
    SEND_PUSH_PROMISE: promiseUsed,
    SEND_HEADERS: ignore, // as for the reset states: which of them it was is no longer known
    SEND_DATA: ignore,
    SEND_END_STREAM: ignore,
    SEND_RST_STREAM: ignore,
    RECV_PUSH_PROMISE: promised,
    // §5.1.1: a new stream has a higher id than all before it, and opening one closes the idle ones below.
    RECV_HEADERS: connectionError(
      ErrorCode.PROTOCOL_ERROR,
      'HEADERS on a stream id that has passed',
      'RFC 9113 §5.1.1',
    ),
    RECV_DATA: streamError(ErrorCode.STREAM_CLOSED, 'DATA on a stream closed long ago'),
    RECV_END_STREAM: streamError(ErrorCode.STREAM_CLOSED, 'END_STREAM on a stream closed long ago'),
    RECV_RST_STREAM: ignore,
    RECV_WINDOW_UPDATE: ignore,
    RECV_PRIORITY: ignore,
  },
}

const stateNames = Object.keys(StreamState) as StreamStateName[]
const inputNames = Object.keys(StreamInput) as StreamInputName[]
const table: readonly Transition[] = stateNames.flatMap((state) => inputNames.map((input) => rows[state][input]))

/** The one cell of the table for `input` in `state`; both are numbers of `StreamInput` and `StreamState`. */
export function transition(state: number, input: number): Transition {
  return table[state * inputNames.length + input]!
}

export function streamStateName(state: number): StreamStateName {
  return stateNames[state]!
}
