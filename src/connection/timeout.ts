import { ConnectionError, ErrorCode, StreamError } from '../errors/index.ts'
import type { Core } from './core.ts'
import { closeIfDrained, fail } from './ending.ts'
import { finishDrain, shutDown } from './goaway.ts'
import { sendKeepAlivePing } from './ping.ts'
import { resetStream } from './refusal.ts'
import { stallLimit } from './stalls.ts'

/** What falls due by the time `now`: deadlines of the peer's, streams that stand still, the end of an idle connection. */
export function passTime(core: Core, now: number): void {
  core.deadlines.tick(now)
  if (core.deadlines.drainPingExpired(now)) {
    finishDrain(core)
    closeIfDrained(core)
  }
  resetStalled(core, now)
  if (core.deadlines.idleExpired(now)) {
    core.deadlines.busy()
    shutDown(core)
  }
  endSilence(core, now)
  const limit = core.deadlines.expired(now)
  if (limit === undefined) return
  const reason = `${limit}: nothing came in ${core.limits[limit]} ms`
  core.emit({ type: 'LimitExceeded', limit, streamId: 0, reason })
  // RFC 9113 §6.5.3 names the code for SETTINGS; for the others the RFC leaves it to us.
  const code = limit === 'fieldBlockTimeout' ? ErrorCode.ENHANCE_YOUR_CALM : ErrorCode.SETTINGS_TIMEOUT
  fail(core, new ConnectionError(code, reason, sections[limit]))
}

/** Where the RFC speaks of what did not come in time. */
const sections = {
  prefaceTimeout: 'RFC 9113 §3.4',
  fieldBlockTimeout: 'RFC 9113 §10.5.1',
  settingsTimeout: 'RFC 9113 §6.5.3',
} as const

/** RFC 9113 §6.7: PING tells whether a connection that nothing comes on still works. */
function endSilence(core: Core, now: number): void {
  const silence = core.deadlines.silence(now)
  if (silence === 'ask') sendKeepAlivePing(core)
  if (silence !== 'tooLong') return
  const reason = 'the peer has said nothing, not even to a PING'
  fail(core, new ConnectionError(ErrorCode.CONNECT_ERROR, reason, 'RFC 9113 §6.7'))
}

/** RFC 9113 §10.5: streams whose data the peer does not take are given up, before they fill the memory. */
function resetStalled(core: Core, now: number): void {
  for (const id of core.stalls.look(core, now)) {
    const stream = core.streams.get(id)
    if (stream === undefined) continue
    const limit = stallLimit(stream)
    const reason = `the peer has taken next to nothing for ${core.limits[limit]} ms`
    core.emit({ type: 'LimitExceeded', limit, streamId: id, reason })
    resetStream(core, stream, new StreamError(id, ErrorCode.CANCEL, reason, 'RFC 9113 §10.5'))
  }
}
