/**
 * Moves bytes over one connection and prints how long it took: down or up, on one stream or several, or over plain TCP with
 * the same reader. Nothing is kept, nothing is copied here.
 */
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { DATA, fail, frameHeader, MAX_FRAME, plainFields, RawHttp2 } from '../raw-http2.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    /** No HTTP: a line that says what to do, then bytes. */
    plain: { type: 'boolean', default: false },
    upload: { type: 'boolean', default: false },
    streams: { type: 'string', default: '1' },
    /** Of all streams together. */
    bytes: { type: 'string', default: String(2 ** 30) },
  },
})
const port = Number(values.port)
const streams = Number(values.streams)
const each = Math.floor(Number(values.bytes) / streams)
const total = each * streams
let start = 0
let received = 0

function report(): void {
  console.log(JSON.stringify({ count: total, seconds: (performance.now() - start) / 1000 }))
  process.exit(0)
}

const block = Buffer.alloc(MAX_FRAME, 'x')

function plain(): void {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
    start = performance.now()
    socket.write(`${values.upload ? 'up' : 'down'} ${total}\n`)
    if (values.upload) pump()
  })
  // as much in one write as an HTTP/2 client has in one turn
  const large = Buffer.alloc(2 ** 18, 'x')
  let left = total
  const pump = (): void => {
    while (left > 0) {
      const piece = large.subarray(0, left)
      left -= piece.length
      if (!socket.write(piece)) return
    }
  }
  socket.on('drain', pump)
  socket.on('error', (error) => fail(error.message))
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (values.upload || received >= total) report()
  })
}

function http2(): void {
  const left = new Map<number, number>()
  /** A whole frame of each stream: made anew each time they were a fifth of the load's time, where a plain socket has none. */
  const frames = new Map<number, Buffer>()
  let ended = 0
  const raw = new RawHttp2(port, {
    ready: () => {
      start = performance.now()
      const path = values.upload ? '/upload' : `/download/${each}`
      const method = values.upload ? 'POST' : 'GET'
      const fields = plainFields({ ':method': method, ':scheme': 'http', ':path': path, ':authority': 'localhost' })
      for (let i = 0; i < streams; i++) {
        const id = raw.open(fields, !values.upload)
        left.set(id, values.upload ? each : 0)
        frames.set(id, Buffer.concat([frameHeader(MAX_FRAME, DATA, 0, id), block]))
      }
    },
    answered: () => {},
    data: (_id, _bytes, from, to) => {
      received += to - from
    },
    ended: () => {
      if (++ended < streams) return
      if (!values.upload && received !== total) fail(`${received} of ${total} bytes came`)
      report()
    },
    turn: () => send(),
  })
  raw.socket.on('drain', () => send())
  let sending = false
  function send(): void {
    // from `turn`, from `drain` and from the loop below: one of them at a time
    if (sending || raw.socket.writableNeedDrain) return
    sending = true
    for (let moved = true; moved; ) {
      moved = false
      for (let turn = 0; turn < 16; turn++) {
        for (const [id, rest] of left) {
          const room = Math.min(raw.room(id), rest)
          if (room === 0) continue
          if (room === MAX_FRAME && room < rest) raw.sendFrame(id, frames.get(id)!)
          else raw.send(id, block.subarray(0, room), room === rest)
          left.set(id, rest - room)
          moved = true
        }
      }
      if (raw.flush()) break
    }
    sending = false
  }
}

if (values.plain) plain()
else http2()
