import type { Talk } from './talk.ts'

export const versions = ['HTTP/2', 'HTTP/1.1'] as const
export type HttpVersion = (typeof versions)[number]

/** One connection that was cut: its two sides, the server's once for each handshake that it accepted. */
export interface Conversation {
  readonly version: HttpVersion
  /** Undefined: the handshake failed. */
  client: Talk | undefined
  readonly server: Talk[]
}

interface Figures {
  connections: number
  /** Cut before the client's socket was open. */
  unopened: number
  sent: number
  received: number
  acknowledged: number
  /** Reported by the sockets as never sent. */
  unsent: number
  /** Sent, as far as anybody knows, and not acknowledged. */
  unknown: number
}

/** What happened in all connections, by version of HTTP. */
export class Totals {
  readonly #figures: Record<HttpVersion, Figures> = { 'HTTP/2': none(), 'HTTP/1.1': none() }

  add({ version, client, server }: Conversation): void {
    const figures = this.#figures[version]
    figures.connections++
    if (client === undefined) figures.unopened++
    for (const talk of client === undefined ? server : [client, ...server]) {
      figures.sent += talk.sent
      figures.received += talk.received
      figures.acknowledged += talk.acknowledged
      figures.unsent += talk.unsent
      figures.unknown += Math.max(0, talk.waiting - talk.unsent)
    }
  }

  lines(): string[] {
    return versions.map((version) => {
      const { connections, unopened, sent, received, acknowledged, unsent, unknown } = this.#figures[version]
      return (
        `${version}: ${connections} connections, ${unopened} cut in the handshake; ${sent} messages sent, ${received} received, ` +
        `${acknowledged} acknowledged, ${unsent} reported as unsent, ${unknown} or more without an acknowledgement`
      )
    })
  }

  /** The names of figures that are 0. */
  missing(): string[] {
    return versions.flatMap((version) =>
      Object.entries(this.#figures[version])
        .filter(([, n]) => n === 0)
        .map(([name]) => `${version} ${name}`),
    )
  }
}

function none(): Figures {
  return { connections: 0, unopened: 0, sent: 0, received: 0, acknowledged: 0, unsent: 0, unknown: 0 }
}
