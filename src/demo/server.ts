import { readFileSync, writeFileSync } from 'node:fs'
import { type Server, serve } from '../runtime/node/index.ts'
import { ConnectionNumbers } from './connection-numbers.ts'
import type { Flags } from './flags.ts'
import { readPageFiles } from './page-files.ts'
import { errnoOf, firstLine, Problem } from './problem.ts'
import { fetchHello, streamHandler } from './routes.ts'
import { makeSockets } from './sockets.ts'

/** How long streams may go on after the first Ctrl-C, in milliseconds. */
const drainTime = 10_000

export interface RunningDemo {
  /** With the name people type, not the address it is bound to. */
  readonly url: string
  /** Sends the sockets home, lets the rest finish, then resolves. */
  close(): Promise<void>
}

function readPem(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Problem(`--${flag}: can't read ${path} (${errnoOf(error) ?? firstLine(error)})`)
  }
}

async function tlsOptions(flags: Flags): Promise<{ key: string; cert: string }> {
  if (flags.cert !== undefined && flags.key !== undefined) {
    return { cert: readPem('cert', flags.cert), key: readPem('key', flags.key) }
  }
  // Loaded when needed: the makings of certificates take longer to start than all the rest.
  const { makeCertificate } = await import('./certificate.ts')
  const { key, cert, ca } = await makeCertificate(flags.host ?? 'localhost')
  if (flags.caOut !== undefined) {
    try {
      writeFileSync(flags.caOut, ca)
    } catch (error) {
      throw new Problem(`--ca-out: can't write ${flags.caOut} (${errnoOf(error) ?? firstLine(error)})`)
    }
  }
  return { key, cert }
}

/** What a failed listen means to who started it. */
function listenProblem(error: unknown, flags: Flags): unknown {
  switch (errnoOf(error)) {
    case 'EADDRINUSE':
      return new Problem(`port ${flags.port} is in use: choose another with --port, or 0 for any free one`)
    case 'EACCES':
      return new Problem(
        `port ${flags.port} needs rights this program does not have: choose one above 1023 with --port`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Problem(`--host: this machine has no address ${flags.host}`)
    default:
      // OpenSSL's own complaints about keys and certificates have such codes.
      return errnoOf(error)?.startsWith('ERR_OSSL') || errnoOf(error)?.startsWith('ERR_SSL')
        ? new Problem(`--cert and --key: not a certificate and its key (${firstLine(error)})`)
        : error
  }
}

/** The URL to print: an address that stands for every interface is reached as `localhost`. RFC 3986 §3.2.2. */
function shownUrl(flags: Flags, port: number): string {
  const host = flags.host === undefined || flags.host === '0.0.0.0' || flags.host === '::' ? 'localhost' : flags.host
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `${flags.cleartext ? 'http' : 'https'}://${name}:${port}/`
}

/**
 * Starts the server the flags ask for.
 *
 * @throws Problem when a file, the port or the host can't be used.
 */
export async function startDemo(flags: Flags, onError: (error: unknown) => void): Promise<RunningDemo> {
  const numbers = new ConnectionNumbers()
  const sockets = makeSockets(numbers)
  const tls = flags.cleartext ? undefined : await tlsOptions(flags)
  // `localhost` may be the one or the other loopback address first; clients that try both find this one.
  const host = flags.host === undefined || flags.host === 'localhost' ? '127.0.0.1' : flags.host
  let server: Server
  try {
    server = await serve({
      port: flags.port,
      host: host.replace(/^\[|\]$/g, ''),
      ...(tls === undefined ? {} : { tls }),
      http1: flags.http1,
      maxConcurrentStreams: flags.maxStreams,
      onStream: streamHandler(readPageFiles(), numbers),
      fetch: fetchHello,
      connect: { websocket: sockets.handler },
      onError,
    })
  } catch (error) {
    throw listenProblem(error, flags)
  }
  return {
    url: shownUrl(flags, server.address.port),
    async close() {
      sockets.leave()
      await server.close({ drain: drainTime })
    },
  }
}
