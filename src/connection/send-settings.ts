import { UsageError } from '../errors/index.ts'
import { FrameType, Setting, writeSettings } from '../frames/index.ts'
import { chargeGlitch } from './charges.ts'
import type { Core } from './core.ts'
import { DEFAULT_WINDOW, MAX_WINDOW } from './flow-control.ts'
import { entriesOf, requireExtension, type SettingsUpdate } from './local-settings.ts'
import type { ConnectionOptions } from './options.ts'
import type { SettingEntry } from './settings.ts'
import type { Stream } from './stream.ts'

/** More SETTINGS of ours than this on the way make no sense, and would let a silent peer grow our memory. */
const MAX_OUTSTANDING = 10

/** RFC 9113 §3.4: what we say first. Values that equal the default are not sent. */
export function sendFirstSettings(core: Core, options: ConnectionOptions): void {
  const { limits } = core
  const settings: SettingEntry[] = []
  if (core.role === 'client' && !core.local.enablePush) settings.push([Setting.ENABLE_PUSH, 0])
  else settings.push([Setting.MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams])
  if (core.streamWindow !== DEFAULT_WINDOW) settings.push([Setting.INITIAL_WINDOW_SIZE, core.streamWindow])
  if (core.reader.maxFrameSize !== 16_384) settings.push([Setting.MAX_FRAME_SIZE, core.reader.maxFrameSize])
  settings.push([Setting.MAX_HEADER_LIST_SIZE, limits.maxFieldSectionSize])
  // RFC 8441 §3: to say it is to promise it, so only where such requests are wanted.
  if (core.role === 'server' && options.extendedConnect === 'advertise') {
    settings.push([Setting.ENABLE_CONNECT_PROTOCOL, 1])
  }
  settings.push([Setting.NO_RFC7540_PRIORITIES, 1]) // RFC 9218 §2.1
  for (const [id, value] of options.extensionSettings ?? []) {
    requireExtension(id)
    settings.push([id, value])
  }
  send(core, settings)
}

/** Changes settings of ours while the connection runs. RFC 9113 §6.5. */
export function updateSettings(core: Core, update: SettingsUpdate): void {
  const settings = entriesOf(update, core.role, core.limits.maxFieldSectionSize)
  if (settings.length === 0) return
  if (core.ownSettings.outstanding >= MAX_OUTSTANDING) {
    throw new UsageError(`${MAX_OUTSTANDING} SETTINGS are not acknowledged yet`, 'RFC 9113 §6.5.3')
  }
  if (update.enableConnectProtocol === false && core.ownSettings.latest(Setting.ENABLE_CONNECT_PROTOCOL) === 1) {
    throw new UsageError('ENABLE_CONNECT_PROTOCOL cannot go from 1 back to 0', 'RFC 8441 §3')
  }
  if (update.initialWindowSize !== undefined) requireRoom(core, update.initialWindowSize)
  send(core, settings)
  if (update.initialWindowSize !== undefined) resizeWindows(core, update.initialWindowSize)
  for (const [id] of settings) putInForce(core, id)
}

function send(core: Core, settings: readonly SettingEntry[]): void {
  writeSettings(core.writer, settings)
  core.sent(FrameType.SETTINGS, 0, 0, settings.length * 6)
  core.ownSettings.send(settings)
  core.deadlines.settingsSent()
}

/** RFC 9113 §6.5.3: the peer goes by our oldest SETTINGS now, and what they made smaller binds it from here on. */
export function recvSettingsAck(core: Core): void {
  const roundTrip = core.deadlines.settingsAcknowledged(core.now)
  if (roundTrip === undefined) {
    chargeGlitch(core, 'SETTINGS acknowledgement')
    return
  }
  core.roundTrip = roundTrip
  const settings = core.ownSettings.acknowledge()
  for (const [id, value] of settings) {
    // RFC 7541 §4.2: a smaller table must be declared, even if a larger one is on its way already.
    if (id === Setting.HEADER_TABLE_SIZE && value < core.local.headerTableSize) {
      core.decoder.setTableSizeLimit(value)
      core.local.headerTableSize = value
    }
    putInForce(core, id)
  }
  core.emit({ type: 'SettingsAcknowledged', settings })
}

/** Holds the peer to the value of one setting that it may go by now. */
function putInForce(core: Core, id: number): void {
  const { local, ownSettings } = core
  const value = ownSettings.allowance(id)
  switch (id) {
    case Setting.HEADER_TABLE_SIZE:
      if (value !== local.headerTableSize) core.decoder.setTableSizeLimit(value)
      local.headerTableSize = value
      return
    case Setting.ENABLE_PUSH:
      local.enablePush = value === 1
      return
    case Setting.MAX_CONCURRENT_STREAMS:
      local.maxConcurrentStreams = value
      return
    case Setting.INITIAL_WINDOW_SIZE:
      moveWindows(core, value - local.initialWindowSize)
      local.initialWindowSize = value
      return
    case Setting.MAX_FRAME_SIZE:
      core.reader.maxFrameSize = value
      local.maxFrameSize = value
      return
    case Setting.MAX_HEADER_LIST_SIZE:
      local.maxHeaderListSize = value
      return
    case Setting.ENABLE_CONNECT_PROTOCOL:
      local.enableConnectProtocol ||= value === 1 // a policy of `accept` holds without it
      return
  }
}

/** RFC 9113 §6.9.2: a window above 2^31-1 would be our fault, and the peer would end the connection for it. */
function requireRoom(core: Core, size: number): void {
  const difference = size - core.local.initialWindowSize
  for (const { id, recvWindow } of core.streams.values()) {
    if (recvWindow === undefined || recvWindow.available + difference <= MAX_WINDOW) continue
    throw new UsageError(`the window of stream ${id} would be above 2^31-1`, 'RFC 9113 §6.9.2')
  }
}

/** What we want each window to be from now on; one that has grown beyond it with the path gives that up too. */
function resizeWindows(core: Core, size: number): void {
  const smaller = size < core.streamWindow
  core.streamWindow = size
  for (const { recvWindow } of core.streams.values()) {
    if (recvWindow === undefined) continue
    recvWindow.size = smaller ? Math.min(recvWindow.size, size) : Math.max(recvWindow.size, size)
  }
}

/** RFC 9113 §6.9.2: the peer's windows of all streams move by the difference, below zero too. */
function moveWindows(core: Core, difference: number): void {
  if (difference === 0) return
  for (const stream of core.streams.values()) moveWindow(core, stream, difference)
}

/**
 * What the peer had used of a window that was larger may be consumed long since: nobody will ask again, so the credit goes
 * now, or the stream would stand still.
 */
function moveWindow(core: Core, stream: Stream, difference: number): void {
  const { recvWindow } = stream
  if (recvWindow === undefined) return
  recvWindow.available += difference
  core.observer?.windowChanged?.(stream.id, 'receive', recvWindow.available)
  const increment = difference < 0 ? recvWindow.consume(0) : 0
  if (increment === 0 || !stream.recvOpen) return
  core.sendWindowUpdate(stream.id, increment)
  core.observer?.windowChanged?.(stream.id, 'receive', recvWindow.available)
}
