import { defaultLimits } from '../../src/connection/index.ts'
import type { Scenario } from './scenario.ts'
import type { Report, Victims } from './victim.ts'

const MIB = 2 ** 20
const KIB = 2 ** 10
/** The connection's receive window where nothing made it grow: nobody reads so fast here. */
const CONNECTION_WINDOW = 1_048_576
/** `sendHighWaterMark`, and what the last write brought. */
const SEND_QUEUE = 65_536 + 65_536

/** MiB that one connection may hold by docs/security.md, "Memory". */
const BOUND: number =
  (12 * KIB + // its objects
    2 * defaultLimits.maxFieldSectionSize +
    defaultLimits.maxRetainedFieldSize +
    CONNECTION_WINDOW +
    defaultLimits.maxQueuedControlBytes +
    16_384 + // a frame in parts
    defaultLimits.maxConcurrentStreams * (2 * KIB + SEND_QUEUE)) /
  MIB
/** What V8 takes before it collects garbage. */
const SLACK = 16
export const PEAK: number = BOUND + SLACK
/** Seconds for one attack, and for each MiB that the attacker sent; its deadlines aside, an attack is over in these. */
const PROCESSOR = 0.5
const PROCESSOR_PER_MIB = 0.1
/** A shared machine has its own hiccups: an attack that seems to delay the neighbour is made again, so often at most. */
const REPEATS = 5
/** How long the neighbour is watched before such a repetition. */
const QUIET = 1500

/** How ours fared: what is wrong, in words, and in how many of the runs it held. */
export interface Judgement {
  /**
   * The neighbour's slowest requests were slower than they should be in a run, however often that was repeated. It is
   * told and no fault: an attack is over in some milliseconds of the processor, so that this is one wait, and on a
   * machine that does other things its length says little.
   */
  readonly late: boolean
  /** The worst of all runs, but for the neighbour: a delay that does not come again was not the attack's. */
  readonly report: Report
  readonly wrong: readonly string[]
  readonly held: number
}

function faults(scenario: Scenario, report: Report): string[] {
  const wrong: string[] = []
  if (report.reaction !== scenario.expected) wrong.push(`expected ${scenario.expected}, got ${report.reaction}`)
  if (report.peak > PEAK) wrong.push(`memory ${report.peak.toFixed(0)} MiB`)
  if (report.processor > PROCESSOR + (PROCESSOR_PER_MIB * report.sent) / MIB) wrong.push('processor time')
  if (report.failed > 0) wrong.push(`${report.failed} requests of the neighbour failed`)
  return wrong
}

/** More than twice the quiet time, or 5 ms more if that is longer. */
function isLate(report: Report, quiet: number): boolean {
  return report.p99 > Math.max(2 * quiet, quiet + 5)
}

/** Attacks ours `times` times; again where the neighbour alone had to wait, beside a quiet time of that moment. */
export async function judge(ours: Victims, scenario: Scenario, times: number, quiet: number): Promise<Judgement> {
  const reports: Report[] = []
  const wrong: string[] = []
  let late = false
  for (let time = 0; time < times; time++) {
    let report = await attack(ours, scenario)
    let found = faults(scenario, report)
    let waited = isLate(report, quiet)
    for (let repeat = 0; found.length === 0 && waited && repeat < REPEATS; repeat++) {
      const now = await ours.quiet(QUIET)
      report = await attack(ours, scenario)
      found = faults(scenario, report)
      waited = isLate(report, Math.max(quiet, now))
    }
    reports.push(report)
    late ||= waited
    if (found.length > 0) wrong.push(found.join(', '))
  }
  const most = (of: (report: Report) => number): number => Math.max(...reports.map(of))
  const report: Report = {
    ...(reports.find(({ reaction }) => reaction !== scenario.expected) ?? reports[0]!),
    peak: most(({ peak }) => peak),
    processor: most(({ processor }) => processor),
    p99: most(({ p99 }) => p99),
  }
  return { report, wrong: [...new Set(wrong)], held: times - wrong.length, late }
}

async function attack(ours: Victims, scenario: Scenario): Promise<Report> {
  const report = await ours.attack(scenario)
  if (report === undefined) throw new Error(`ours has no ${scenario.victim}`)
  return report
}
