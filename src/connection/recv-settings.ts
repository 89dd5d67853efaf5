import { ErrorCode } from '../errors/index.ts'
import { Flag, FrameType, Setting, writeSettingsAck } from '../frames/index.ts'
import { chargeAnswer, chargeGlitch, limitPassed } from './charges.ts'
import type { Core } from './core.ts'
import { connectionFault, fail } from './ending.ts'
import { MAX_WINDOW } from './flow-control.ts'
import { schedule } from './output.ts'
import { recvSettingsAck } from './send-settings.ts'
import { applySetting, type SettingEntry } from './settings.ts'

/** Windows moved at the price of one frame that brings nothing. */
const STREAMS_PER_GLITCH = 10

/** RFC 9113 §6.5: the peer's settings are put in force in their order, then acknowledged. */
export function recvSettings(core: Core): void {
  const { reader, peerSettings } = core
  if ((reader.flags & Flag.ACK) !== 0) {
    recvSettingsAck(core)
    return
  }
  const count = reader.settingCount
  if (count > core.limits.maxSettings) {
    limitPassed(core, 'maxSettings', 0, `${count} settings in one frame`)
    return
  }
  if (peerSettings.received) chargeGlitch(core, 'SETTINGS')
  if (core.state === 'closed') return
  const settings: SettingEntry[] = []
  for (let i = 0; i < count; i++) {
    const id = reader.settingId(i)
    const value = reader.settingValue(i)
    const windowBefore = peerSettings.initialWindowSize
    const error = applySetting(peerSettings, id, value, core.role)
    if (error !== undefined) {
      fail(core, error)
      return
    }
    if (id === Setting.HEADER_TABLE_SIZE) core.encoder.setTableSizeLimit(value)
    if (id === Setting.INITIAL_WINDOW_SIZE && !moveWindows(core, value - windowBefore)) return
    settings.push([id, value])
  }
  peerSettings.received = true
  writeSettingsAck(core.writer)
  core.sent(FrameType.SETTINGS, Flag.ACK, 0, 0)
  core.emit({ type: 'SettingsReceived', settings })
  chargeAnswer(core, 9)
}

/** RFC 9113 §6.9.2: all windows of open streams move by the difference, below zero if need be. */
function moveWindows(core: Core, difference: number): boolean {
  if (difference === 0) return true
  // §10.5: one entry of six octets has us look at every stream, so that a frame of them costs more than its octets.
  const cost = core.peerSettings.received ? Math.ceil(core.streams.size / STREAMS_PER_GLITCH) : 0
  if (cost > 0) chargeGlitch(core, 'INITIAL_WINDOW_SIZE', cost)
  if (core.state === 'closed') return false
  for (const stream of core.streams.values()) {
    if (stream.sendWindow + difference > MAX_WINDOW) {
      const reason = `INITIAL_WINDOW_SIZE takes the window of stream ${stream.id} above 2^31-1`
      connectionFault(core, ErrorCode.FLOW_CONTROL_ERROR, reason, 'RFC 9113 §6.9.2')
      return false
    }
    stream.sendWindow += difference
    core.observer?.windowChanged?.(stream.id, 'send', stream.sendWindow)
    schedule(core, stream)
  }
  return true
}
