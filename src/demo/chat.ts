import { tidy } from './text.ts'

/** What the chat may cost us; times in milliseconds, sizes in bytes or characters as named. */
export interface ChatLimits {
  readonly maxNameCharacters: number
  readonly maxTextCharacters: number
  /** Bytes of one message, measuring ones included. */
  readonly maxMessageBytes: number
  readonly maxMembers: number
  /** How many chat messages a socket may send at once, and how long until one more is forgiven. */
  readonly burst: number
  readonly refillTime: number
  /** Unsent bytes at which a socket that doesn't read is let go. */
  readonly maxWaitingBytes: number
}

export const defaultChatLimits: ChatLimits = {
  maxNameCharacters: 24,
  maxTextCharacters: 500,
  maxMessageBytes: 65_536,
  maxMembers: 200,
  burst: 8,
  refillTime: 500,
  maxWaitingBytes: 1_048_576,
}

/** The part of a WebSocket that the chat uses. */
export interface ChatSocket {
  send(data: string | Uint8Array): unknown
  close(code?: number, reason?: string): void
  readonly bufferedAmount: number
}

/** Where a socket lives, told in its greeting: RFC 9113 §5.1.1 numbers the stream, the demo its connections. */
export interface Place {
  /** The version of HTTP that carries it. */
  readonly version: '1.1' | '2'
  /** None over HTTP/1.1, where the connection is the socket's own. */
  readonly stream: number | undefined
  readonly connection: number
  readonly protocol: string
}

interface Guest {
  /** Empty until the guest has joined: it measures, and hears nothing of the chat. */
  name: string
  /** Chat messages it may still send, and when that was last reckoned. */
  allowance: number
  reckonedAt: number
}

/**
 * One room. A text message is a JSON object with a `type`; a binary message is a measuring one and goes back unchanged.
 *
 * From a guest: `join { name }`, `say { text }`. To a guest: `welcome { version, stream, connection, protocol }` first, then
 * `joined { name, members }`, `arrived` and `left { name, members }`, `said { name, text, own }`, `problem { reason }`.
 * Whatever else comes is answered with a `problem`, and never ends anything.
 */
export class ChatRoom {
  readonly limits: ChatLimits
  readonly #now: () => number
  readonly #guests = new Map<ChatSocket, Guest>()

  /** `now`: a monotonic clock in milliseconds. */
  constructor(now: () => number, limits: Partial<ChatLimits> = {}) {
    this.#now = now
    this.limits = { ...defaultChatLimits, ...limits }
  }

  /** How many have a name. */
  get members(): number {
    let members = 0
    for (const guest of this.#guests.values()) if (guest.name !== '') members += 1
    return members
  }

  enter(socket: ChatSocket, place: Place): void {
    this.#guests.set(socket, { name: '', allowance: this.limits.burst, reckonedAt: this.#now() })
    this.#tell(socket, { type: 'welcome', ...place })
  }

  receive(socket: ChatSocket, data: string | Uint8Array): void {
    const guest = this.#guests.get(socket)
    if (guest === undefined) return
    if (typeof data !== 'string') {
      this.#deliver(socket, data)
      return
    }
    const problem = this.#follow(socket, guest, parse(data))
    if (problem !== undefined) this.#tell(socket, { type: 'problem', reason: problem })
  }

  leave(socket: ChatSocket): void {
    const guest = this.#guests.get(socket)
    this.#guests.delete(socket)
    if (guest !== undefined && guest.name !== '') this.#tellOthers(socket, { type: 'left', name: guest.name })
  }

  /** Does what a message asks for; the answer is what was wrong with it. */
  #follow(socket: ChatSocket, guest: Guest, message: Record<string, unknown> | undefined): string | undefined {
    if (message === undefined) return 'That was no JSON object.'
    if (!this.#allow(guest)) return 'Not so fast, please.'
    switch (message.type) {
      case 'join':
        return this.#join(socket, guest, message.name)
      case 'say':
        return this.#say(socket, guest, message.text)
      default:
        return 'The chat knows join and say.'
    }
  }

  #join(socket: ChatSocket, guest: Guest, asked: unknown): string | undefined {
    if (guest.name !== '') return `You are here already, as ${guest.name}.`
    if (typeof asked !== 'string') return 'A name is text.'
    const wanted = tidy(asked, this.limits.maxNameCharacters)
    if (wanted === '') return 'Please give a name.'
    if (this.members >= this.limits.maxMembers) return 'The room is full.'
    guest.name = this.#freeName(wanted)
    this.#tell(socket, { type: 'joined', name: guest.name, members: this.members })
    this.#tellOthers(socket, { type: 'arrived', name: guest.name })
    return undefined
  }

  #say(socket: ChatSocket, guest: Guest, said: unknown): string | undefined {
    if (guest.name === '') return 'Join first.'
    if (typeof said !== 'string') return 'A message is text.'
    if ([...said].length > this.limits.maxTextCharacters) {
      return `A message has at most ${this.limits.maxTextCharacters} characters.`
    }
    const text = tidy(said, this.limits.maxTextCharacters)
    if (text === '') return undefined
    this.#tell(socket, { type: 'said', name: guest.name, text, own: true })
    this.#tellOthers(socket, { type: 'said', name: guest.name, text, own: false })
    return undefined
  }

  /** Nobody passes for another: a name in use, in whatever case, gets a number behind it. */
  #freeName(wanted: string): string {
    const used = new Set([...this.#guests.values()].map((guest) => guest.name.toLowerCase()))
    let name = wanted
    for (let number = 2; used.has(name.toLowerCase()); number++) name = `${wanted} ${number}`
    return name
  }

  /** A bucket that holds `burst` and gains one per `refillTime`. */
  #allow(guest: Guest): boolean {
    const now = this.#now()
    const gained = (now - guest.reckonedAt) / this.limits.refillTime
    guest.allowance = Math.min(this.limits.burst, guest.allowance + gained)
    guest.reckonedAt = now
    if (guest.allowance < 1) return false
    guest.allowance -= 1
    return true
  }

  #tellOthers(sender: ChatSocket, message: { type: string; [key: string]: unknown }): void {
    const text = JSON.stringify(message.type === 'said' ? message : { ...message, members: this.members })
    // A copy: a socket let go on the way changes the list.
    for (const [socket, guest] of [...this.#guests]) {
      if (socket !== sender && guest.name !== '') this.#deliver(socket, text)
    }
  }

  #tell(socket: ChatSocket, message: object): void {
    this.#deliver(socket, JSON.stringify(message))
  }

  /** RFC 6455 §7.4.1 has no code for a slow reader; 1008, a policy broken, says it best. */
  #deliver(socket: ChatSocket, data: string | Uint8Array): void {
    if (socket.bufferedAmount > this.limits.maxWaitingBytes) {
      this.leave(socket)
      socket.close(1008, 'you do not read what you are sent')
    } else socket.send(data)
  }
}

/** A JSON object, or undefined for anything else. */
function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
