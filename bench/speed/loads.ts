import { loadWithH2load } from '../../test/interop/peers/h2load.ts'
import { LOAD_CORE, runProgram } from './programs.ts'
import type { Done, Load } from './row.ts'

/** Small requests by h2load, 8 connections with 32 streams each. */
export function h2load(scheme: 'http' | 'https'): Load {
  return async ({ port }, { milliseconds }) => {
    // A number of requests, not a time: only then all must have been answered. 100 a millisecond is about node:http2's rate.
    const requests = Math.max(4000, milliseconds * 100)
    const url = new URL(`${scheme}://127.0.0.1:${port}/hello`)
    const shape = { requests, clients: 8, streams: 32, prefix: ['taskset', '-c', LOAD_CORE] }
    const result = await loadWithH2load(url, shape)
    if (result.status2xx !== requests) throw new Error(`not all requests succeeded:\n${result.output}`)
    return { count: requests, seconds: requests / result.requestsPerSecond }
  }
}

export interface Shape {
  readonly connections: number
  readonly sockets: number
  readonly outstanding: number
  readonly bytes: number
  /** Sockets on each connection that say nothing. */
  readonly idle?: number
  readonly text?: boolean
  readonly split?: boolean
  readonly deflate?: boolean
}

/** Our neutral load of WebSockets. Over HTTP/1.1 each socket has a connection of its own. */
export function webSockets(shape: Shape, http1 = false): Load {
  const connections = http1 ? shape.connections * shape.sockets : shape.connections
  const flags = [
    ...['--connections', `${connections}`, '--sockets', `${shape.sockets}`, '--idle', `${shape.idle ?? 0}`],
    ...['--outstanding', `${shape.outstanding}`, '--bytes', `${shape.bytes}`],
    ...(shape.text ? ['--text'] : []),
    ...(shape.split ? ['--split'] : []),
    ...(shape.deflate ? ['--deflate'] : []),
    ...(http1 ? ['--http1'] : []),
  ]
  return ({ port }, { milliseconds }) =>
    runProgram<Done>(LOAD_CORE, 'websocket-load', ['--port', `${port}`, '--milliseconds', `${milliseconds}`, ...flags])
}

/** One GiB; 1/16 of it in a run that is only to show that everything works. */
export function volume(milliseconds: number): number {
  return milliseconds >= 1000 ? 2 ** 30 : 2 ** 26
}

export function transfer(way: 'download' | 'upload', streams: number, plain = false): Load {
  return ({ port }, { milliseconds }) => {
    const flags = ['--port', `${port}`, '--streams', `${streams}`, '--bytes', `${volume(milliseconds)}`]
    if (way === 'upload') flags.push('--upload')
    if (plain) flags.push('--plain')
    return runProgram<Done>(LOAD_CORE, 'transfer-load', flags)
  }
}

/** A client that is itself what is measured. */
export function client(program: 'request-client' | 'socket-client', name: string, flags: readonly string[] = []): Load {
  return ({ port }, { milliseconds, nodeFlags }) => {
    const all = ['--port', `${port}`, '--client', name, '--milliseconds', `${milliseconds}`, ...flags]
    return runProgram<Done>(LOAD_CORE, program, all, nodeFlags)
  }
}
