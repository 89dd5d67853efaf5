import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import {
  StreamInput,
  type StreamInputName,
  StreamState,
  type StreamStateName,
  streamStateName,
  type Transition,
  transition,
} from '../../src/connection/index.ts'
import { errorCodeName } from '../../src/errors/index.ts'

/*
 * What RFC 9113 §5.1 says of each input in each state, written from its text and not from the table under test.
 * A cell is the outcome and its reason: a state to go to, `ignore`, `misuse` (our caller's fault), `stream X` or
 * `connection X` (the peer's).
 */
type Cell = readonly [outcome: string, reason: string]

const notIdle: Cell = ['connection PROTOCOL_ERROR', '§6.6: the promised stream MUST be idle, or the id is illegal']
const promiseNotIdle: Cell = ['misuse', '§6.6: the sender ensures that the promised stream is idle']
const anyState: Cell = ['ignore', '§5.1: PRIORITY can be received in any state; §5.3.2: and is deprecated']
const onlyHeaders: Cell = ['connection PROTOCOL_ERROR', 'idle: any frame other than HEADERS or PRIORITY']
const onlyThree: Cell = [
  'connection PROTOCOL_ERROR',
  'reserved (local): other than RST_STREAM, PRIORITY, WINDOW_UPDATE',
]
const notGranted: Cell = ['connection PROTOCOL_ERROR', 'reserved (remote): other than HEADERS, RST_STREAM, PRIORITY']
const peerEnded: Cell = ['stream STREAM_CLOSED', 'half-closed (remote): other than WINDOW_UPDATE, PRIORITY, RST_STREAM']
const weEnded: Cell = ['misuse', 'half-closed (local): cannot be used for sending these']
const bothEnded: Cell = ['connection STREAM_CLOSED', 'closed: MAY be a connection error; the peer itself had ended it']
const inFlight: Cell = ['ignore', 'closed: who sent RST_STREAM could receive any frame, and discards it']
const unknowing: Cell = ['ignore', 'closed: nothing but PRIORITY may be sent, and our caller may not know yet']
const sentAfterReset: Cell = ['stream STREAM_CLOSED', '§6.1: DATA on a stream not open; the peer had reset it itself']

const expected: Record<StreamStateName, Record<StreamInputName, Cell>> = {
  IDLE: {
    SEND_PUSH_PROMISE: ['RESERVED_LOCAL', 'idle: sending PUSH_PROMISE reserves the stream'],
    SEND_HEADERS: ['OPEN', 'idle: sending HEADERS as a client opens it'],
    SEND_DATA: ['misuse', '§6.1: DATA only in open or half-closed (remote)'],
    SEND_END_STREAM: ['misuse', 'only the HEADERS or DATA of an open stream carry it'],
    SEND_RST_STREAM: ['misuse', '§6.4: MUST NOT be sent for an idle stream'],
    RECV_PUSH_PROMISE: ['RESERVED_REMOTE', 'idle: receiving PUSH_PROMISE reserves the stream'],
    RECV_HEADERS: ['OPEN', 'idle: receiving HEADERS as a server opens it'],
    RECV_DATA: onlyHeaders,
    RECV_END_STREAM: onlyHeaders,
    RECV_RST_STREAM: ['connection PROTOCOL_ERROR', '§6.4: RST_STREAM identifying an idle stream'],
    RECV_WINDOW_UPDATE: onlyHeaders,
    RECV_PRIORITY: anyState,
  },
  RESERVED_LOCAL: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: ['HALF_CLOSED_REMOTE', 'reserved (local): HEADERS open it half-closed (remote)'],
    SEND_DATA: ['misuse', 'reserved (local): only HEADERS, RST_STREAM, PRIORITY may be sent'],
    SEND_END_STREAM: ['misuse', 'it comes with HEADERS, after them'],
    SEND_RST_STREAM: ['RESET_SENT', 'reserved (local): either endpoint can release the reservation'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: onlyThree,
    RECV_DATA: onlyThree,
    RECV_END_STREAM: onlyThree,
    RECV_RST_STREAM: ['RESET_RECEIVED', 'reserved (local): either endpoint can release the reservation'],
    RECV_WINDOW_UPDATE: ['RESERVED_LOCAL', 'reserved (local): WINDOW_UPDATE MAY be received'],
    RECV_PRIORITY: anyState,
  },
  RESERVED_REMOTE: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: ['misuse', 'reserved (remote): only RST_STREAM, WINDOW_UPDATE, PRIORITY may be sent'],
    SEND_DATA: ['misuse', 'reserved (remote): only RST_STREAM, WINDOW_UPDATE, PRIORITY may be sent'],
    SEND_END_STREAM: ['misuse', 'reserved (remote): only RST_STREAM, WINDOW_UPDATE, PRIORITY may be sent'],
    SEND_RST_STREAM: ['RESET_SENT', 'reserved (remote): either endpoint can release the reservation'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: ['HALF_CLOSED_LOCAL', 'reserved (remote): HEADERS make it half-closed (local)'],
    RECV_DATA: notGranted,
    RECV_END_STREAM: notGranted,
    RECV_RST_STREAM: ['RESET_RECEIVED', 'reserved (remote): either endpoint can release the reservation'],
    RECV_WINDOW_UPDATE: notGranted,
    RECV_PRIORITY: anyState,
  },
  OPEN: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: ['OPEN', 'open: frames of any type'],
    SEND_DATA: ['OPEN', 'open: frames of any type'],
    SEND_END_STREAM: ['HALF_CLOSED_LOCAL', 'open: an endpoint that sends END_STREAM'],
    SEND_RST_STREAM: ['RESET_SENT', 'open: either endpoint can send RST_STREAM'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: ['OPEN', 'open: frames of any type'],
    RECV_DATA: ['OPEN', 'open: frames of any type'],
    RECV_END_STREAM: ['HALF_CLOSED_REMOTE', 'open: an endpoint that receives END_STREAM'],
    RECV_RST_STREAM: ['RESET_RECEIVED', 'open: either endpoint can send RST_STREAM'],
    RECV_WINDOW_UPDATE: ['OPEN', 'open: frames of any type'],
    RECV_PRIORITY: anyState,
  },
  HALF_CLOSED_REMOTE: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: ['HALF_CLOSED_REMOTE', 'half-closed (remote): the endpoint sends frames of any type'],
    SEND_DATA: ['HALF_CLOSED_REMOTE', 'half-closed (remote): the endpoint sends frames of any type'],
    SEND_END_STREAM: ['CLOSED', 'half-closed (remote): to closed by sending END_STREAM'],
    SEND_RST_STREAM: ['RESET_SENT', 'half-closed (remote): to closed by RST_STREAM of either peer'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: peerEnded,
    RECV_DATA: peerEnded,
    RECV_END_STREAM: peerEnded,
    RECV_RST_STREAM: ['RESET_RECEIVED', 'half-closed (remote): to closed by RST_STREAM of either peer'],
    RECV_WINDOW_UPDATE: ['HALF_CLOSED_REMOTE', '§6.9: can be sent by who has sent END_STREAM, and is no error'],
    RECV_PRIORITY: anyState,
  },
  HALF_CLOSED_LOCAL: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: weEnded,
    SEND_DATA: weEnded,
    SEND_END_STREAM: weEnded,
    SEND_RST_STREAM: ['RESET_SENT', 'half-closed (local): to closed by RST_STREAM of either peer'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: ['HALF_CLOSED_LOCAL', 'half-closed (local): any type of frame can be received'],
    RECV_DATA: ['HALF_CLOSED_LOCAL', 'half-closed (local): any type of frame can be received'],
    RECV_END_STREAM: ['CLOSED', 'half-closed (local): to closed by a received END_STREAM'],
    RECV_RST_STREAM: ['RESET_RECEIVED', 'half-closed (local): to closed by RST_STREAM of either peer'],
    RECV_WINDOW_UPDATE: ['HALF_CLOSED_LOCAL', 'half-closed (local): might arrive for a short period'],
    RECV_PRIORITY: anyState,
  },
  CLOSED: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: ['misuse', 'closed: we ended our side ourselves'],
    SEND_DATA: ['misuse', 'closed: we ended our side ourselves'],
    SEND_END_STREAM: ['misuse', 'closed: we ended our side ourselves'],
    SEND_RST_STREAM: ['ignore', 'closed: only PRIORITY may be sent, and there is nothing to reset'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: bothEnded,
    RECV_DATA: bothEnded,
    RECV_END_STREAM: bothEnded,
    RECV_RST_STREAM: ['ignore', 'closed: who sent END_STREAM might receive RST_STREAM'],
    RECV_WINDOW_UPDATE: ['ignore', 'closed: who sent END_STREAM might receive WINDOW_UPDATE'],
    RECV_PRIORITY: anyState,
  },
  RESET_SENT: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: unknowing,
    SEND_DATA: unknowing,
    SEND_END_STREAM: unknowing,
    SEND_RST_STREAM: ['ignore', '§5.4.2: SHOULD NOT send more than one'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: inFlight,
    RECV_DATA: inFlight,
    RECV_END_STREAM: inFlight,
    RECV_RST_STREAM: inFlight,
    RECV_WINDOW_UPDATE: inFlight,
    RECV_PRIORITY: anyState,
  },
  RESET_RECEIVED: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: unknowing,
    SEND_DATA: unknowing,
    SEND_END_STREAM: unknowing,
    SEND_RST_STREAM: ['ignore', '§5.4.2: MUST NOT be sent in response to RST_STREAM'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: sentAfterReset,
    RECV_DATA: sentAfterReset,
    RECV_END_STREAM: sentAfterReset,
    RECV_RST_STREAM: ['ignore', '§5.4.2: no RST_STREAM may answer it'],
    RECV_WINDOW_UPDATE: ['ignore', '§6.9: MUST NOT be treated as an error on a closed stream'],
    RECV_PRIORITY: anyState,
  },
  FORGOTTEN: {
    SEND_PUSH_PROMISE: promiseNotIdle,
    SEND_HEADERS: unknowing,
    SEND_DATA: unknowing,
    SEND_END_STREAM: unknowing,
    SEND_RST_STREAM: ['ignore', 'closed: only PRIORITY may be sent'],
    RECV_PUSH_PROMISE: notIdle,
    RECV_HEADERS: ['connection PROTOCOL_ERROR', '§5.1.1: a new stream has a higher id than all before it'],
    RECV_DATA: ['stream STREAM_CLOSED', '§6.1: DATA on a stream not open'],
    RECV_END_STREAM: ['stream STREAM_CLOSED', '§6.1: DATA on a stream not open'],
    RECV_RST_STREAM: ['ignore', 'closed: it might be received for a while'],
    RECV_WINDOW_UPDATE: ['ignore', '§6.9: MUST NOT be treated as an error on a closed stream'],
    RECV_PRIORITY: anyState,
  },
}

function outcome(step: Transition): string {
  switch (step.kind) {
    case 'goto':
      return streamStateName(step.to)
    case 'streamError':
      return `stream ${errorCodeName(step.code)}`
    case 'connectionError':
      return `connection ${errorCodeName(step.code)}`
    default:
      return step.kind
  }
}

for (const state of Object.keys(StreamState) as StreamStateName[]) {
  describe(`a stream that is ${state}`, () => {
    for (const input of Object.keys(StreamInput) as StreamInputName[]) {
      const [wanted, reason] = expected[state][input]
      it(`RFC 9113 §5.1: ${state} × ${input} is ${wanted} (${reason})`, () => {
        const step = transition(StreamState[state], StreamInput[input])
        expect(outcome(step)).toBe(wanted)
        if ('section' in step) expect(step.section).toMatch(/^RFC 9113 §\d/)
      })
    }
  })
}

it('RFC 9113 §5.1: no transition leads back to idle, and none leads out of closed', () => {
  for (const state of Object.values(StreamState)) {
    for (const input of Object.values(StreamInput)) {
      const step = transition(state, input)
      if (step.kind !== 'goto') continue
      expect(step.to).not.toBe(StreamState.IDLE)
      expect(state).toBeLessThan(StreamState.CLOSED)
    }
  }
})

it('docs/stream-states.md is what scripts/stream-states.ts makes of the table', () => {
  execFileSync(process.execPath, ['scripts/run.js', 'scripts/stream-states.ts', '--check'], { stdio: 'pipe' })
})
