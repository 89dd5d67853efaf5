import type { Tunnel } from '../exchange.ts'
import { addResetListener, BodySource, readableBody } from '../fetch/body-source.ts'

/** A tunnel as a pair of Web Streams. */
export interface TunnelStreams {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/**
 * The two directions of a tunnel as Web Streams, each of which ends by itself: END_STREAM closes `readable`, and closing
 * `writable` sends one. Credit follows what is read (RFC 9113 §5.2), and a write waits until there is room.
 *
 * HTTP/2 has no reset of one direction. So `writable.abort()` resets the tunnel, with CANCEL, and `readable.cancel()` does
 * when our own side has ended; before that, what still comes is dropped, and writing goes on. A reset of the peer's fails
 * both streams with the StreamError. The tunnel's `onData`, `onWritable` and `onReset` are taken from here on.
 *
 * @example
 * const { readable, writable } = tunnelStreams(await session.connect({ protocol: 'connect-udp', path: '/masque' }))
 * await readable.pipeTo(destination)
 */
export function tunnelStreams(tunnel: Tunnel): TunnelStreams {
  const body = new BodySource(tunnel, {
    onCancel: () => {
      if (tunnel.outputEnded && !tunnel.inputEnded) tunnel.reset()
    },
  })
  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      addResetListener(tunnel, (error) => {
        body.fail(error)
        controller.error(error)
      })
      if (tunnel.signal.aborted) controller.error(tunnel.signal.reason)
    },
    write(bytes) {
      // The writer may use its buffer again as soon as this resolves, which is before the bytes have left.
      return tunnel.write(bytes.slice()) ? undefined : tunnel.drained()
    },
    close: () => tunnel.end(),
    abort: () => tunnel.reset(),
  })
  const readable = readableBody(body)
  if (tunnel.signal.aborted) body.fail(tunnel.signal.reason)
  return { readable, writable }
}
