import { latin1Decode } from '../bytes/index.ts'
import { errorCodeName } from '../errors/index.ts'
import { partsOf } from './fields-of-kind.ts'
import type { Frame, Priority, SettingEntry } from './frame.ts'
import { frameTypeName, layoutOf } from './layout.ts'
import { frameFlags, frameType, payloadLength } from './outline.ts'
import { Flag, settingName } from './registry.ts'

/** How much of a text that the peer chose is shown, in characters. */
const SHOWN = 200

/**
 * One line for people: name, stream, flags, then what matters in this type. Text that the peer chose is quoted, cut
 * after 200 characters, and its control characters are escaped, so that a log or a terminal can take it.
 *
 * @example
 * describeFrame(decodeFrame(reader)) // 'HEADERS stream=1 END_STREAM|END_HEADERS length=34'
 */
export function describeFrame(frame: Frame): string {
  const type = frameType(frame)
  // Stream 0 is told only where it says something: on a type that needs a stream, or may choose.
  const stream = frame.streamId === 0 && layoutOf(type)?.onStream === false ? '' : `stream=${frame.streamId}`
  const parts = [frameTypeName(type), stream, flagNames(frame.kind, frameFlags(frame)), ...details(frame)]
  return parts.filter((part) => part !== '').join(' ')
}

function details(frame: Frame): string[] {
  return partsOf(frame).map(([{ name }, value]) => shown[name]?.(value as never, frame) ?? `${name}=${value}`)
}

/** Fields that are not just shown by name and value. */
const shown: Readonly<Record<string, (value: never, frame: Frame) => string>> = {
  data: (_, frame) => lengthOf(frame),
  fragment: (_, frame) => lengthOf(frame),
  payload: (_, frame) => lengthOf(frame),
  padLength: () => '',
  priority: ({ exclusive, dependency, weight }: Priority) =>
    `dependency=${dependency}${exclusive ? ' exclusive' : ''} weight=${weight}`,
  errorCode: errorCodeName,
  settings: (settings: readonly SettingEntry[]) =>
    settings.map(([id, value]) => `${settingName(id)}=${value}`).join(' '),
  opaque: hex,
  debugData: (debugData: Uint8Array) => (debugData.length === 0 ? '' : quote(latin1Decode(debugData))),
  origin: (origin: string) => `origin=${quote(origin)}`,
  origins: (origins: readonly string[]) => origins.map(quote).join(' '),
  value: quote,
}

function lengthOf(frame: Frame): string {
  const padding = 'padLength' in frame && frame.padLength !== undefined ? ` padLength=${frame.padLength}` : ''
  return `length=${payloadLength(frame)}${padding}`
}

/** The flags that a type defines, in the order of their bits. RFC 9113 §6. */
const flagsOfKind: { readonly [Kind in Frame['kind']]?: readonly (keyof typeof Flag)[] } = {
  DATA: ['END_STREAM', 'PADDED'],
  HEADERS: ['END_STREAM', 'END_HEADERS', 'PADDED', 'PRIORITY'],
  SETTINGS: ['ACK'],
  PUSH_PROMISE: ['END_HEADERS', 'PADDED'],
  PING: ['ACK'],
  CONTINUATION: ['END_HEADERS'],
}

function flagNames(kind: Frame['kind'], flags: number): string {
  let rest = flags
  const names: string[] = []
  for (const name of flagsOfKind[kind] ?? []) {
    if ((rest & Flag[name]) !== 0) names.push(name)
    rest &= ~Flag[name]
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`)
  return names.join('|')
}

function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, SHOWN)).replace(/[\x7f-\x9f]/g, (c) => `\\u00${hexOctet(c.charCodeAt(0))}`)
  return text.length > SHOWN ? `${shown}...` : shown
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, SHOWN), hexOctet).join('')
}

function hexOctet(octet: number): string {
  return octet.toString(16).padStart(2, '0')
}
