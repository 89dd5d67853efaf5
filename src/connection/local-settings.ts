import { requireInteger, UsageError } from '../errors/index.ts'
import { Setting, settingName } from '../frames/index.ts'
import { windowSize } from './flow-control.ts'
import type { Role } from './options.ts'
import type { SettingEntry } from './settings.ts'

/** What we hold the peer to now: of values that it may go by at this moment the largest. RFC 9113 §6.5.2, §6.5.3. */
export interface LocalSettings {
  /** The most that the peer's HPACK encoder may use, in octets. RFC 9113 §4.3.1. */
  readonly headerTableSize: number
  /** Client: the server may push. RFC 9113 §8.4. */
  readonly enablePush: boolean
  /** Streams that the peer may have open at once. RFC 9113 §5.1.2. */
  readonly maxConcurrentStreams: number
  /** What the peer may send on a new stream before it gets credit, in bytes. RFC 9113 §6.9.2. */
  readonly initialWindowSize: number
  /** The largest frame taken, in bytes. RFC 9113 §4.2. */
  readonly maxFrameSize: number
  /** The largest field section taken, each line counted as name + value + 32. RFC 9113 §10.5.1. */
  readonly maxHeaderListSize: number
  /** Server: requests with `:protocol` are taken. RFC 8441 §3. */
  readonly enableConnectProtocol: boolean
}

export type MutableLocalSettings = { -readonly [K in keyof LocalSettings]: LocalSettings[K] }

/** Settings of ours to change on a running connection; what is absent stays. The ranges are those of RFC 9113 §6.5.2. */
export interface SettingsUpdate {
  readonly headerTableSize?: number | undefined
  /** Client only. RFC 9113 §8.4. */
  readonly enablePush?: boolean | undefined
  readonly maxConcurrentStreams?: number | undefined
  /** From 1: a window of 0 would let nothing in for good. */
  readonly initialWindowSize?: number | undefined
  readonly maxFrameSize?: number | undefined
  /** At most `limits.maxFieldSectionSize`, which the decoder was made for. */
  readonly maxHeaderListSize?: number | undefined
  /** Server only, and never false once it was true. RFC 8441 §3. */
  readonly enableConnectProtocol?: boolean | undefined
  /** Settings of extensions: identifiers that have no name of their own here. RFC 9113 §5.5. */
  readonly extensions?: readonly SettingEntry[] | undefined
}

/** RFC 9113 §6.5.3: values of ours, those that the peer has acknowledged and those that are on their way to it. */
export class OwnSettings {
  readonly #acknowledged: Map<number, number>
  /** One list for each SETTINGS frame not acknowledged, the oldest first. */
  readonly #sent: (readonly SettingEntry[])[] = []

  constructor(initial: readonly SettingEntry[]) {
    this.#acknowledged = new Map(initial)
  }

  /** How many of our SETTINGS the peer has not acknowledged. */
  get outstanding(): number {
    return this.#sent.length
  }

  send(settings: readonly SettingEntry[]): void {
    this.#sent.push(settings)
  }

  /** An acknowledgement is for the oldest SETTINGS: answers what is now known to be in force at the peer. */
  acknowledge(): readonly SettingEntry[] {
    const settings = this.#sent.shift() ?? []
    for (const [id, value] of settings) this.#acknowledged.set(id, value)
    return settings
  }

  /** The value that we said last. */
  latest(id: number): number {
    let value = this.#acknowledged.get(id) ?? 0
    for (const settings of this.#sent) for (const [sent, next] of settings) if (sent === id) value = next
    return value
  }

  /**
   * The largest value that the peer may go by. A larger one holds from when it is sent; a smaller one only once it is
   * acknowledged, since until then the peer may not have seen it.
   */
  allowance(id: number): number {
    let value = this.#acknowledged.get(id) ?? 0
    for (const settings of this.#sent)
      for (const [sent, next] of settings) if (sent === id) value = Math.max(value, next)
    return value
  }
}

/** Settings that others follow from, or that an extension has named. RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1. */
export function requireExtension(id: number): void {
  if (!Object.values<number>(Setting).includes(id)) return
  throw new UsageError(`${settingName(id)} has an option of its own`, 'RFC 9113 §6.5.2')
}

const inRange = (name: string, value: number, least: number, most: number): number => {
  return requireInteger(name, value, least, most, 'RFC 9113 §6.5.2')
}

/**
 * The entries of an update, in the order of their identifiers, extensions last.
 *
 * @throws UsageError for a value out of its range, or a setting that our role does not send
 */
export function entriesOf(update: SettingsUpdate, role: Role, maxFieldSectionSize: number): SettingEntry[] {
  const { headerTableSize, enablePush, maxConcurrentStreams, enableConnectProtocol } = update
  const { initialWindowSize, maxFrameSize, maxHeaderListSize } = update
  const entries: SettingEntry[] = []
  const add = (id: number, value: number): void => void entries.push([id, value])
  if (headerTableSize !== undefined) {
    add(Setting.HEADER_TABLE_SIZE, inRange('headerTableSize', headerTableSize, 0, 0xffff_ffff))
  }
  if (enablePush !== undefined) {
    // A server can only say 0, and has no need to. RFC 9113 §6.5.2
    if (role === 'server') throw new UsageError('a server does not send ENABLE_PUSH', 'RFC 9113 §6.5.2')
    add(Setting.ENABLE_PUSH, enablePush ? 1 : 0)
  }
  if (maxConcurrentStreams !== undefined) {
    add(Setting.MAX_CONCURRENT_STREAMS, inRange('maxConcurrentStreams', maxConcurrentStreams, 0, 0xffff_ffff))
  }
  if (initialWindowSize !== undefined) {
    add(Setting.INITIAL_WINDOW_SIZE, windowSize('initialWindowSize', initialWindowSize))
  }
  if (maxFrameSize !== undefined) {
    add(Setting.MAX_FRAME_SIZE, inRange('maxFrameSize', maxFrameSize, 16_384, 16_777_215))
  }
  if (maxHeaderListSize !== undefined) {
    add(Setting.MAX_HEADER_LIST_SIZE, inRange('maxHeaderListSize', maxHeaderListSize, 0, maxFieldSectionSize))
  }
  if (enableConnectProtocol !== undefined) {
    if (role === 'client') throw new UsageError('a client does not send ENABLE_CONNECT_PROTOCOL', 'RFC 8441 §3')
    add(Setting.ENABLE_CONNECT_PROTOCOL, enableConnectProtocol ? 1 : 0)
  }
  for (const [id, value] of update.extensions ?? []) {
    requireExtension(id)
    inRange('a setting’s identifier', id, 0, 0xffff)
    add(id, inRange('a setting’s value', value, 0, 0xffff_ffff))
  }
  return entries
}
