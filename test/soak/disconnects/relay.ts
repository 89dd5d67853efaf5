import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { WireTap } from '../../model/wire-tap.ts'
import type { Chance } from '../chance.ts'

/** Where and how a connection is cut. */
export interface Plan {
  /** Octets are counted from the client to the server, or the other way. */
  readonly upward: boolean
  /** So many octets, or so many of the `nth` HEADERS frame, its header among them. */
  readonly at: number
  readonly nth: number
  readonly how: 'FIN' | 'RST' | 'destroy'
  readonly whom: 'client' | 'server' | 'both'
}

const HEADERS = 1

function makePlan(chance: Chance): Plan {
  const inHeaders = chance.below(10) < 3
  const far = chance.once(2) ? 3000 : 200_000
  return {
    upward: chance.once(2),
    at: inHeaders ? 1 + chance.below(30) : chance.below(far),
    nth: inHeaders ? 1 + chance.below(20) : 0,
    how: chance.pick(['FIN', 'RST', 'destroy']),
    whom: chance.pick(['client', 'server', 'both']),
  }
}

/** Stands between clients and a server and cuts every connection, each at another octet and in another way. */
export class Relay {
  readonly #listener: Server
  readonly #target: number
  readonly #chance: Chance
  readonly #makePlan: (chance: Chance) => Plan
  cuts = 0
  /** In the middle of a HEADERS frame. */
  inHeaders = 0
  readonly kinds: Map<string, number> = new Map()

  private constructor(listener: Server, target: number, chance: Chance, plan: (chance: Chance) => Plan) {
    this.#listener = listener
    this.#target = target
    this.#chance = chance
    this.#makePlan = plan
    listener.on('connection', (socket: Socket) => this.#join(socket))
  }

  static async start(target: number, chance: Chance, plan: (chance: Chance) => Plan = makePlan): Promise<Relay> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new Relay(listener, target, chance, plan)
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #join(client: Socket): void {
    const plan = this.#makePlan(this.#chance)
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    let isCut = false
    const cut = (): void => {
      isCut = true
      this.cuts++
      const kind = `${plan.how} to ${plan.whom}`
      this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1)
      for (const [name, socket] of [
        ['client', client],
        ['server', server],
      ] as const) {
        // Whoever is not cut off hears of the end in the polite way, as from a middlebox that lost its other side.
        if (plan.how === 'FIN' || (plan.whom !== 'both' && plan.whom !== name)) socket.end()
        else if (plan.how === 'RST') socket.resetAndDestroy()
        else socket.destroy()
      }
    }
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const find = (from === client) === plan.upward ? this.#finder(plan, from === client) : undefined
      from.on('error', () => {})
      from.on('data', (chunk: Buffer) => {
        if (isCut) return
        const at = find?.(chunk) ?? -1
        to.write(at < 0 ? chunk : chunk.subarray(0, at))
        if (at >= 0) cut()
      })
      from.on('end', () => to.end())
      from.on('close', () => {
        if (isCut) to.end()
        else to.destroy()
      })
    }
  }

  /** Answers at which octet of a chunk the cut comes; -1: not in this one. */
  #finder({ at, nth }: Plan, isUpward: boolean): (chunk: Buffer) => number {
    let seen = 0
    let headers = 0
    /** How many octets of the frame in question are let through. */
    let left = nth === 0 ? at : -1
    const tap = new WireTap(
      {
        begun: (type, _flags, _id, length) => {
          if (type === HEADERS && ++headers === nth) left = 1 + (at % Math.max(1, length - 1))
        },
        ended: () => {},
      },
      isUpward ? 24 : 0,
    )
    return (chunk) => {
      if (nth === 0) {
        seen += chunk.length
        return seen >= at ? chunk.length - (seen - at) : -1
      }
      for (let i = 0; i < chunk.length; i++) {
        tap.push(chunk.subarray(i, i + 1))
        if (left < 0 || left-- > 0) continue
        this.inHeaders++
        return i
      }
      return -1
    }
  }
}
