import { ConnectionError, ErrorCode } from '../errors/index.ts'
import { Setting } from '../frames/index.ts'
import { DEFAULT_WINDOW, MAX_WINDOW } from './flow-control.ts'
import type { Role } from './options.ts'

export type SettingEntry = readonly [id: number, value: number]

/** What the peer asked of us, each value as in force now. Before its SETTINGS these are the defaults of RFC 9113 §6.5.2. */
export interface PeerSettings {
  /** True once the peer's first SETTINGS arrived. */
  readonly received: boolean
  readonly headerTableSize: number
  readonly enablePush: boolean
  /** Infinity when the peer did not say. */
  readonly maxConcurrentStreams: number
  readonly initialWindowSize: number
  readonly maxFrameSize: number
  readonly maxHeaderListSize: number
  /** The peer understands extended CONNECT. RFC 8441 §3. Always false in the server role: a client has nothing to say there. */
  readonly enableConnectProtocol: boolean
  readonly noRfc7540Priorities: boolean
}

export type MutablePeerSettings = { -readonly [K in keyof PeerSettings]: PeerSettings[K] }

export function initialPeerSettings(): MutablePeerSettings {
  return {
    received: false,
    headerTableSize: 4096,
    enablePush: true,
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowSize: DEFAULT_WINDOW,
    maxFrameSize: 16_384,
    maxHeaderListSize: Number.POSITIVE_INFINITY,
    enableConnectProtocol: false,
    noRfc7540Priorities: false,
  }
}

const fault = (code: number, reason: string, section: string): ConnectionError =>
  new ConnectionError(code, reason, section)

/** Puts one setting of the peer in force, or says why its value breaks a rule. `role` is ours. */
export function applySetting(
  settings: MutablePeerSettings,
  id: number,
  value: number,
  role: Role,
): ConnectionError | undefined {
  switch (id) {
    case Setting.HEADER_TABLE_SIZE:
      settings.headerTableSize = value
      return undefined
    case Setting.ENABLE_PUSH:
      return applyEnablePush(settings, value, role)
    case Setting.MAX_CONCURRENT_STREAMS:
      settings.maxConcurrentStreams = value
      return undefined
    case Setting.INITIAL_WINDOW_SIZE:
      if (value > MAX_WINDOW) {
        return fault(ErrorCode.FLOW_CONTROL_ERROR, `INITIAL_WINDOW_SIZE ${value} is above 2^31-1`, 'RFC 9113 §6.5.2')
      }
      settings.initialWindowSize = value
      return undefined
    case Setting.MAX_FRAME_SIZE:
      if (value < 16_384 || value > 16_777_215) {
        return fault(ErrorCode.PROTOCOL_ERROR, `MAX_FRAME_SIZE ${value} is out of range`, 'RFC 9113 §6.5.2')
      }
      settings.maxFrameSize = value
      return undefined
    case Setting.MAX_HEADER_LIST_SIZE:
      settings.maxHeaderListSize = value
      return undefined
    case Setting.ENABLE_CONNECT_PROTOCOL:
      return applyEnableConnectProtocol(settings, value, role)
    case Setting.NO_RFC7540_PRIORITIES:
      if (value > 1) {
        return fault(ErrorCode.PROTOCOL_ERROR, `NO_RFC7540_PRIORITIES ${value} is neither 0 nor 1`, 'RFC 9218 §2.1')
      }
      settings.noRfc7540Priorities = value === 1
      return undefined
    default:
      return undefined // RFC 9113 §6.5.2: a setting that is not understood is ignored
  }
}

function applyEnablePush(settings: MutablePeerSettings, value: number, role: Role): ConnectionError | undefined {
  // A server can only say 0. RFC 9113 §6.5.2
  if (value > (role === 'client' ? 0 : 1)) {
    return fault(ErrorCode.PROTOCOL_ERROR, `ENABLE_PUSH ${value} from a ${peerOf(role)}`, 'RFC 9113 §6.5.2')
  }
  settings.enablePush = value === 1
  return undefined
}

function applyEnableConnectProtocol(
  settings: MutablePeerSettings,
  value: number,
  role: Role,
): ConnectionError | undefined {
  // RFC 8441 §3 speaks of what a server sends; some clients send it as well, and mean nothing by it.
  if (role === 'server') return undefined
  if (value > 1) {
    return fault(ErrorCode.PROTOCOL_ERROR, `ENABLE_CONNECT_PROTOCOL ${value} is neither 0 nor 1`, 'RFC 8441 §3')
  }
  if (value === 0 && settings.enableConnectProtocol) {
    return fault(ErrorCode.PROTOCOL_ERROR, 'ENABLE_CONNECT_PROTOCOL goes from 1 back to 0', 'RFC 8441 §3')
  }
  settings.enableConnectProtocol = value === 1
  return undefined
}

function peerOf(role: Role): Role {
  return role === 'client' ? 'server' : 'client'
}
