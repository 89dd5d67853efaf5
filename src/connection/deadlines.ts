import type { Limits } from './limits.ts'

const NEVER: number = Number.POSITIVE_INFINITY

/** What is awaited from the peer and until when, each deadline absolute, so that a trickle of bytes gains nothing. */
export class Deadlines {
  readonly #limits: Limits
  #started = false
  #preface = NEVER
  #fieldBlock = NEVER
  /** One for each SETTINGS of ours that the peer has not acknowledged. */
  readonly #settings: number[] = []
  #unstampedSettings = 0
  #drainPing = NEVER
  #idle = NEVER
  /** The idle time began with a command, which brings no time of its own: the next that is told counts. */
  #idleUnstamped = false

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Learns the time; what was begun before any time was known begins now. */
  tick(now: number): void {
    if (!this.#started) {
      this.#started = true
      if (this.#preface === NEVER) this.#preface = now + this.#limits.prefaceTimeout
    }
    for (; this.#unstampedSettings > 0; this.#unstampedSettings--)
      this.#settings.push(now + this.#limits.settingsTimeout)
  }

  /** When the connection wants to be told the time next; 0 before it knows any. */
  get next(): number {
    if (!this.#started || this.#unstampedSettings > 0) return 0
    return Math.min(this.#preface, this.#fieldBlock, this.#settings[0] ?? NEVER, this.#drainPing, this.#idle)
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
    const deadline = this.#settings.shift()
    if (deadline !== undefined) return now - (deadline - this.#limits.settingsTimeout)
    if (this.#unstampedSettings === 0) return undefined
    this.#unstampedSettings--
    return 0
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
    if (now >= (this.#settings[0] ?? NEVER)) return 'settingsTimeout'
    return undefined
  }

  clear(): void {
    this.#started = true
    this.#preface = NEVER
    this.#fieldBlock = NEVER
    this.#drainPing = NEVER
    this.busy()
    this.#settings.length = 0
    this.#unstampedSettings = 0
  }
}
