import type { Entry, Measured } from './measure.ts'
import type { Cost } from './speed/profile.ts'

/** The middle of some figures, and the middle half of them. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

export interface Ratio extends Spread {
  /** The side that ours is compared with. */
  readonly over: string
  readonly target?: number
  readonly met?: boolean
}

export interface Result {
  readonly name: string
  readonly unit: string
  readonly per?: string
  readonly operations: number
  readonly rates: Readonly<Record<string, Spread>>
  readonly ratios: readonly Ratio[]
  readonly checksums: Readonly<Record<string, number>>
  readonly notes: readonly string[]
  readonly costs?: readonly Cost[]
}

export function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/** The ratio is that of the medians; its spread is that of the ratios of each round. */
export function resultOf(entry: Entry, measured: Measured): Result {
  const { operations, checksums, notes, costs } = measured
  const { name, unit, per } = entry
  const [ours, ...others] = Object.entries(measured.rates)
  const ratios = others.map(([over, theirs]): Ratio => {
    const each = spread(theirs.map((rate, round) => ours![1][round]! / rate))
    const median = spread(ours![1]).median / spread(theirs).median
    const target = entry.targets?.[over]
    return { over, ...each, median, ...(target === undefined ? {} : { target, met: median >= target }) }
  })
  const rates = Object.fromEntries(Object.entries(measured.rates).map(([name, each]) => [name, spread(each)]))
  const optional = { ...(per === undefined ? {} : { per }), ...(costs === undefined ? {} : { costs }) }
  return { name, unit, operations, rates, ratios, checksums, notes, ...optional }
}

const units = [
  { size: 1e9, letter: 'G' },
  { size: 1e6, letter: 'M' },
  { size: 1e3, letter: 'k' },
  { size: 0, letter: ' ' },
] as const

export function rate(n: number): string {
  const { size, letter } = units.find((unit) => n >= unit.size) ?? units[3]
  return `${(n / (size || 1)).toPrecision(3)} ${letter}`
}

function verdict({ target, met }: Ratio): string {
  return target === undefined ? '' : `  target ${target}: ${met ? 'met' : 'MISSED'}`
}

/** One entry as lines of text. */
export function text(result: Result): string {
  const lines = [`${result.name}, ${result.unit} per ${result.per ?? 'second'}`]
  for (const [side, { median, low, high }] of Object.entries(result.rates)) {
    const figures = `${rate(median).padStart(7)}   ${`(${rate(low).trim()} to ${rate(high).trim()})`.padEnd(20)}`
    const ratio = result.ratios.find(({ over }) => over === side)
    const factor = ratio && `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`
    const compared = ratio === undefined ? '' : `  ours is ${factor} times that${verdict(ratio)}`
    lines.push(`  ${side.padEnd(20)} ${figures}${compared}`.trimEnd())
  }
  const sums = Object.values(result.checksums)
  lines.push(`  checksum ${new Set(sums).size === 1 ? sums[0] : sums.join(' ')}`)
  const costs = result.costs?.map(({ where, share }) => `${(share * 100).toFixed(0).padStart(4)} %  ${where}`) ?? []
  return [...lines, ...result.notes.map((note) => `  ${note}`), ...costs].join('\n')
}
