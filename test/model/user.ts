import type {
  ConnectionClosed,
  ConnectionEvent,
  DataReceived,
  HeadersReceived,
  SettingsUpdate,
  StreamReset,
} from '../../src/connection/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import type { FieldInput } from '../../src/hpack/index.ts'
import type { Endpoint } from './endpoint.ts'
import { must } from './must.ts'

/** Of period 256: octet `k` of a body is `(k + its stream's offset) % 256`, so that what is lost, doubled or mixed up shows. */
const pattern: Uint8Array = Uint8Array.from({ length: 256 + 70_000 }, (_, i) => i)

/** One stream as the user of one end knows it. */
export interface Talk {
  readonly id: number
  readonly isTunnel: boolean
  /** Opened when the server's SETTINGS were not known: it may be refused. */
  readonly early: boolean
  /** Our final header section is sent, our side is ended. */
  headed: boolean
  ended: boolean
  sent: number
  /** Theirs. */
  theirHead: boolean
  theirEnd: boolean
  received: number
  unread: number
  /** Told to wait for StreamWritable. */
  held: boolean
  /** How it ended. */
  over: 'not yet' | 'closed' | 'reset'
  resetCode: number
}

const line = (name: string, value: string): FieldInput => ({ name, value })

/** Whoever uses one end: does what is lawful and no more, and knows what must come of it. */
export class User {
  readonly talks: Map<number, Talk> = new Map()
  /** In the order of their ids. */
  readonly order: Talk[] = []
  /** The window wanted for each stream. */
  streamWindow: number
  readonly #end: Endpoint
  readonly refused: Set<number> = new Set()
  /** Set when both exist. */
  peer!: User
  /** SETTINGS in the queue of control frames. */
  #updates = 1
  pings = 0
  pongs = 0

  constructor(end: Endpoint, streamWindow: number) {
    this.#end = end
    this.streamWindow = streamWindow
  }

  get #isClient(): boolean {
    return this.#end.connection.role === 'client'
  }

  // What it does

  /** RFC 9113 §5.1.2, §6.8. */
  get mayOpen(): boolean {
    const end = this.#end
    return this.#isClient && !end.isClosed && !end.draining && end.lives.open < end.maxStreams
  }

  open(kind: 'GET' | 'POST' | 'CONNECT', end: boolean, size: number): void {
    const isTunnel = kind === 'CONNECT'
    const id = this.order.length * 2 + 1
    const fields = [
      line(':method', kind),
      line(':scheme', 'https'),
      line(':authority', 'localhost'),
      line(':path', '/'),
    ]
    if (isTunnel) fields.push(line(':protocol', 'websocket'))
    const early = !this.#end.settingsArrived
    const opened = this.#end.connection.openStream([...fields, ...this.#lines(id, size)], end)
    must(opened === id, `stream ${opened} opened in place of ${id}`)
    this.#begin(id, isTunnel, early, end)
  }

  mayRespond(talk: Talk): boolean {
    return !this.#isClient && !talk.headed && !talk.ended
  }

  respond(talk: Talk, status: number, end: boolean, size: number): void {
    this.#end.connection.sendHeaders(talk.id, [line(':status', String(status)), ...this.#lines(talk.id, size)], end)
    if (status < 200) return
    talk.headed = true
    talk.ended = end
  }

  mayWrite(talk: Talk): boolean {
    return talk.headed && !talk.ended
  }

  write(talk: Talk, size: number, end: boolean): void {
    const from = (talk.sent + offset(talk.id, this.#isClient)) & 0xff
    const isGone = talk.over !== 'not yet' || this.#end.isClosed
    const room = this.#end.connection.sendData(talk.id, pattern.subarray(from, from + size), end)
    if (isGone) must(room, 'whoever writes on a stream that is gone is told to wait')
    else {
      talk.sent += size
      if (!room) talk.held = true
    }
    if (end) talk.ended = true
  }

  mayEndWithTrailers(talk: Talk): boolean {
    return this.mayWrite(talk) && !talk.isTunnel
  }

  trailers(talk: Talk): void {
    this.#end.connection.sendTrailers(talk.id, [line('x-trailer', String(talk.id))])
    talk.ended = true
  }

  reset(talk: Talk, code: number): void {
    this.#end.connection.reset(talk.id, code)
    if (talk.over !== 'not yet' || this.#end.isClosed) return
    talk.over = 'reset'
    talk.resetCode = code
  }

  /** Gives back what was read, of a stream that is over as well. RFC 9113 §6.9. */
  consume(talk: Talk, n: number): void {
    this.#end.connection.consumed(talk.id, n)
    talk.unread -= n
    this.#end.inward.consumed(talk.id, n)
  }

  /** At most ten SETTINGS may be on the way. */
  get mayUpdate(): boolean {
    return this.#end.unacknowledged + this.#updates < 10
  }

  update(settings: SettingsUpdate): void {
    this.#end.connection.updateSettings(settings)
    if (this.#end.isClosed) return
    this.streamWindow = settings.initialWindowSize ?? this.streamWindow
    this.#updates++
  }

  /** What was said so far has left. */
  pulled(): void {
    this.#updates = 0
  }

  // What it hears

  hear(event: ConnectionEvent): void {
    switch (event.type) {
      case 'HeadersReceived':
        this.#headers(event)
        return
      case 'DataReceived':
        this.#data(event)
        return
      case 'StreamClosed': {
        const talk = this.#live(event.streamId, event.type)
        must(talk.ended && talk.theirEnd, `stream ${talk.id} closed before both sides ended it`)
        talk.over = 'closed'
        return
      }
      case 'StreamReset':
        this.#reset(event)
        return
      case 'StreamWritable': {
        const talk = this.#live(event.streamId, event.type)
        must(talk.held, `stream ${talk.id} is writable, and was all the time`)
        talk.held = false
        return
      }
      case 'PingAcknowledged':
        this.pongs++
        return
      case 'LimitExceeded':
        // RFC 9113 §5.1.2: only who did not know of the limit yet passes it.
        must(event.limit === 'maxConcurrentStreams', `${event.limit}: ${event.reason}`)
        must(this.peer.talks.get(event.streamId)?.early === true, `stream ${event.streamId} is one too many`)
        this.refused.add(event.streamId)
        return
      case 'ConnectionClosed':
        this.#closed(event)
        return
      case 'RequestRefused':
        throw event.error
      default:
    }
  }

  #headers({ streamId, kind, fields, endStream }: HeadersReceived): void {
    if (kind === 'request') {
      must(!this.#isClient && !this.talks.has(streamId), `a second request on stream ${streamId}`)
      this.#begin(
        streamId,
        fields.some(({ name }) => name === ':protocol'),
        false,
        false,
      )
    }
    const talk = this.#live(streamId, kind)
    must(!talk.theirEnd, `${kind} after the end of stream ${streamId}`)
    must((kind === 'trailers') === talk.theirHead, `${kind} in the wrong place on stream ${streamId}`)
    const mark = kind === 'trailers' ? 'x-trailer' : 'x-id'
    const value = fields.find(({ name }) => name === mark)?.value
    must(value === String(streamId), `the ${kind} of stream ${streamId} says ${value}`)
    talk.theirHead = kind !== 'informational'
    talk.theirEnd = endStream
    if (endStream) this.#judgeEnd(talk)
  }

  #data({ streamId, data, endStream }: DataReceived): void {
    const talk = this.#live(streamId, 'DATA')
    must(talk.theirHead && !talk.theirEnd, `DATA in the wrong place on stream ${streamId}`)
    const from = (talk.received + offset(streamId, !this.#isClient)) & 0xff
    must(Buffer.compare(data, pattern.subarray(from, from + data.length)) === 0, `stream ${streamId}: other octets`)
    talk.received += data.length
    talk.unread += data.length
    this.#end.inward.read(streamId, data.length)
    talk.theirEnd = endStream
    if (endStream) this.#judgeEnd(talk)
  }

  /** An end that arrives has everything before it. */
  #judgeEnd(talk: Talk): void {
    const sent = this.peer.talks.get(talk.id)?.sent
    must(talk.received === sent, `stream ${talk.id}: ${talk.received} of ${sent} octets arrived`)
  }

  #reset({ streamId, initiator, error }: StreamReset): void {
    const talk = this.#live(streamId, 'StreamReset')
    talk.over = 'reset'
    // Streams that still ran when everything ended.
    if (this.#end.ended || this.#end.aborted) return
    must(initiator === 'remote', `stream ${streamId} was reset by ${initiator}: ${error.message}`)
    const theirs = this.peer.talks.get(streamId)
    if (error.retryable) {
      // §8.7: refused means that nothing was done; whoever refuses must not have heard of the request.
      must(error.code === ErrorCode.REFUSED_STREAM && theirs === undefined, `stream ${streamId} refused though served`)
      must(this.#end.draining || this.peer.refused.has(streamId), `stream ${streamId} refused without a reason`)
    } else
      must(error.code === theirs?.resetCode, `stream ${streamId} reset with ${error.code}, not ${theirs?.resetCode}`)
  }

  /** Between two of ours that do what is lawful nothing ends for a fault, but for what somebody cut off. */
  #closed({ error }: ConnectionClosed): void {
    if (error !== undefined && !this.#end.aborted && !this.peer.#end.aborted) throw error
  }

  #begin(id: number, isTunnel: boolean, early: boolean, ended: boolean): void {
    const talk: Talk = {
      id,
      isTunnel,
      early,
      headed: this.#isClient,
      ended,
      sent: 0,
      theirHead: false,
      theirEnd: false,
      received: 0,
      unread: 0,
      held: false,
      over: 'not yet',
      resetCode: -1,
    }
    this.talks.set(id, talk)
    this.order.push(talk)
  }

  #live(id: number, what: string): Talk {
    const talk = this.talks.get(id)
    if (talk === undefined || talk.over !== 'not yet')
      throw new Error(`${what} on stream ${id}, which is ${talk?.over}`)
    return talk
  }

  /** Lines that differ from stream to stream, so that the tables of HPACK must agree; a long one makes CONTINUATION frames. */
  #lines(id: number, size: number): FieldInput[] {
    const more = size === 0 ? [] : [line(`x-${size % 7}`, 'v'.repeat(size))]
    return [line('x-id', String(id)), ...more]
  }
}

/** Each stream and direction has its own start in the pattern. */
function offset(id: number, byClient: boolean): number {
  return id * 17 + (byClient ? 0 : 101)
}
