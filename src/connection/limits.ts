import { UsageError } from '../errors/index.ts'

/**
 * What a peer may cost us, one number for each way in which others were brought down. All have safe defaults;
 * `docs/security.md` says what each stops. Times are in milliseconds, sizes in bytes.
 */
export interface Limits {
  /** Streams the peer may have open at once: SETTINGS_MAX_CONCURRENT_STREAMS. RFC 9113 §5.1.2. */
  readonly maxConcurrentStreams: number
  /** Client: streams that the server has promised and not begun to answer; they do not count above. RFC 9113 §5.1.2. */
  readonly maxReservedStreams: number
  /** A decoded field section, each line counted as name + value + 32: SETTINGS_MAX_HEADER_LIST_SIZE. RFC 9113 §6.5.2. */
  readonly maxFieldSectionSize: number
  /** Field lines in one section, cookie crumbs aside. */
  readonly maxFieldCount: number
  /** `cookie` lines in one section. */
  readonly maxCookieCrumbs: number
  /** Sections beyond the three limits above, each costing its stream: a burst, and how many are forgiven a second. */
  readonly overflowBurst: number
  readonly overflowsPerSecond: number
  /** The header sections of all streams the peer has open, counted as above. RFC 9113 §10.5.1. */
  readonly maxRetainedFieldSize: number
  /** CONTINUATION frames in one field block. RFC 9113 §10.5.1. */
  readonly maxContinuations: number
  /** Settings in one SETTINGS frame. */
  readonly maxSettings: number
  /**
   * How far the receive windows grow with the path, RFC 9113 §6.9: one stream's, and the connection's. The latter bounds
   * what the peer can make us hold of unread data.
   */
  readonly maxStreamWindow: number
  readonly maxConnectionWindow: number
  /**
   * Streams that the peer opened and reset, and all that were reset because of it: a burst, and how many are forgiven a
   * second. Each stream that ends regularly forgives one more, so that who cancels less than it completes is never cut off.
   */
  readonly resetBurst: number
  readonly resetsPerSecond: number
  /** Handlers still at work for streams that were reset; beyond it new requests are refused. */
  readonly maxUnfinishedHandlers: number
  /**
   * Frames that cost us work and bring nothing (PING, SETTINGS, PRIORITY, unknown, empty DATA, credit beyond what DATA
   * sent can use, …): burst and refill a second, and one more for each stream that ends regularly.
   */
  readonly glitchBurst: number
  readonly glitchesPerSecond: number
  /** Bytes of control frames waiting because the peer does not read. */
  readonly maxQueuedControlBytes: number
  /** From the start until the peer's preface and first SETTINGS are complete. RFC 9113 §3.4. */
  readonly prefaceTimeout: number
  /** From our SETTINGS until its acknowledgement. RFC 9113 §6.5.3. */
  readonly settingsTimeout: number
  /** From a HEADERS frame until its block is complete. */
  readonly fieldBlockTimeout: number
  /** Server: a connection without streams is ended gracefully. RFC 9113 §9.1. */
  readonly idleTimeout: number
  /** Output waits and the transport takes none of it. */
  readonly writeStallTimeout: number
  /** A stream's data wait and the peer's windows let next to nothing through. RFC 9113 §10.5. */
  readonly streamStallTimeout: number
  /** The same for a tunnel, whose reader may have every reason to pause; a download has none. */
  readonly tunnelStallTimeout: number
  /** How long a graceful shutdown waits for the answer to its PING before it names the last stream. RFC 9113 §6.8. */
  readonly drainPingTimeout: number
}

export const defaultLimits: Limits = {
  maxConcurrentStreams: 100,
  maxReservedStreams: 100,
  maxFieldSectionSize: 65_536,
  maxFieldCount: 128,
  maxCookieCrumbs: 150,
  overflowBurst: 8,
  overflowsPerSecond: 1,
  maxRetainedFieldSize: 2_097_152,
  maxContinuations: 8,
  maxSettings: 32,
  maxStreamWindow: 6_291_456,
  maxConnectionWindow: 16_777_216,
  resetBurst: 1000,
  resetsPerSecond: 33,
  maxUnfinishedHandlers: 100,
  glitchBurst: 10_000,
  glitchesPerSecond: 330,
  maxQueuedControlBytes: 131_072,
  prefaceTimeout: 10_000,
  settingsTimeout: 10_000,
  fieldBlockTimeout: 10_000,
  idleTimeout: 120_000,
  writeStallTimeout: 30_000,
  streamStallTimeout: 60_000,
  tunnelStallTimeout: 600_000,
  drainPingTimeout: 2_000,
}

/**
 * The defaults with what the caller gave; undefined leaves the default, since a limit must never vanish unsaid. Infinity
 * switches one off.
 *
 * @throws UsageError for a limit that is not a number from 0 up
 */
export function resolveLimits(given: Partial<Limits> | undefined): Limits {
  const limits: { -readonly [K in keyof Limits]: number } = { ...defaultLimits }
  for (const name of Object.keys(defaultLimits) as (keyof Limits)[]) {
    const value = given?.[name]
    if (value === undefined) continue
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new UsageError(`the limit ${name} must be a number from 0 up, not ${value}`, 'RFC 9113 §10.5')
    }
    limits[name] = value
  }
  return limits
}
