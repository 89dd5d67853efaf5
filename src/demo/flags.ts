import { parseArgs } from 'node:util'
import { firstLine, Problem } from './problem.ts'

/** What the command line asks for. */
export interface Flags {
  readonly help: boolean
  /** 0: any free one. */
  readonly port: number
  /** Undefined: the loopback address, called `localhost`. */
  readonly host: string | undefined
  /** Without TLS: HTTP/2 by prior knowledge, RFC 9113 §3.3, and HTTP/1.1. */
  readonly cleartext: boolean
  /** HTTP/1.1 beside HTTP/2. */
  readonly http1: boolean
  readonly maxStreams: number
  /** Paths of PEM files; both or none. */
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly caOut: string | undefined
}

export const usage: string = `Usage: npm start -- [flags]

  --port N         the port to listen on, 0 for a free one (8443)
  --host H         the address to listen on (localhost)
  --h2c            without TLS: HTTP/2 by prior knowledge, and HTTP/1.1, which browsers take then
  --no-http1       HTTP/2 alone: others are refused
  --max-streams N  concurrent streams a client may have open (100)
  --cert F --key F a certificate and its key in PEM, instead of those made at the start
  --ca-out F       write the certificate of the authority made at the start, for clients that want it
  --help           this text
`

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        port: { type: 'string', default: '8443' },
        host: { type: 'string' },
        h2c: { type: 'boolean', default: false },
        'no-http1': { type: 'boolean', default: false },
        'max-streams': { type: 'string', default: '100' },
        cert: { type: 'string' },
        key: { type: 'string' },
        'ca-out': { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new Problem(`${firstLine(error).replace(/\. To specify a positional.*/, '')} (--help lists the flags)`)
  }
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) {
    throw new Problem(`--${flag} wants a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`)
  }
  return value
}

/**
 * Reads the flags.
 *
 * @throws Problem for a flag that is unknown, has a value it can't have, or doesn't go with another.
 */
export function readFlags(args: readonly string[]): Flags {
  const values = parse(args)
  const { cert, key, host, h2c: cleartext, 'ca-out': caOut } = values
  if ((cert === undefined) !== (key === undefined)) {
    throw new Problem(cert === undefined ? '--key needs --cert with it' : '--cert needs --key with it')
  }
  if (cleartext && cert !== undefined) throw new Problem('--h2c has no TLS, so --cert and --key do not go with it')
  if (caOut !== undefined && (cleartext || cert !== undefined)) {
    throw new Problem(
      `--ca-out writes the authority made at the start, and ${cleartext ? '--h2c' : '--cert'} makes none`,
    )
  }
  if (host === '') throw new Problem('--host wants a name or an address')
  return {
    help: values.help,
    port: wholeNumber('port', values.port, 0, 65_535),
    host,
    cleartext,
    http1: !values['no-http1'],
    maxStreams: wholeNumber('max-streams', values['max-streams'], 1, 2 ** 31 - 1),
    cert,
    key,
    caOut,
  }
}
