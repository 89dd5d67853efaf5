import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { NodeDialOptions } from '../runtime/node/index.ts'
import { errnoOf, firstLine, Problem } from './problem.ts'

/** What the echo client prints for --help. */
export const echoUsage: string = `Usage: npm run --silent echo-client -- URL [flags]

Opens a WebSocket and sends every message back as it came, until the server closes. Exit status 0 after a clean close.
wss: goes over HTTP/2 in TLS, ws: over HTTP/2 in clear, by prior knowledge.

  --http1       over HTTP/1.1 instead
  --no-deflate  does not offer permessage-deflate
  --ca F        trusts the authority in this PEM file
  --insecure    trusts everybody
  --help        this text
`

/** What the command line asks for. */
export interface EchoFlags {
  readonly url: string
  readonly options: NodeDialOptions
}

/** Reads the flags, or undefined when the usage was asked for. @throws Problem for what makes no sense */
export function readEchoFlags(args: readonly string[]): EchoFlags | undefined {
  const { values, positionals } = parse(args)
  if (values.help) return undefined
  const [url] = positionals
  if (url === undefined || positionals.length > 1) throw new Problem('one URL is wanted (--help lists the flags)')
  const tls = {
    ...(values.ca === undefined ? {} : { ca: readPem(values.ca) }),
    ...(values.insecure ? { rejectUnauthorized: false } : {}),
  }
  return { url, options: { http2: values.http1 ? 'off' : 'only', perMessageDeflate: !values['no-deflate'], tls } }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: true,
      options: {
        http1: { type: 'boolean', default: false },
        'no-deflate': { type: 'boolean', default: false },
        ca: { type: 'string' },
        insecure: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new Problem(`${firstLine(error).replace(/\. To specify a positional.*/, '')} (--help lists the flags)`)
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Problem(`--ca: can't read ${path} (${errnoOf(error) ?? firstLine(error)})`)
  }
}
