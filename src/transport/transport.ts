/**
 * What a transport tells. Calls come one at a time and never from inside `start`. They may come from inside `write`,
 * where a stream pair hands bytes over synchronously; the receiver must bear that.
 */
export interface TransportReceiver {
  /** Bytes arrived. The chunk is handed over: the receiver may keep or overwrite it. Never empty. */
  data(chunk: Uint8Array): void
  /** The peer sends no more (FIN). Ours may go on. */
  end(): void
  /** After `write` returned false: there is room again. */
  drained(): void
  /** The last call, exactly once. `error` is what broke the transport, absent after a regular end or our `abort`. */
  closed(error: Error | undefined): void
}

/**
 * A duplex of bytes under one HTTP/2 connection: a socket, a pipe, a pair of streams, a tunnel.
 *
 * @example
 * const [near, far] = memoryPair()
 * far.start(receiver)
 * near.start(otherReceiver)
 * near.write([new Uint8Array([1, 2, 3])])
 */
export interface ByteTransport {
  /** Begins to deliver; called once, before anything else. Nothing is delivered inside the call. */
  start(receiver: TransportReceiver): void
  /**
   * Sends all chunks in order, as one vectored write. They belong to the transport until written, and nobody changes
   * them. False: hold back until `drained`; what was given is sent all the same. After `end` or `abort` it is ignored.
   *
   * `yielding`: small messages share the connection with what is written, so that a transport which may be read only
   * between writes answers false, and says `drained` when it has been. One that has no such turns ignores it.
   */
  write(chunks: readonly Uint8Array[], yielding?: boolean): boolean
  /** Ends our side once everything is written (FIN). */
  end(): void
  /** Drops everything now, both ways; `closed` follows. */
  abort(): void
  /** Stops reading, so that the peer's writes back up, until `resume`. */
  pause(): void
  resume(): void
}
