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
const notOpenYet = misuse('the stream has not been opened')
const headersFirst = misuse('HEADERS come first on a promised stream')
const endedByUs = misuse('the stream was already ended on this side')
const notOurs = misuse('only RST_STREAM may be sent on a stream that the peer reserved')

// Cells that several states have in common, by what these states are.

/** A stream can be promised only before it is used, §6.6. PRIORITY may come in any state and means nothing any more, §5.3.2. */
const used = {
  SEND_PUSH_PROMISE: misuse('only an idle stream can be promised'),
  RECV_PUSH_PROMISE: connectionError(
    ErrorCode.PROTOCOL_ERROR,
    'PUSH_PROMISE promises a stream already used',
    'RFC 9113 §6.6',
  ),
  RECV_PRIORITY: ignore,
}
/** Used and not closed: either side may reset it. */
const alive = {
  ...used,
  SEND_RST_STREAM: goTo[S.RESET_SENT]!,
  RECV_RST_STREAM: goTo[S.RESET_RECEIVED]!,
}
/** Closed: there is nothing left to reset, and what the peer sends of such may have crossed what closed it. */
const over = { ...used, SEND_RST_STREAM: ignore, RECV_RST_STREAM: ignore, RECV_WINDOW_UPDATE: ignore }

/** The same for all of a message that we would send. */
const sendMessage = (transition: Transition) => ({
  SEND_HEADERS: transition,
  SEND_DATA: transition,
  SEND_END_STREAM: transition,
})
/** The same for all of a message that the peer sends. */
const recvMessage = (transition: (what: string) => Transition) => ({
  RECV_HEADERS: transition('HEADERS'),
  RECV_DATA: transition('DATA'),
  RECV_END_STREAM: transition('END_STREAM'),
})

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
    RECV_PRIORITY: ignore, // §5.3.2
  },
  RESERVED_LOCAL: {
    ...alive,
    SEND_HEADERS: goTo[S.HALF_CLOSED_REMOTE]!,
    SEND_DATA: headersFirst,
    SEND_END_STREAM: headersFirst,
    ...recvMessage(onReserved),
    RECV_WINDOW_UPDATE: goTo[S.RESERVED_LOCAL]!, // §5.1: the peer may grant credit ahead
  },
  RESERVED_REMOTE: {
    ...alive,
    ...sendMessage(notOurs),
    RECV_HEADERS: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_DATA: onReserved('DATA'),
    RECV_END_STREAM: onReserved('END_STREAM'),
    RECV_WINDOW_UPDATE: onReserved('WINDOW_UPDATE'),
  },
  OPEN: {
    ...alive,
    SEND_HEADERS: goTo[S.OPEN]!,
    SEND_DATA: goTo[S.OPEN]!,
    SEND_END_STREAM: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_HEADERS: goTo[S.OPEN]!,
    RECV_DATA: goTo[S.OPEN]!,
    RECV_END_STREAM: goTo[S.HALF_CLOSED_REMOTE]!,
    RECV_WINDOW_UPDATE: goTo[S.OPEN]!,
  },
  HALF_CLOSED_REMOTE: {
    ...alive,
    SEND_HEADERS: goTo[S.HALF_CLOSED_REMOTE]!,
    SEND_DATA: goTo[S.HALF_CLOSED_REMOTE]!,
    SEND_END_STREAM: goTo[S.CLOSED]!,
    ...recvMessage(afterEnd),
    RECV_WINDOW_UPDATE: goTo[S.HALF_CLOSED_REMOTE]!,
  },
  HALF_CLOSED_LOCAL: {
    ...alive,
    ...sendMessage(endedByUs),
    RECV_HEADERS: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_DATA: goTo[S.HALF_CLOSED_LOCAL]!,
    RECV_END_STREAM: goTo[S.CLOSED]!,
    RECV_WINDOW_UPDATE: goTo[S.HALF_CLOSED_LOCAL]!, // it crossed our END_STREAM
  },
  CLOSED: {
    ...over,
    ...sendMessage(endedByUs),
    ...recvMessage(afterClose),
  },
  RESET_SENT: {
    ...over,
    ...sendMessage(ignore), // a fault of the peer may have reset it behind the caller's back
    ...recvMessage(() => ignore), // the peer had sent it before it saw our RST_STREAM
  },
  RESET_RECEIVED: {
    ...over, // §5.4.2: no RST_STREAM in answer to one
    ...sendMessage(ignore), // the caller may not have heard yet
    ...recvMessage(afterReset),
  },
  FORGOTTEN: {
    ...over,
    ...sendMessage(ignore), // as for the reset states: which of them it was is no longer known
    // §5.1.1: a new stream has a higher id than all before it, and opening one closes the idle ones below.
    RECV_HEADERS: connectionError(
      ErrorCode.PROTOCOL_ERROR,
      'HEADERS on a stream id that has passed',
      'RFC 9113 §5.1.1',
    ),
    RECV_DATA: streamError(ErrorCode.STREAM_CLOSED, 'DATA on a stream closed long ago'),
    RECV_END_STREAM: streamError(ErrorCode.STREAM_CLOSED, 'END_STREAM on a stream closed long ago'),
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
