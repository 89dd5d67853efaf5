import type { FieldInput } from '../hpack/index.ts'
import type { ReceiveWindow } from './flow-control.ts'
import { MessagePhase } from './message-phase.ts'
import type { SendQueue } from './send-queue.ts'
import { StreamState } from './stream-state.ts'

/** What a connection knows of one stream that is not closed. Only `Core.advance` writes `state`. */
export class Stream {
  readonly id: number
  state: number = StreamState.IDLE
  recvPhase: number = MessagePhase.HEAD
  sendPhase: number = MessagePhase.HEAD
  /** What the peer lets us send; below zero after its SETTINGS made windows smaller. RFC 9113 §6.9.2. */
  sendWindow: number
  /** Made when the first DATA arrives; until then it is as SETTINGS say. */
  recvWindow: ReceiveWindow | undefined = undefined
  /** Made when the first DATA is queued. */
  queue: SendQueue | undefined = undefined
  /** END_STREAM goes out behind the queue. */
  endQueued = false
  /** Trailers to go out behind the queue. */
  trailers: readonly FieldInput[] | undefined = undefined
  /** RFC 9218 §4.1. */
  urgency = 3
  /** DATA goes out in turns with others of the same urgency, not one stream after the other. RFC 9218 §4.2, §10. */
  shares = true
  /** Stands in the list of streams that have DATA and window. */
  ready = false
  /** The caller was told to wait for StreamWritable. */
  held = false
  /** Body bytes announced by content-length and not yet received; -1: not announced, or not to be checked. */
  expected = -1
  /** Size of the header section that the consumer holds, and that the limits count. */
  fieldSize = 0
  /** Informational responses so far. RFC 9113 §8.1. */
  informational = 0
  /** Bytes of DATA sent since the last look at stalled streams, and at how many looks in a row it stood still. */
  moved = 0
  stalls = 0
  /** The request was CONNECT: this is or becomes a tunnel. */
  isConnect = false
  /** Client that takes pushes: the origin of the request, which alone the server may push for. RFC 9113 §8.4.1. */
  origin: string | undefined = undefined
  /** Client: the request was HEAD, so that the response has no body whatever its content-length says. */
  isHead = false

  constructor(id: number, sendWindow: number) {
    this.id = id
    this.sendWindow = sendWindow
  }

  /** Whether the peer may still send on it. RFC 9113 §5.1. */
  get recvOpen(): boolean {
    return this.state === StreamState.OPEN || this.state === StreamState.HALF_CLOSED_LOCAL
  }

  get queued(): number {
    return this.queue === undefined ? 0 : this.queue.length
  }
}
