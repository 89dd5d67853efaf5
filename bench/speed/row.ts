import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Case, Entry, Outcome, Pass, PrepareOptions } from '../measure.ts'
import { type Cost, largestCosts } from './profile.ts'
import { processorTime, type Server, type ServerSpec, startServer } from './programs.ts'

/** What a load did, and in how many seconds of the clock: the cores are the sides' own. */
export interface Done {
  readonly count: number
  readonly seconds: number
  /** Seconds of processor time of the load itself, where that is what is measured. */
  readonly processor?: number
}

/** Puts load on a server that runs. `nodeFlags` are for a load that is itself what is measured. */
export type Load = (server: Server, options: LoadOptions) => Promise<Done>

export interface LoadOptions {
  readonly milliseconds: number
  readonly nodeFlags: readonly string[]
}

export interface Side {
  readonly server: ServerSpec
  readonly load: Load
  /** The load is what is measured, and what a profile is of; otherwise the server. */
  readonly client?: boolean
}

export interface Row extends Pick<Entry, 'name' | 'unit' | 'per' | 'targets'> {
  /** Ours first. A function where a side must be found first. */
  readonly sides: Readonly<Record<string, Side>> | ((notes: string[]) => Promise<Readonly<Record<string, Side>>>)
}

/** Servers that run side by side, each loaded in its turn: an entry of the harness. */
export function row({ name, unit, per, targets, sides }: Row): Entry {
  return {
    name: `speed ${name}`,
    unit,
    ...(per === undefined ? {} : { per }),
    ...(targets === undefined ? {} : { targets }),
    rounds: 5,
    milliseconds: 1000,
    prepare: async (options) => {
      const notes: string[] = []
      return running(typeof sides === 'function' ? await sides(notes) : sides, notes, options)
    },
  }
}

async function running(sides: Readonly<Record<string, Side>>, notes: string[], options: PrepareOptions): Promise<Case> {
  const { milliseconds } = options
  const servers: Server[] = []
  const passes: Record<string, Pass> = {}
  const spent = new Map<string, Done>()
  for (const [name, side] of Object.entries(sides)) {
    const server = await startServer(side.server)
    servers.push(server)
    passes[name] = async (): Promise<Outcome> => {
      const before = processorTime(server.running.pid)
      const done = await side.load(server, { milliseconds, nodeFlags: [] })
      const { count, seconds } = done
      const sum = spent.get(name) ?? { count: 0, seconds: 0 }
      const processor = side.client === true ? (done.processor ?? 0) : processorTime(server.running.pid) - before
      spent.set(name, { count: sum.count + count, seconds: sum.seconds + processor })
      return { checksum: 1, seconds, passes: count }
    }
  }
  const [first] = Object.values(sides)
  const finish = async (): Promise<{ costs?: readonly Cost[]; notes: readonly string[] }> => {
    for (const { running } of servers) await running.stop()
    notes.push(processorNote(spent, first?.client === true ? 'client' : 'server, warming up included'))
    return options.profile && first !== undefined ? { costs: await costsOf(first, milliseconds), notes } : { notes }
  }
  return { operations: 1, sides: passes, finish }
}

/** Other work on the machine changes the clock's figures more than these. */
function processorNote(spent: ReadonlyMap<string, Done>, whose: string): string {
  const [ours, ...others] = [...spent].map(([name, { count, seconds }]) => ({ name, cost: seconds / count }))
  if (ours === undefined || !(ours.cost > 0)) return `too short for the processor time of the ${whose}`
  const each = others.map(({ name, cost }) => `${name} ${(cost / ours.cost).toFixed(2)} times that`)
  const [amount, unit] = ours.cost < 1e-7 ? [ours.cost * 1e9, 'ns'] : [ours.cost * 1e6, 'µs']
  return `processor time of the ${whose}: ours ${amount.toPrecision(3)} ${unit}, ${each.join(', ')}`
}

/** One more turn, with the profiler on: it disturbs no figure. */
async function costsOf({ server: spec, load, client }: Side, milliseconds: number): Promise<readonly Cost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperduct-profile-'))
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`]
  const server = await startServer(spec, client ? [] : flags)
  try {
    // longer than a turn, so that starting up is little of it
    await load(server, { milliseconds: 3 * milliseconds, nodeFlags: client ? flags : [] })
    await server.running.interrupt('SIGTERM')
    return largestCosts(folder, 3)
  } finally {
    await server.running.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
