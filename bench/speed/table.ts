import { type Ratio, type Result, rate, spread } from '../report.ts'

/** A line of the results: an entry as one Node measured it. */
export interface Measurement extends Result {
  readonly node: string
  readonly machine?: string
}

/** One comparison, ours with one peer, with the figures of every Node that was asked. */
export interface Comparison {
  readonly name: string
  readonly over: string
  readonly figures: ReadonlyMap<string, Figure>
}

export interface Figure {
  readonly ours: string
  readonly theirs: string
  readonly ratio: Ratio
}

/** Releases of Node by their number: 20 before 26. */
export function versions(results: readonly Measurement[]): readonly string[] {
  return [...new Set(results.map(({ node }) => node))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** All comparisons in the order of the results, each Node's figures side by side. */
export function comparisons(results: readonly Measurement[]): readonly Comparison[] {
  const found = new Map<string, { name: string; over: string; figures: Map<string, Figure> }>()
  for (const result of results) {
    const name = result.name.replace(/^speed /, '')
    const [ours = spread([])] = Object.values(result.rates)
    for (const ratio of result.ratios) {
      const key = `${name} / ${ratio.over}`
      const comparison = found.get(key) ?? { name, over: ratio.over, figures: new Map() }
      const theirs = rate(result.rates[ratio.over]?.median ?? Number.NaN).trim()
      comparison.figures.set(result.node, { ours: rate(ours.median).trim(), theirs, ratio })
      found.set(key, comparison)
    }
  }
  return [...found.values()]
}

function row({ name, over, figures }: Comparison, nodes: readonly string[], previous: string | undefined): string {
  const cells = nodes.flatMap((node) => {
    const figure = figures.get(node)
    if (figure === undefined) return ['', '']
    const { median, low, high, met } = figure.ratio
    const factor = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
    return [`${figure.ours} · ${figure.theirs}`, met === false ? `${factor}, missed` : `**${factor}**`]
  })
  const targets = [...new Set([...figures.values()].map(({ ratio }) => ratio.target?.toFixed(2)))]
  const target = targets.map((each) => (each === undefined ? '' : `≥ ${Number(each)}`)).join(', ')
  return `| ${[name === previous ? '' : name, over, target, ...cells].join(' | ')} |`
}

/** The figures as Markdown: rates of both, their factor, and the middle half of the factors of each round. */
export function table(results: readonly Measurement[]): string {
  const nodes = versions(results)
  const heads = nodes.flatMap((node) => [`Node ${node.slice(1)}: ours · theirs`, 'factor'])
  const all = comparisons(results)
  return [
    `| ${['work', 'beside', 'target', ...heads].join(' | ')} |`,
    `| ${['---', '---', '---', ...heads.map(() => '---')].join(' | ')} |`,
    ...all.map((comparison, i) => row(comparison, nodes, all[i - 1]?.name)),
  ].join('\n')
}

const isMissed = ({ ratios }: Measurement): boolean => ratios.some(({ met }) => met === false)

/** What was missed. */
export function missed(results: readonly Measurement[]): string {
  const lines = results.filter(isMissed).map(({ name, node, ratios }) => {
    const peers = ratios
      .filter(({ met }) => met === false)
      .map(({ over, median, target }) => `${median.toFixed(2)} of ${over}, not ${Number(target?.toFixed(2))}`)
    return `- ${name.replace(/^speed /, '')}, Node ${node.slice(1)}: ${peers.join('; ')}.`
  })
  return lines.length === 0 ? 'No target was missed.' : lines.join('\n')
}

/** The largest costs of our side in each row, under the newest Node that it was profiled with and each that missed a target. */
export function profiles(results: readonly Measurement[]): string {
  const newest = new Map<string, Measurement>()
  const profiled = versions(results).flatMap((node) =>
    results.filter((result) => result.node === node && result.costs !== undefined),
  )
  for (const result of profiled) newest.set(result.name, result)
  const rows = [...newest.keys()].flatMap((name) =>
    profiled.filter((result) => result.name === name && (result === newest.get(name) || isMissed(result))),
  )
  const lines = rows.map(({ name, node, costs = [] }) => {
    const cells = costs.map(({ where, share }) => `\`${where}\` ${(share * 100).toFixed(0)} %`)
    return `| ${name.replace(/^speed /, '')} | ${node.slice(1)} | ${cells.join(' · ')} |`
  })
  return ['| work | Node | largest costs |', '| --- | --- | --- |', ...lines].join('\n')
}
