import type { ClientSession } from '../../session/index.ts'
import { HandshakeError } from '../handshake-error.ts'
import { connectionFailed } from '../tunnel/extended-connect.ts'

/**
 * Waits for the server's first SETTINGS. RFC 9113 §3.4 makes them the first thing a server sends, so one that is silent
 * for `milliseconds` doesn't speak HTTP/2, or something between doesn't let it: the connection is of no use to anybody,
 * and is ended. Rejects with a HandshakeError, or with the signal's reason.
 */
export async function firstSettings(session: ClientSession, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (session.peerSettings.received) return
  const { platform } = session
  const wait = new AbortController()
  const abort = (): void => wait.abort(signal.reason)
  const timer = platform.setTimer(() => {
    wait.abort(new HandshakeError('timeout', `the server sent no SETTINGS within ${milliseconds} ms (RFC 9113 §3.4)`))
    session.abort()
  }, milliseconds)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await session.ready({ signal: wait.signal })
  } catch (error) {
    throw wait.signal.aborted ? wait.signal.reason : connectionFailed(error)
  } finally {
    platform.clearTimer(timer)
    signal.removeEventListener('abort', abort)
  }
}
