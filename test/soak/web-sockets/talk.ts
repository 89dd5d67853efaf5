import type { Chance } from '../chance.ts'

/** A message as it goes into a socket: text, octets, or octets that have to be read first. */
export type Message = string | Uint8Array<ArrayBuffer> | Blob

const MIB = 2 ** 20
/** What payloads are cut from: their place in it follows from the message's number, so the other side knows it. */
const octets = new Uint8Array(2 * MIB)
for (let i = 0, s = 1; i < octets.length; i++) {
  s ^= s << 13
  s ^= s >>> 17
  s ^= s << 5
  octets[i] = s
}
const letters = Buffer.from(octets.subarray(0, MIB)).toString('base64')
const placeOf = (n: number): number => (n * 7919) % (MIB / 4)

/** How one side of a connection talks: how much it has on the way, how large, and whether as a Blob. */
export interface Manner {
  /** Data that may wait for its acknowledgement. */
  readonly ahead: number
  readonly largest: number
  readonly blobs: boolean
}

/**
 * One side of a connection: what it sent, and what it was told. Every message has the next number of its side; one in two is
 * data, which the other side's program acknowledges with a message of its own, once it has looked at it.
 */
export class Talk {
  /** Messages that the socket took. */
  sent = 0
  /** Messages that came: exactly the other side's numbers 0 to `received` - 1, in this order, or there is a fault. */
  received = 0
  acknowledged = 0
  /** What the socket says of its end. */
  unsent = 0
  ends = 0
  fault: string | undefined
  readonly #chance: Chance
  readonly #manner: Manner
  /** False: the socket takes nothing any more. */
  readonly #send: (message: Message) => boolean
  /** Numbers of data that was not acknowledged yet, oldest first. */
  readonly #waiting: number[] = []

  constructor(chance: Chance, manner: Manner, send: (message: Message) => boolean) {
    this.#chance = chance
    this.#manner = manner
    this.#send = send
  }

  /** Data that is known to have no acknowledgement. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Sends as much as its manner allows. */
  fill(): void {
    while (this.#waiting.length < this.#manner.ahead) {
      const n = this.sent
      if (!this.#take(this.#data(n))) return
      this.#waiting.push(n)
    }
  }

  receive(message: string | Uint8Array): void {
    if (this.ends > 0) this.fault ??= `message ${this.received} comes after the end`
    const acknowledges = this.#read(message, this.received)
    const n = this.received++
    if (acknowledges === undefined) this.#take(`${this.sent} a ${n}`)
    else this.#acknowledged(acknowledges)
    this.fill()
  }

  /** The socket is lost. `sent`: how many messages it was given, where that is less than it was to be given. */
  over(unsent: number, sent: number = this.sent): void {
    this.ends++
    this.sent = sent
    this.unsent = unsent
  }

  #take(message: Message): boolean {
    if (!this.#send(message)) return false
    this.sent++
    return true
  }

  #acknowledged(k: number): void {
    const oldest = this.#waiting.shift()
    if (k !== oldest) this.fault ??= `${k} is acknowledged where ${oldest} is the next`
    this.acknowledged++
  }

  #data(n: number): Message {
    const length = this.#chance.below(this.#manner.largest)
    const at = placeOf(n)
    if (this.#chance.once(2)) return `${n} d ${letters.slice(at, at + length)}`
    const message = new Uint8Array(4 + length)
    new DataView(message.buffer).setUint32(0, n)
    message.set(octets.subarray(at, at + length), 4)
    return this.#manner.blobs ? new Blob([message]) : message
  }

  /** Sees that the message is the `n`th, whole; answers what it acknowledges, or undefined for data. */
  #read(message: string | Uint8Array, n: number): number | undefined {
    const at = placeOf(n)
    if (typeof message !== 'string') {
      const number = new DataView(message.buffer, message.byteOffset).getUint32(0)
      const same = Buffer.compare(message.subarray(4), octets.subarray(at, at + message.length - 4)) === 0
      if (number !== n || !same)
        this.fault ??= `octets ${number} came where ${n} was the next, ${same ? '' : 'not '}whole`
      return undefined
    }
    const [number = '', kind = '', rest = ''] = message.split(' ')
    const same = kind === 'a' || rest === letters.slice(at, at + rest.length)
    if (number !== String(n) || !same)
      this.fault ??= `text ${number} came where ${n} was the next, ${same ? '' : 'not '}whole`
    return kind === 'a' ? Number(rest) : undefined
  }
}

/** What does not hold between what one side says it sent and what the other one got; undefined when all does. */
export function disagreement(from: Talk, to: Talk | undefined): string | undefined {
  const { sent, unsent, acknowledged } = from
  const received = to?.received ?? 0
  if (from.ends !== 1) return `${from.ends} ends`
  if (unsent > sent) return `${unsent} unsent of ${sent}`
  // Received are the first ones, each once: so an acknowledged one is among them, and an unsent one must not be.
  if (received > sent - unsent) return `${received} received, though ${unsent} of ${sent} never left`
  if (acknowledged > received) return `${acknowledged} acknowledged, ${received} received`
  return from.fault
}
