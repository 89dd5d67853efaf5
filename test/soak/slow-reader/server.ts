// The other end of the slow readers. Commands on standard input: `rate N` for what is read here, `look` for a line of JSON.
import { createInterface } from 'node:readline'
import { type Exchange, type HandledWebSocket, serve, webSocket } from '../../../src/runtime/node/index.ts'
import { bytesInUse } from '../heap.ts'
import { Pacer } from './pacer.ts'

const PIECE = new Uint8Array(65_536)
const ok = [{ name: ':status', value: '200' }]
const page = new Uint8Array(16_384)
let rate = Number.POSITIVE_INFINITY
let written = 0
let pacer: Pacer | undefined

/** Writes as long as there is room. */
function download(stream: Exchange, total: number): void {
  let left = total
  const send = (): void => {
    while (left > 0) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length))
      left -= piece.length
      written += piece.length
      if (left === 0) stream.end(piece)
      else if (!stream.write(piece)) return
    }
  }
  stream.onWritable = send
  stream.respond(ok)
  send()
}

function upload(stream: Exchange): void {
  stream.respond(ok)
  pacer = new Pacer(stream, rate, (_read, endStream) => {
    if (endStream) stream.end()
  })
}

function onStream(stream: Exchange): boolean {
  const of = (name: string): string => stream.fields.find((field) => field.name === name)?.value ?? ''
  const path = of(':path')
  if (path === '/ws-up') upload(stream)
  else if (of(':method') === 'CONNECT') return false
  else if (path === '/up') upload(stream)
  else if (path.startsWith('/down/')) download(stream, Number(path.slice(6)))
  else {
    stream.respond(ok)
    stream.end(page)
  }
  return true
}

/** Messages for as long as there is room: the path says for how many bytes. */
function send(socket: HandledWebSocket): void {
  while ((socket.data as number) > 0) {
    socket.data = (socket.data as number) - PIECE.length
    written += PIECE.length
    if (!socket.send(PIECE)) return
  }
  socket.close(1000)
}

const server = await serve({
  host: '127.0.0.1',
  onStream,
  connect: {
    websocket: webSocket({
      open: (socket, request) => {
        socket.data = Number(new URL(request.url).pathname.slice('/ws-down/'.length))
        send(socket)
      },
      drain: send,
    }),
  },
})
createInterface({ input: process.stdin }).on('line', (command) => {
  if (command.startsWith('rate ')) {
    rate = Number(command.slice(5))
    if (pacer !== undefined) pacer.rate = rate
  } else {
    console.log(JSON.stringify({ heap: bytesInUse(), written, read: pacer?.read ?? 0 }))
  }
})
process.stdin.on('end', () => process.exit(0))
console.log(`server on ${server.url}`)
