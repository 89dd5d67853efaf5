/** Which program an attack is made on. */
export type VictimKind = 'server' | 'hasty' | 'client'

/** What an attack came to, as the attacker saw it. */
export interface Outcome {
  /** `GOAWAY code`, `RST_STREAM code`, `closed`, `open` (nothing happened), or a status; deviations are listed behind it. */
  readonly reaction: string
  /** Octets that the attacker sent. */
  readonly sent: number
}

export interface AttackedClient {
  /** Resolves when the client has ended. */
  readonly ended: Promise<void>
  /** It is connected: from here on it is measured. */
  connected(): void
}

/** The place an attack is made at. */
export interface Target {
  /** A server's port. */
  readonly port: number
  /** For attacks on a client: makes one connect to `port` of ours. Undefined when there is none. */
  startClient(port: number): AttackedClient | undefined
}

export interface Scenario {
  /** The row of the table in docs/security.md. */
  readonly row: string
  readonly name: string
  /** `server` when absent. `hasty` is the same library with short deadlines, since the real ones take minutes. */
  readonly victim?: VictimKind
  /** The one reaction that is right. */
  readonly expected: string
  attack(target: Target): Promise<Outcome>
}
