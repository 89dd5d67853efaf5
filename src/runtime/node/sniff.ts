import type { Socket } from 'node:net'
import { CONNECTION_PREFACE } from '../../frames/index.ts'
import { LONGEST_TIMER } from '../../platform/index.ts'

/**
 * Finds out what a client in clear speaks: the 24 octets of the preface open HTTP/2 (RFC 9113 §3.4), and no request of
 * HTTP/1.1 can begin with them. `decided` is told as soon as the octets tell; they are put back, to be read once more.
 * A client that has not shown its hand `milliseconds` after it connected is dropped, however it trickles.
 */
export function sniff(socket: Socket, milliseconds: number, decided: (isHttp2: boolean) => void): void {
  let seen: Buffer[] = []
  let length = 0
  const forget = () => {
    clearTimeout(timer)
    socket.off('data', read).off('end', give).off('error', give)
  }
  const give = () => {
    forget()
    // a socket that fails once more while it is being destroyed must not end the process
    socket.on('error', () => {})
    socket.destroy()
  }
  const timer = setTimeout(give, Math.min(milliseconds, LONGEST_TIMER)).unref()
  const read = (chunk: Buffer) => {
    const matches = isPrefaceAt(length, chunk)
    seen.push(chunk)
    length += chunk.length
    if (matches && length < CONNECTION_PREFACE.length) return
    forget()
    socket.pause()
    socket.unshift(seen.length === 1 ? chunk : Buffer.concat(seen))
    seen = []
    decided(matches)
    socket.resume()
  }
  socket.on('data', read).on('end', give).on('error', give)
}

/** Whether `chunk`, `offset` octets behind the beginning, could be the preface's, as far as that goes. */
function isPrefaceAt(offset: number, chunk: Buffer): boolean {
  const end = Math.min(chunk.length, CONNECTION_PREFACE.length - offset)
  for (let at = 0; at < end; at++) if (chunk[at] !== CONNECTION_PREFACE[offset + at]) return false
  return true
}
