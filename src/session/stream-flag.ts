/*
 * What holds of a stream, a bit for each: a field for each would be 90 bytes more of every request. The receiving half reads
 * and writes the first five, the sending half the others; `GONE` is of both. Each is a constant of its own, and not a property
 * of one object: a bundle has no use for their names.
 */

/** No `onData` for now. */
export const PAUSED = 1
/** What was received and not read is not owed to the peer any more: its credit went back when the stream closed. */
export const RELEASED = 2
/** The peer has ended its side, and the reader was told so. */
export const INPUT_ENDED = 4
export const END_DELIVERED = 8
export const JOINS_DATA = 16
/** Our side was ended. */
export const OUTPUT_ENDED = 32
/** The queue has reached its mark. */
export const FULL = 64
/** The last call was made. */
export const CLOSED = 128
/** An end brought about by the caller: told in the session's next turn, never from inside his call. */
export const END_UNTOLD = 256
/** The final response has begun, or arrived. */
export const RESPONDED = 512
/** Nothing more passes on the wire. */
export const GONE = 1024
/** The user wants to be told when the session drains. */
export const WATCHES_DRAINING = 2048
