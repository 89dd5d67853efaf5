/** What `FrameReader.next()` says. */
export const ReadStatus = {
  /** Everything pushed so far was read. */
  NEED_MORE: 0,
  /** The reader stands on a frame, or on a piece of DATA. */
  FRAME: 1,
  /** The peer broke a rule: see `fault`. */
  FAULT: 2,
} as const
