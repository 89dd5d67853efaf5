import { UsageError } from '../errors/index.ts'
import type { Limits } from './limits.ts'
import type { KeepAlive } from './options.ts'

const NEVER: number = Number.POSITIVE_INFINITY

/** What is awaited from the peer and until when, each deadline absolute, so that a trickle of bytes gains nothing. */
export class Deadlines {
  readonly #limits: Limits
  #started = false
  #preface = NEVER
  #fieldBlock = NEVER
  /** When each SETTINGS of ours was sent that the peer has not acknowledged. */
  readonly #settings: number[] = []
  #unstampedSettings = 0
  #drainPing = NEVER
  #idle = NEVER
  /** The idle time began with a command, which brings no time of its own: the next that is told counts. */
  #idleUnstamped = false

  /** When the peer has been silent for too long: to ask, then to give up. */
  readonly #interval: number
  readonly #patience: number
  #silence = NEVER
  #asked = false
  /** When the PING that asks was sent, while it is unanswered. */
  #askedAt = NEVER

  /** @throws UsageError for a time of `keepAlive` that is not above 0 */
  constructor(limits: Limits, keepAlive?: KeepAlive) {
    this.#limits = limits
    const interval = keepAlive?.interval ?? NEVER
    const timeout = keepAlive?.timeout ?? interval
    if (!(interval > 0 && timeout > 0)) throw new UsageError('the times of keepAlive are above 0', 'RFC 9113 §6.7')
    this.#interval = interval
    this.#patience = timeout
  }

  /** Learns the time; what was begun before any time was known begins now. */
  tick(now: number): void {
    if (!this.#started) {
      this.#started = true
      if (this.#preface === NEVER) this.#preface = now + this.#limits.prefaceTimeout
      this.#silence = now + this.#interval
    }
    for (; this.#unstampedSettings > 0; this.#unstampedSettings--) this.#settings.push(now)
  }

  /** Octets came: whatever they say, the peer is there. */
  heard(now: number): void {
    this.tick(now)
    this.#silence = now + this.#interval
    this.#asked = false
  }

  /**
   * What to do about the silence of the peer: nothing yet, ask whether it is there, or give it up. One that was asked before
   * and has said other things since is not asked twice at a time: answers could not be told apart.
   */
  silence(now: number): 'bearable' | 'ask' | 'asked' | 'tooLong' {
    if (now < this.#silence) return 'bearable'
    if (this.#asked) return 'tooLong'
    this.#asked = true
    this.#silence = now + this.#patience
    if (this.#askedAt !== NEVER) return 'asked'
    this.#askedAt = now
    return 'ask'
  }

  /** The answer to that PING: how long it took, in milliseconds; undefined when none was awaited. */
  silenceAnswered(now: number): number | undefined {
    const askedAt = this.#askedAt
    this.#askedAt = NEVER
    return askedAt === NEVER ? undefined : now - askedAt
  }

  /** When the connection wants to be told the time next; 0 before it knows any. */
  get next(): number {
    if (!this.#started || this.#unstampedSettings > 0) return 0
    const awaited = Math.min(this.#preface, this.#fieldBlock, this.#acknowledgement, this.#drainPing)
    return Math.min(awaited, this.#idle, this.#silence)
  }

  prefaceReceived(): void {
    this.#started = true
    this.#preface = NEVER
  }

  /** No stream is open since `now`, or a little later. RFC 9113 §9.1: such a connection need not be kept. */
  idle(now: number): void {
    this.#idle = now + this.#limits.idleTimeout
    this.#idleUnstamped = true
  }

  /** A time nearer to the moment when the last stream closed. */
  stampIdle(now: number): void {
    if (!this.#idleUnstamped) return
    this.#idleUnstamped = false
    this.#idle = now + this.#limits.idleTimeout
  }

  busy(): void {
    this.#idle = NEVER
    this.#idleUnstamped = false
  }

  idleExpired(now: number): boolean {
    return now >= this.#idle
  }

  settingsSent(): void {
    this.#unstampedSettings++
  }

  /** How long the peer took to acknowledge our oldest SETTINGS, in milliseconds; undefined when none waits for it. */
  settingsAcknowledged(now: number): number | undefined {
    const sentAt = this.#settings.shift()
    if (sentAt !== undefined) return now - sentAt
    if (this.#unstampedSettings === 0) return undefined
    this.#unstampedSettings--
    return 0
  }

  /** Until when our oldest SETTINGS may wait for it. */
  get #acknowledgement(): number {
    return (this.#settings[0] ?? NEVER) + this.#limits.settingsTimeout
  }

  fieldBlockBegun(now: number): void {
    this.#fieldBlock = now + this.#limits.fieldBlockTimeout
  }

  fieldBlockEnded(): void {
    this.#fieldBlock = NEVER
  }

  /** A graceful shutdown waits for its PING before it names the last stream. */
  get awaitsDrainPing(): boolean {
    return this.#drainPing !== NEVER
  }

  drainPingSent(now: number): void {
    this.#drainPing = now + this.#limits.drainPingTimeout
  }

  drainPingReceived(): void {
    this.#drainPing = NEVER
  }

  /** The peer has had its time to answer that PING: the shutdown goes on without. */
  drainPingExpired(now: number): boolean {
    return now >= this.#drainPing
  }

  /** Which limit has run out at `now`, if one has. */
  expired(now: number): 'prefaceTimeout' | 'fieldBlockTimeout' | 'settingsTimeout' | undefined {
    if (now >= this.#preface) return 'prefaceTimeout'
    if (now >= this.#fieldBlock) return 'fieldBlockTimeout'
    if (now >= this.#acknowledgement) return 'settingsTimeout'
    return undefined
  }

  clear(): void {
    this.#started = true
    this.#preface = NEVER
    this.#fieldBlock = NEVER
    this.#drainPing = NEVER
    this.#silence = NEVER
    this.busy()
    this.#settings.length = 0
    this.#unstampedSettings = 0
  }
}
