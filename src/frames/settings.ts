import type { ByteWriter } from '../bytes/index.ts'
import { UsageError } from '../errors/index.ts'
import type { FrameCursor } from './cursor.ts'
import type { SettingEntry, SettingsFrame } from './frame.ts'
import { MAX_FRAME_SIZE, putFrameHeader } from './frame-header.ts'
import { Flag, FrameType } from './registry.ts'
import { requireRange, requireStreamZero } from './usage.ts'

const SECTION = 'RFC 9113 §6.5'
const MAX_SETTINGS = Math.floor(MAX_FRAME_SIZE / 6)

/**
 * Writes SETTINGS. Entries keep their order, and unknown or repeated identifiers are written as they are; whether a
 * value is legal for its setting is not looked at. RFC 9113 §6.5.
 *
 * @throws UsageError when an identifier does not fit 16 bits or a value 32
 * @example
 * writeSettings(writer, [[Setting.ENABLE_PUSH, 0], [Setting.ENABLE_CONNECT_PROTOCOL, 1]])
 */
export function writeSettings(w: ByteWriter, entries: readonly SettingEntry[]): void {
  requireEntries(entries)
  putFrameHeader(w, entries.length * 6, FrameType.SETTINGS, 0, 0)
  putEntries(w, entries)
}

/** Writes the acknowledgement of the peer's SETTINGS: the ACK flag and no payload. RFC 9113 §6.5.3. */
export function writeSettingsAck(w: ByteWriter): void {
  putFrameHeader(w, 0, FrameType.SETTINGS, Flag.ACK, 0)
}

export function checkSettings({ streamId, flags, settings }: SettingsFrame): void {
  requireStreamZero(streamId, SECTION)
  if ((flags & Flag.ACK) !== 0 && settings.length > 0) throw new UsageError('SETTINGS with ACK must be empty', SECTION)
  requireEntries(settings)
}

export function putSettings(w: ByteWriter, { settings }: SettingsFrame): void {
  putEntries(w, settings)
}

export function decodeSettings(cursor: FrameCursor): SettingsFrame {
  const { streamId, flags, settingCount } = cursor
  const settings: SettingEntry[] = []
  for (let i = 0; i < settingCount; i++) settings.push([cursor.settingId(i), cursor.settingValue(i)])
  return { kind: 'SETTINGS', streamId, flags, settings }
}

function requireEntries(entries: readonly SettingEntry[]): void {
  requireRange('the number of settings', entries.length, 0, MAX_SETTINGS, 'RFC 9113 §4.2')
  for (const [id, value] of entries) {
    requireRange('the setting identifier', id, 0, 0xffff, 'RFC 9113 §6.5.1')
    requireRange('the setting value', value, 0, 0xffff_ffff, 'RFC 9113 §6.5.1')
  }
}

function putEntries(w: ByteWriter, entries: readonly SettingEntry[]): void {
  for (const [id, value] of entries) {
    w.u16(id)
    w.u32(value)
  }
}
