import { ErrorCode } from '../../../src/errors/index.ts'
import type { ClientSession, Session, Stream } from '../../../src/session/index.ts'
import { bytes, get } from './pair.ts'

/** Whoever is called back, and what it may lay its hands on. */
export interface Reach {
  readonly stream: Stream
  readonly session: Session
  /** The other end of the connection, where it is one of our sessions. */
  readonly other?: Session | undefined
  /** The end that opens streams, where it is one of our sessions. */
  readonly client?: ClientSession | undefined
}

/** What a callback may do in the middle of everything. */
export const commands: Readonly<Record<string, (reach: Reach) => void>> = {
  reset: ({ stream }) => stream.reset(),
  'reset twice': ({ stream }) => {
    stream.reset()
    stream.reset(ErrorCode.INTERNAL_ERROR)
  },
  write: ({ stream }) => {
    if (!stream.outputEnded) stream.write(bytes('more'))
  },
  'write too much': ({ stream }) => {
    while (!stream.outputEnded && stream.write(new Uint8Array(20_000))) {}
  },
  end: ({ stream }) => stream.end(),
  'send trailers': ({ stream }) => {
    if (!stream.outputEnded) stream.sendTrailers([{ name: 'x-said', value: 'inside' }])
  },
  pause: ({ stream }) => {
    stream.pause()
    queueMicrotask(() => stream.resume())
  },
  'read on with another reader': ({ stream }) => {
    stream.onData = () => {}
  },
  throw: () => {
    throw new Error('thrown by a callback')
  },
  'reset and throw': ({ stream }) => {
    stream.reset()
    throw new Error('thrown by a callback')
  },
  'close the session': ({ session }) => void session.close({ drain: 10 }),
  'abort the session': ({ session }) => session.abort(),
  'abort the session and throw': ({ session }) => {
    session.abort()
    throw new Error('thrown by a callback')
  },
  'close the other session': ({ other }) => void other?.close({ drain: 10 }),
  'abort the other session': ({ other }) => other?.abort(ErrorCode.INTERNAL_ERROR),
  'ping and open': ({ session, client }) => {
    void session.ping()
    client?.open(get('/other'), { endStream: true })
  },
  'update settings': ({ session }) => session.updateSettings({ initialWindowSize: 20_000, maxConcurrentStreams: 50 }),
  'listen for the end': ({ session, stream }) => void session.whenDraining(() => stream.reset()),
}

/** Whether the command, given in this place, is known to end the connection or to throw. */
export const endsSession = (name: string): boolean => name.includes('session')
export const throws = (name: string): boolean => name.includes('throw')
