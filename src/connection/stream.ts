import type { FieldInput } from '../hpack/index.ts'
import type { ReceiveWindow } from './flow-control.ts'
import { MessagePhase } from './message-phase.ts'
import type { SendQueue } from './send-queue.ts'
import { StreamState } from './stream-state.ts'

/** What is true or false of a stream, a bit for each: with a field for each a stream that does nothing has 40 bytes more. */
const END_QUEUED = 1
const SHARES = 2
const READY = 4
const HELD = 8
const IS_CONNECT = 16
const IS_HEAD = 32

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
  /** Trailers to go out behind the queue. */
  trailers: readonly FieldInput[] | undefined = undefined
  /** RFC 9218 §4.1. */
  urgency = 3
  /** Body bytes announced by content-length and not yet received; -1: not announced, or not to be checked. */
  expected = -1
  /** Size of the header section that the consumer holds, and that the limits count. */
  fieldSize = 0
  /** Informational responses so far. RFC 9113 §8.1. */
  informational = 0
  /** Client that takes pushes: the origin of the request, which alone the server may push for. RFC 9113 §8.4.1. */
  origin: string | undefined = undefined
  #bits = SHARES

  constructor(id: number, sendWindow: number) {
    this.id = id
    this.sendWindow = sendWindow
  }

  /** END_STREAM goes out behind the queue. */
  get endQueued(): boolean {
    return (this.#bits & END_QUEUED) !== 0
  }

  set endQueued(on: boolean) {
    this.#bits = on ? this.#bits | END_QUEUED : this.#bits & ~END_QUEUED
  }

  /** DATA goes out in turns with others of the same urgency, not one stream after the other. RFC 9218 §4.2, §10. */
  get shares(): boolean {
    return (this.#bits & SHARES) !== 0
  }

  set shares(on: boolean) {
    this.#bits = on ? this.#bits | SHARES : this.#bits & ~SHARES
  }

  /** Stands in the list of streams that have DATA and window. */
  get ready(): boolean {
    return (this.#bits & READY) !== 0
  }

  set ready(on: boolean) {
    this.#bits = on ? this.#bits | READY : this.#bits & ~READY
  }

  /** The caller was told to wait for StreamWritable. */
  get held(): boolean {
    return (this.#bits & HELD) !== 0
  }

  set held(on: boolean) {
    this.#bits = on ? this.#bits | HELD : this.#bits & ~HELD
  }

  /** The request was CONNECT: this is or becomes a tunnel. */
  get isConnect(): boolean {
    return (this.#bits & IS_CONNECT) !== 0
  }

  set isConnect(on: boolean) {
    this.#bits = on ? this.#bits | IS_CONNECT : this.#bits & ~IS_CONNECT
  }

  /** Client: the request was HEAD, so that the response has no body whatever its content-length says. */
  get isHead(): boolean {
    return (this.#bits & IS_HEAD) !== 0
  }

  set isHead(on: boolean) {
    this.#bits = on ? this.#bits | IS_HEAD : this.#bits & ~IS_HEAD
  }

  /** Whether the peer may still send on it. RFC 9113 §5.1. */
  get recvOpen(): boolean {
    return this.state === StreamState.OPEN || this.state === StreamState.HALF_CLOSED_LOCAL
  }

  get queued(): number {
    return this.queue === undefined ? 0 : this.queue.length
  }
}
