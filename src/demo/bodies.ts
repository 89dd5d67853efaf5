import type { Exchange } from '../api/index.ts'

/** Prime, so that a piece lost, doubled or out of place shifts all that follows. */
const period = 251
const pattern = Uint8Array.from({ length: period * 256 }, (_, i) => i % period)

/**
 * Ends the stream with `count` bytes, byte `i` having the value `i % 251`, as fast as the peer takes them. The pieces are
 * views of one pattern, so that a terabyte costs no more memory than a kilobyte.
 */
export function sendPattern(stream: Exchange, count: number): void {
  let left = count
  const send = () => {
    for (;;) {
      const piece = left < pattern.length ? pattern.subarray(0, left) : pattern
      left -= piece.length
      if (left === 0) {
        stream.onWritable = undefined
        stream.end(piece)
        return
      }
      // Over the mark: the piece is queued all the same, the next one waits.
      if (!stream.write(piece)) return
    }
  }
  stream.onWritable = send
  send()
}

/**
 * Sends back what comes, as it comes. While the peer does not take it, it is not read either, so its own window closes:
 * RFC 9113 §5.2 gives the credit of both directions, this joins them.
 */
export function sendBack(stream: Exchange): void {
  stream.onWritable = () => stream.resume()
  stream.onData = (data, endStream) => {
    // `data` is lent for this call only, and what is written belongs to the library: hence the copy.
    if (endStream) {
      if (data.length > 0) stream.end(data.slice())
      else stream.end()
    } else if (!stream.write(data.slice())) stream.pause()
  }
}

/** Takes and drops what comes: a body nobody wants must not hold the connection's window. */
export function drop(stream: Exchange): void {
  if (stream.inputEnded) return
  stream.onData = dropped
}

function dropped(): void {}
