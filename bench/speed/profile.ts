import { readdirSync, readFileSync } from 'node:fs'

/** What a part of the processor's time went to. */
export interface Cost {
  /** The function, and the file that it is in. */
  readonly where: string
  /** Of the time in which the program was not idle; 1 is all of it. */
  readonly share: number
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** A server runs longer than a profile of it. */
const STARTING_UP = /^node:internal\/(bootstrap|modules)\//

/** The largest costs in what `--cpu-prof` has left in a folder: the time in a function itself, not in what it calls. */
export function largestCosts(folder: string, count: number): readonly Cost[] {
  const name = readdirSync(folder).find((file) => file.endsWith('.cpuprofile'))
  if (name === undefined) throw new Error(`no profile in ${folder}`)
  const profile: Profile = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const time = new Map<string, number>()
  let all = 0
  profile.samples.forEach((id, i) => {
    const frame = frames.get(id)
    const spent = profile.timeDeltas[i] ?? 0
    if (frame === undefined || frame.functionName === '(idle)' || STARTING_UP.test(frame.url)) return
    all += spent
    const where = place(frame)
    time.set(where, (time.get(where) ?? 0) + spent)
  })
  const sorted = [...time].sort(([, a], [, b]) => b - a).slice(0, count)
  return sorted.map(([where, spent]) => ({ where, share: spent / all }))
}

const texts = new Map<string, readonly string[]>()

/** A bundle names the source of each part in a comment above it. */
function place({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  if (url === '') return name
  if (!url.startsWith('file:')) return `${name} in ${url}`
  let lines = texts.get(url)
  if (lines === undefined) {
    lines = readFileSync(new URL(url), 'utf8').split('\n')
    texts.set(url, lines)
  }
  for (let i = Math.min(lineNumber, lines.length - 1); i >= 0; i--) {
    const source = /^\/\/ (\S+\.ts)$/.exec(lines[i]!)?.[1]
    if (source !== undefined) return `${name} in ${source}`
  }
  return `${name} in ${url.replace(/^.*node_modules\//, '')}`
}
