import { latin1Decode } from '../bytes/index.ts'
import { errorCodeName } from '../errors/index.ts'
import type { Frame } from './frame.ts'
import { frameFlags, frameType, payloadLength } from './outline.ts'
import { Flag, FrameType, frameTypeName, settingName } from './registry.ts'

/** How much of a text that the peer chose is shown, in characters. */
const SHOWN = 200

/**
 * One line for people: name, stream, flags, then what matters in this type. Text that the peer chose is quoted, cut
 * after 200 characters, and its control characters are escaped, so that a log or a terminal can take it.
 *
 * @example
 * describeFrame(reader.frame()) // 'HEADERS stream=1 END_STREAM|END_HEADERS length=34'
 */
export function describeFrame(frame: Frame): string {
  const stream = frame.streamId === 0 && !isStreamFrame(frame) ? '' : `stream=${frame.streamId}`
  const parts = [frameTypeName(frameType(frame)), stream, flagNames(frame), ...details(frame)]
  return parts.filter((part) => part !== '').join(' ')
}

/** Stream 0 is told only where it says something: on a type that needs a stream, or may choose. */
function isStreamFrame(frame: Frame): boolean {
  return !['SETTINGS', 'PING', 'GOAWAY', 'ORIGIN', 'PRIORITY_UPDATE'].includes(frame.kind)
}

function details(frame: Frame): string[] {
  switch (frame.kind) {
    case 'DATA':
    case 'CONTINUATION':
    case 'RAW':
      return [lengthOf(frame)]
    case 'HEADERS':
      return [...(frame.priority === undefined ? [] : priorityDetails(frame.priority)), lengthOf(frame)]
    case 'PRIORITY':
      return priorityDetails(frame.priority)
    case 'RST_STREAM':
      return [errorCodeName(frame.errorCode)]
    case 'SETTINGS':
      return frame.settings.map(([id, value]) => `${settingName(id)}=${value}`)
    case 'PUSH_PROMISE':
      return [`promisedStreamId=${frame.promisedStreamId}`, lengthOf(frame)]
    case 'PING':
      return [hex(frame.opaque)]
    case 'GOAWAY': {
      const debugData = frame.debugData.length === 0 ? '' : quote(latin1Decode(frame.debugData))
      return [`lastStreamId=${frame.lastStreamId}`, errorCodeName(frame.errorCode), debugData]
    }
    case 'WINDOW_UPDATE':
      return [`increment=${frame.increment}`]
    case 'ALTSVC':
      return [`origin=${quote(frame.origin)}`, quote(frame.value)]
    case 'ORIGIN':
      return frame.origins.map(quote)
    case 'PRIORITY_UPDATE':
      return [`prioritizedStreamId=${frame.prioritizedStreamId}`, quote(frame.value)]
  }
}

function lengthOf(frame: Frame): string {
  const padding = 'padLength' in frame && frame.padLength !== undefined ? ` padLength=${frame.padLength}` : ''
  return `length=${payloadLength(frame)}${padding}`
}

function priorityDetails(priority: { exclusive: boolean; dependency: number; weight: number }): string[] {
  const exclusive = priority.exclusive ? ['exclusive'] : []
  return [`dependency=${priority.dependency}`, ...exclusive, `weight=${priority.weight}`]
}

/** The flags that a type defines, in the order of their bits. RFC 9113 §6. */
const flagsOfType: Readonly<Record<number, readonly (keyof typeof Flag)[]>> = {
  [FrameType.DATA]: ['END_STREAM', 'PADDED'],
  [FrameType.HEADERS]: ['END_STREAM', 'END_HEADERS', 'PADDED', 'PRIORITY'],
  [FrameType.SETTINGS]: ['ACK'],
  [FrameType.PUSH_PROMISE]: ['END_HEADERS', 'PADDED'],
  [FrameType.PING]: ['ACK'],
  [FrameType.CONTINUATION]: ['END_HEADERS'],
}

function flagNames(frame: Frame): string {
  let rest = frameFlags(frame)
  const names: string[] = []
  for (const name of flagsOfType[frameType(frame)] ?? []) {
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
