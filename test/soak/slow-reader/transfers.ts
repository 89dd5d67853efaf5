import {
  type ClientSession,
  type ClientStream,
  type FieldInput,
  openWebSocket,
  type WebSocket,
} from '../../../src/runtime/node/index.ts'
import { Pacer } from './pacer.ts'

const ORIGIN = 'http://localhost'
const PIECE = new Uint8Array(65_536)
/** What a WebSocket that is written to may have waiting: `bufferedAmount` is its only word of it. */
export const BUFFERED = 2 ** 20

/** One long transfer between this process and the server. */
export interface Transfer {
  /** Which side reads slowly. */
  readonly reader: 'client' | 'server'
  /** Bytes that the client has written or read. */
  readonly moved: number
  /** For a client that reads. */
  setRate(rate: number): void
  readonly done: Promise<void>
  cancel(): void
}

const request = (method: string, path: string, more: readonly FieldInput[] = []): FieldInput[] => [
  { name: ':method', value: method },
  { name: ':scheme', value: 'http' },
  { name: ':authority', value: 'localhost' },
  { name: ':path', value: path },
  ...more,
]
const tunnel: readonly FieldInput[] = [
  { name: ':protocol', value: 'websocket' },
  { name: 'sec-websocket-version', value: '13' },
]

export type Kind = 'download' | 'upload' | 'WebSocket down' | 'WebSocket up'
export const kinds: readonly Kind[] = ['download', 'upload', 'WebSocket down', 'WebSocket up']

export async function begin(kind: Kind, session: ClientSession, total: number, rate: number): Promise<Transfer> {
  switch (kind) {
    case 'download':
      return download(await session.request(request('GET', `/down/${total}`), { endStream: true }), rate)
    case 'WebSocket down':
      // Read as bytes: the class hands messages over as they come, and has no way to say stop.
      return download(await session.request(request('CONNECT', `/ws-down/${total}`, tunnel)), rate, total)
    case 'upload':
      return upload(await session.request(request('POST', '/up')), total)
    case 'WebSocket up':
      return socketUpload(await openWebSocket(session, ORIGIN, '/ws-up'), total)
  }
}

/** A tunnel has no end of its own: when `total` bytes have come, it is ended from here. */
function download(stream: ClientStream, rate: number, total = Number.POSITIVE_INFINITY): Transfer {
  const pacer = new Pacer(stream, rate, (read) => {
    if (read >= total) stream.end()
  })
  const done = new Promise<void>((resolve) => {
    stream.onClose = () => {
      pacer.stop()
      resolve()
    }
  })
  return {
    reader: 'client',
    get moved() {
      return pacer.read
    },
    setRate: (to) => {
      pacer.rate = to
    },
    done,
    cancel: () => {
      pacer.stop()
      stream.reset()
    },
  }
}

function upload(stream: ClientStream, total: number): Transfer {
  let left = total
  const send = (): void => {
    while (left > 0 && stream.writable) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length))
      left -= piece.length
      if (left === 0) stream.end(piece)
      else stream.write(piece)
    }
  }
  stream.onWritable = send
  stream.onData = () => {}
  const done = new Promise<void>((resolve) => {
    stream.onClose = resolve
  })
  send()
  return {
    reader: 'server',
    get moved() {
      return total - left
    },
    setRate: () => {},
    done,
    cancel: () => stream.reset(),
  }
}

function socketUpload(socket: WebSocket, total: number): Transfer {
  let left = total
  const send = (): void => {
    for (; left > 0 && socket.bufferedAmount < BUFFERED; left -= PIECE.length) socket.send(PIECE)
    if (left <= 0) clearInterval(timer)
    if (left <= 0) socket.close(1000)
  }
  const timer = setInterval(send, 1)
  const done = new Promise<void>((resolve) => {
    socket.onclose = () => resolve()
  })
  return {
    reader: 'server',
    get moved() {
      return total - left
    },
    setRate: () => {},
    done,
    cancel: () => {
      clearInterval(timer)
      socket.close()
    },
  }
}
