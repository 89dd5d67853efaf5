import {
  ClientSession,
  ServerSession,
  type ServerSessionOptions,
  type ServerStream,
  type SessionOptions,
} from '../../../src/session/index.ts'
import { type FaultPlan, FaultyTransport, memoryPair } from '../../../src/transport/index.ts'
import { FakeClock } from './fake-clock.ts'

export interface PairOptions {
  readonly client?: Partial<SessionOptions>
  readonly server?: Partial<ServerSessionOptions>
  readonly clientFaults?: FaultPlan
  readonly serverFaults?: FaultPlan
  readonly highWaterMark?: number
}

export interface Pair {
  readonly client: ClientSession
  readonly server: ServerSession
  readonly clock: FakeClock
  /** What the sessions' `onError` heard. */
  readonly errors: unknown[]
}

/** A client and a server, both ours, on a pair of transports in memory, on one clock. */
export function sessionPair(onStream: (stream: ServerStream) => void, options: PairOptions = {}): Pair {
  const clock = new FakeClock()
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const [near, far] = memoryPair(options.highWaterMark === undefined ? {} : { highWaterMark: options.highWaterMark })
  const nearEnd = options.clientFaults ? new FaultyTransport(near, options.clientFaults) : near
  const farEnd = options.serverFaults ? new FaultyTransport(far, options.serverFaults) : far
  const server = new ServerSession(farEnd, { platform: clock, onError, onStream, ...options.server })
  const client = new ClientSession(nearEnd, { platform: clock, onError, ...options.client })
  return { client, server, clock, errors }
}

export const get: (path?: string) => { name: string; value: string }[] = (path = '/') => requestFields('GET', path)
export const post: (path?: string) => { name: string; value: string }[] = (path = '/') => requestFields('POST', path)

function requestFields(method: string, path: string): { name: string; value: string }[] {
  return [
    { name: ':method', value: method },
    { name: ':scheme', value: 'https' },
    { name: ':authority', value: 'example.org' },
    { name: ':path', value: path },
  ]
}

export const OK: { name: string; value: string }[] = [{ name: ':status', value: '200' }]

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** All of a body as one text. */
export async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}
