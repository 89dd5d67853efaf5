import { once } from 'node:events'
import type { Peer } from './peers.ts'
import { forgetPeak, memory, type Program, processorTime, startProgram } from './processes.ts'
import type { AttackedClient, Outcome, Scenario, Target, VictimKind } from './scenario.ts'

/** What one attack did to its victim. */
export interface Report extends Outcome {
  /** MiB by which it grew at its peak, and seconds of its processor time. */
  readonly peak: number
  readonly processor: number
  /** A polite neighbour's slowest requests, in milliseconds; NaN where there is none. */
  readonly p99: number
  /** Requests of the neighbour that failed. */
  readonly failed: number
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** A peer's programs, each started when first needed, and the same for all attacks. */
export class Victims {
  readonly peer: Peer
  readonly #servers: Map<VictimKind, Promise<Server> | undefined> = new Map()

  constructor(peer: Peer) {
    this.peer = peer
  }

  /** Starts its servers. Otherwise each is when first needed. */
  async start(): Promise<void> {
    await Promise.all([this.#server('server'), this.#server('hasty')])
  }

  /** Undefined where the peer has no such victim. */
  async attack(scenario: Scenario): Promise<Report | undefined> {
    if (scenario.victim === 'client') return await this.#attackClient(scenario)
    return await (await this.#server(scenario.victim ?? 'server'))?.attack(scenario)
  }

  /** The neighbour's slowest requests while nobody attacks, in milliseconds. */
  async quiet(milliseconds: number): Promise<number> {
    const server = await this.#server('server')
    return server === undefined ? Number.NaN : await server.quiet(milliseconds)
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) await (await server)?.stop()
  }

  #server(kind: VictimKind): Promise<Server> | undefined {
    if (!this.#servers.has(kind)) this.#servers.set(kind, Server.start(this.peer, kind))
    return this.#servers.get(kind)
  }

  async #attackClient(scenario: Scenario): Promise<Report | undefined> {
    let before = { memory: 0, processor: 0 }
    let latest = { peak: 0, processor: 0 }
    let isMissing = false
    const startClient = (port: number): AttackedClient | undefined => {
      const program = this.peer.client(port)
      if (program === undefined) {
        isMissing = true
        return undefined
      }
      const { child, pid, stop } = program
      const sample = setInterval(() => {
        try {
          latest = { peak: memory(pid).peak, processor: processorTime(pid) }
        } catch {
          // it ended in between
        }
      }, 20)
      const late = setTimeout(() => void stop(), 8000)
      const ended = once(child, 'exit').then(() => {
        clearInterval(sample)
        clearTimeout(late)
      })
      const connected = (): void => {
        forgetPeak(pid)
        before = { memory: memory(pid).now, processor: processorTime(pid) }
      }
      return { ended, connected }
    }
    const outcome = await scenario.attack({ port: 0, startClient })
    if (isMissing) return undefined
    const peak = latest.peak - before.memory
    return { ...outcome, peak, processor: latest.processor - before.processor, p99: Number.NaN, failed: 0 }
  }
}

/** An attack that wants a client was made on a server. */
function noClient(): never {
  throw new Error('this victim is a server')
}

/** A server that runs, with a polite neighbour on it. */
class Server {
  readonly #program: Program
  readonly #neighbour: Program | undefined
  readonly #target: Target
  #failed = 0

  private constructor(program: Program, neighbour: Program | undefined, port: number) {
    this.#program = program
    this.#neighbour = neighbour
    this.#target = { port, startClient: noClient }
  }

  static start(peer: Peer, kind: VictimKind): Promise<Server> | undefined {
    return peer.server(kind)?.then(async ({ program, port }) => {
      const neighbour =
        kind === 'server'
          ? startProgram(['scripts/run.js', 'test/attacks/victims/neighbour.ts', String(port)])
          : undefined
      await neighbour?.line(/ready/)
      return new Server(program, neighbour, port)
    })
  }

  async attack(scenario: Scenario): Promise<Report> {
    const { pid } = this.#program
    await this.#ask()
    forgetPeak(pid)
    const before = { memory: memory(pid).now, processor: processorTime(pid) }
    const outcome = await scenario.attack(this.#target)
    const processor = processorTime(pid) - before.processor
    const { p99, failed } = await this.#ask()
    const newlyFailed = failed - this.#failed
    this.#failed = failed
    return { ...outcome, peak: memory(pid).peak - before.memory, processor, p99, failed: newlyFailed }
  }

  async quiet(milliseconds: number): Promise<number> {
    await this.#ask()
    await pause(milliseconds)
    return (await this.#ask()).p99
  }

  async stop(): Promise<void> {
    await this.#neighbour?.stop()
    await this.#program.stop()
  }

  /** What the neighbour saw since the last time. */
  async #ask(): Promise<{ p99: number; failed: number }> {
    const neighbour = this.#neighbour
    if (neighbour === undefined) return { p99: Number.NaN, failed: 0 }
    const answer = neighbour.line(/^\{.*\}$/)
    neighbour.child.stdin?.write('\n')
    return JSON.parse((await answer)[0])
  }
}
