import type { Cost } from './speed/profile.ts'

/**
 * What one side did in one pass: a checksum over what it read or wrote, so that no engine can leave the work out. Sides
 * that time themselves, since only part of a pass counts or since another program does the work, tell their seconds of
 * processor time and how many passes those were for.
 */
export type Outcome = number | { readonly checksum: number; readonly seconds: number; readonly passes: number }

export type Pass = () => Outcome | Promise<Outcome>

/** An entry ready to run: the same work for each of its sides, ours first. */
export interface Case {
  /** Operations in one pass. */
  readonly operations: number
  readonly sides: Readonly<Record<string, Pass>>
  /** All sides must come to the same checksum: they read the same. */
  readonly sameChecksum?: boolean
  /** Printed below the figures. */
  readonly notes?: readonly string[]
  /** Called once after the last turn: ends what was started, and tells what is known only now. */
  finish?(): Promise<Finding>
}

export interface Finding {
  /** Printed in place of the case's own. */
  readonly notes?: readonly string[]
  /** What the time of our side went to, the largest first. */
  readonly costs?: readonly Cost[]
}

/** What a case may need to know of how it is measured. */
export interface PrepareOptions {
  readonly milliseconds: number
  /** Only to show that it runs: the amount of work may be smaller. */
  readonly short: boolean
  /** Profiles are asked for. */
  readonly profile: boolean
}

export interface Entry {
  readonly name: string
  /** What one operation is, in the plural. */
  readonly unit: string
  /** What the rate is for, where it isn't a second. */
  readonly per?: string
  /** How many times the other side's rate ours is meant to reach. */
  readonly targets?: Readonly<Record<string, number>>
  /** Where they differ from what is right for a piece of code: turns of each side, and the least length of one. */
  readonly rounds?: number
  readonly milliseconds?: number
  /** Makes the corpus; called once, in the process that measures. */
  prepare(options: PrepareOptions): Case | Promise<Case>
}

export interface Measured {
  readonly operations: number
  /** Operations per second of processor time, one figure for each round. */
  readonly rates: Readonly<Record<string, readonly number[]>>
  readonly checksums: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  readonly costs?: readonly Cost[]
}

export interface MeasureOptions {
  readonly rounds: number
  /** The least time that a side runs in a round. */
  readonly milliseconds: number
}

interface Turn {
  readonly seconds: number
  readonly passes: number
  readonly checksum: number
}

/** Processor time of this process with all its threads: other programs on the machine disturb it less than a clock. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Lets one side run once, and again until its time is up. No garbage collection is forced before it: that would drop the hidden classes
 * of which no object is alive just then, and with them the code compiled for them (a reader of frames went 4 times slower).
 */
async function takeTurn(pass: Pass, milliseconds: number): Promise<Turn> {
  let seconds = 0
  let passes = 0
  let checksum = 0
  do {
    const start = processorSeconds()
    const returned = pass()
    const outcome = returned instanceof Promise ? await returned : returned
    const timed = typeof outcome !== 'number'
    seconds += timed ? outcome.seconds : processorSeconds() - start
    passes += timed ? outcome.passes : 1
    checksum = timed ? outcome.checksum : outcome
  } while (seconds * 1000 < milliseconds)
  return { seconds, passes, checksum }
}

/**
 * Runs all sides in turn, `rounds` times, in one process: a machine that slows down slows all of them down. Every
 * other round goes backwards, so that none always runs in the wake of the same one.
 */
export async function measure(
  { operations, sides, sameChecksum, notes, finish }: Case,
  options: MeasureOptions,
): Promise<Measured> {
  const names = Object.keys(sides)
  const rates: Record<string, number[]> = {}
  const checksums: Record<string, number> = {}
  for (const name of names) {
    rates[name] = []
    // Compiled code is what runs nearly all of a program's life.
    const { checksum } = await takeTurn(sides[name]!, Math.max(300, options.milliseconds))
    checksums[name] = checksum
  }
  if (sameChecksum && new Set(Object.values(checksums)).size > 1) {
    throw new Error(`the sides did not do the same: ${JSON.stringify(checksums)}`)
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const { seconds, passes } = await takeTurn(sides[name]!, options.milliseconds)
      rates[name]!.push((operations * passes) / seconds)
    }
  }
  return { operations, rates, checksums, notes: notes ?? [], ...(await finish?.()) }
}
