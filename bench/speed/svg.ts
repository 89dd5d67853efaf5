import { type Comparison, comparisons, type Measurement, versions } from './table.ts'

const WIDTH = 960
const LEFT = 430
const RIGHT = 70
const BAR = 9
const COLOURS = ['#2f6f9f', '#d9822b', '#5a8f3c', '#8a5aa8']
/** Factors at the edges of the picture; what lies beyond is cut, its figure stands beside it. */
const [LEAST, MOST] = [0.25, 32]

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/** A factor is as far from 1 as its inverse: the scale is that of the logarithm. */
function x(factor: number): number {
  const within = Math.min(MOST, Math.max(LEAST, factor))
  return Math.round(LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(within / LEAST)) / Math.log(MOST / LEAST))
}

function bars({ name, over, figures }: Comparison, nodes: readonly string[], top: number): string[] {
  const middle = top + (nodes.length * BAR) / 2 + 4
  const lines = [`<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escaped(`${name} / ${over}`)}</text>`]
  nodes.forEach((node, i) => {
    const ratio = figures.get(node)?.ratio
    if (ratio === undefined) return
    const y = top + i * BAR
    const [from, to] = [x(1), x(ratio.median)].sort((a, b) => a - b) as [number, number]
    const colour = COLOURS[i % COLOURS.length]
    lines.push(`<rect x="${from}" y="${y}" width="${Math.max(1, to - from)}" height="${BAR - 1}" fill="${colour}"/>`)
    lines.push(`<text x="${to + 4}" y="${y + 8}" font-size="9">${ratio.median.toFixed(2)}</text>`)
    if (ratio.target === undefined) return
    const at = x(ratio.target)
    lines.push(`<line x1="${at}" y1="${y - 1}" x2="${at}" y2="${y + BAR}" stroke="#c00" stroke-width="2"/>`)
  })
  return lines
}

/** How many times as fast as each peer, a bar for each Node; a red mark is the target. */
export function svg(results: readonly Measurement[]): string {
  const nodes = versions(results)
  const all = comparisons(results)
  const step = nodes.length * BAR + 8
  const top = 48
  const height = top + all.length * step + 12
  const marks = [0.25, 0.5, 1, 2, 4, 8, 16, 32].flatMap((factor) => [
    `<line x1="${x(factor)}" y1="${top - 8}" x2="${x(factor)}" y2="${height - 8}" stroke="${factor === 1 ? '#333' : '#ddd'}"/>`,
    `<text x="${x(factor)}" y="${top - 12}" text-anchor="middle">${factor}</text>`,
  ])
  const legend = nodes.map((node, i) => {
    const at = 12 + i * 120
    const text = `<text x="${at + 14}" y="20">Node ${escaped(node.slice(1))}</text>`
    return `<rect x="${at}" y="11" width="10" height="10" fill="${COLOURS[i % COLOURS.length]}"/>${text}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    '<title>How many times as fast as the peer, on a logarithmic scale; red marks are targets</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...legend,
    ...marks,
    ...all.flatMap((comparison, i) => bars(comparison, nodes, top + i * step)),
    '</svg>',
    '',
  ].join('\n')
}
