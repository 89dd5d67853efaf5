import { type Peer, printedVersion } from '../support/presence.ts'
import { run } from '../support/processes.ts'

export const h2load: Peer = {
  name: 'h2load',
  version: () => printedVersion('h2load', ['--version']),
  install: 'apt-get install nghttp2-client',
}

export interface Load {
  readonly requestsPerSecond: number
  readonly total: number
  readonly succeeded: number
  /** Answers with a status of the 2xx class. */
  readonly status2xx: number
  /** Octets of DATA payload received. */
  readonly dataBytes: number
  readonly output: string
}

export interface LoadOptions {
  readonly requests: number
  readonly clients: number
  /** Streams at a time on each connection. */
  readonly streams: number
  /** Posts this file instead of getting. */
  readonly upload?: string
  /** Takes the URLs from this file, in turn. */
  readonly urls?: string
  /** Goes before the command, say `['taskset', '-c', '1']`. */
  readonly prefix?: readonly string[]
}

/** Puts load on a URL and reads the summary. Cleartext URLs are spoken to by prior knowledge. */
export async function loadWithH2load(url: URL, options: LoadOptions): Promise<Load> {
  const { requests, clients, streams, upload, urls, prefix = [] } = options
  const numbers = ['-n', String(requests), '-c', String(clients), '-m', String(streams), '-t', '1']
  const files = [...(upload === undefined ? [] : ['-d', upload]), ...(urls === undefined ? [] : ['-i', urls])]
  // With a file of paths the URL gives the scheme and the host only, as the base.
  const target = urls === undefined ? [url.href] : ['-B', url.origin]
  const [command = '', ...args] = [...prefix, 'h2load', ...numbers, ...files, ...target]
  const { code, stdout, stderr } = await run(command, args, { milliseconds: 120_000 })
  const output = stdout.toString()
  if (code !== 0) throw new Error(`h2load ended with ${code}: ${stderr}${output}`)
  const read = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN)
  return {
    requestsPerSecond: read(/([\d.]+) req\/s/),
    total: read(/requests: (\d+) total/),
    succeeded: read(/(\d+) succeeded/),
    status2xx: read(/status codes: (\d+) 2xx/),
    dataBytes: read(/traffic:.*\((\d+)\) data/),
    output,
  }
}
