import { once } from 'node:events'
import { forgetPeak, memory, type Program, processorTime, startProgram } from './processes.ts'
import type { AttackedClient, Outcome, Scenario, Target } from './scenario.ts'

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

const BENCH = ['scripts/run.js', 'bench/node-http2.ts', '--h2c', '--port', '0']
const RUN = 'scripts/run.js'

/** Programs that are attacked: ours, or those of `node:http2`; each started when first needed, and the same for all attacks. */
export class Victims {
  readonly #isNode: boolean
  readonly #servers: Map<string, Promise<Server>> = new Map()

  constructor(name: 'ours' | 'node:http2') {
    this.#isNode = name === 'node:http2'
  }

  async attack(scenario: Scenario): Promise<Report> {
    if (scenario.victim === 'client') return await this.#attackClient(scenario)
    const kind = scenario.victim ?? 'server'
    let server = this.#servers.get(kind)
    if (server === undefined) {
      server = Server.start(this.#command(kind), kind === 'server')
      this.#servers.set(kind, server)
    }
    return await (await server).attack(scenario)
  }

  /** The neighbour's slowest requests while nobody attacks, in milliseconds. */
  async quiet(): Promise<number> {
    const scenario: Scenario = {
      row: '',
      name: '',
      expected: '',
      attack: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1500))
        return { reaction: '', sent: 0 }
      },
    }
    return (await this.attack(scenario)).p99
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) await (await server).stop()
  }

  #command(kind: 'server' | 'hasty'): readonly string[] {
    if (this.#isNode) return BENCH
    return kind === 'server'
      ? ['dist/demo.js', '--h2c', '--no-http1', '--port', '0']
      : [RUN, 'test/attacks/victims/hasty.ts']
  }

  async #attackClient(scenario: Scenario): Promise<Report> {
    const peer = this.#isNode ? ['node'] : []
    let before = { memory: 0, processor: 0 }
    let latest = { peak: 0, processor: 0 }
    const startClient = (port: number): AttackedClient => {
      const { child, pid, stop } = startProgram([RUN, 'test/attacks/victims/client.ts', String(port), ...peer])
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

  constructor(program: Program, neighbour: Program | undefined, port: number) {
    this.#program = program
    this.#neighbour = neighbour
    this.#target = { port, startClient: noClient }
  }

  static async start(command: readonly string[], withNeighbour: boolean): Promise<Server> {
    const program = startProgram(command)
    const [, port = ''] = await program.line(/ on http:\/\/localhost:(\d+)/)
    const neighbour = withNeighbour ? startProgram([RUN, 'test/attacks/victims/neighbour.ts', port]) : undefined
    await neighbour?.line(/ready/)
    return new Server(program, neighbour, Number(port))
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
