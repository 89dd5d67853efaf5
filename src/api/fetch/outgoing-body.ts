import type { Tunnel } from '../exchange.ts'

/** One read's outcome. */
export type BodyRead = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

/**
 * Sends what `reader` gives until it ends, then ends the stream. It reads on only while the stream's queue is below its
 * mark, so the peer's windows hold back the producer: RFC 9113 §5.2. `begun` are reads under way already, in order.
 *
 * The chunks belong to the library from then on. Rejects when the producer fails or yields anything but bytes; the
 * caller resets the stream. When the stream goes first, whoever started this cancels the reader, and it just returns.
 */
export async function sendBody(
  stream: Tunnel,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  isGone: () => boolean,
  ...begun: Promise<BodyRead>[]
): Promise<void> {
  for (;;) {
    const result = await (begun.shift() ?? reader.read())
    if (isGone()) return
    if (result.done) break
    const chunk: unknown = result.value
    if (!(chunk instanceof Uint8Array)) {
      const error = new TypeError('a body must yield Uint8Array chunks')
      reader.cancel(error).catch(() => undefined)
      throw error
    }
    if (chunk.length > 0 && !stream.write(chunk)) {
      // A rejection tells of the reset, of which the caller knows by itself.
      await stream.drained().catch(() => undefined)
      if (isGone()) return
    }
  }
  stream.end()
}
