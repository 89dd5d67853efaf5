/**
 * A gigabyte through a WebSocket whose reader pauses, again and again: `npm run soak:paused-reader`. Down and up, over HTTP/2 and
 * over HTTP/1.1; the server is a process of its own. One end reads as a stream of messages and stops asking for more; then the
 * writer stands still too, and what waits is bounded at both ends. Every message comes once, in order.
 */
import { parseArgs } from 'node:util'
import { defaultLimits, type NodeDialOptions, WebSocketStream } from '../../../src/runtime/node/index.ts'
import { forgetPeak, memory, startProgram } from '../../attacks/processes.ts'
import { bytesInUse, mebibytes } from '../heap.ts'
import { Gate, Numbered, PIECE } from './pieces.ts'

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '1000000000' },
    pauses: { type: 'string', default: '10' },
    /** Of each pause, in milliseconds. */
    pause: { type: 'string', default: '1000' },
  },
})
const total = Math.ceil(Number(values.bytes) / PIECE) * PIECE
const pauses = Number(values.pauses)
const MIB = 2 ** 20
/** The stream's window; either end's write buffer; the collector's room, as in the soak of slow readers. */
const BOUND = defaultLimits.maxStreamWindow + 2 * 65_536 + 8 * MIB
/** At its peak a process also has messages that were read and not collected yet: V8 begins when 64 MiB beside its heap are new. */
const GARBAGE = 64 * MIB

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
const faults: string[] = []
const program = startProgram(['scripts/run.js', 'test/soak/web-sockets/gigabyte-server.ts'])
const [, port = ''] = await program.line(/ on http:\/\/localhost:(\d+)/)
const tell = (command: string): void => void program.child.stdin?.write(`${command}\n`)
async function look(): Promise<{ heap: number; written: number; read: number }> {
  const answer = program.line(/^\{.*\}$/)
  tell('look')
  return JSON.parse((await answer)[0])
}

/** One transfer, seen from here: how far either end has come since it began. */
interface Transfer {
  written(): Promise<number>
  read(): Promise<number>
  hold(): void
  letGo(): void
  readonly done: Promise<unknown>
}

async function down(options: NodeDialOptions, bytes: number): Promise<Transfer> {
  const base = (await look()).written
  const socket = new WebSocketStream(`ws://127.0.0.1:${port}/down?bytes=${bytes}`, options)
  await socket.opened
  const gate = new Gate()
  let read = 0
  const work = async (): Promise<void> => {
    const numbers = new Numbered()
    for await (const message of socket) {
      await gate.passed
      numbers.take(message)
      read += message.length
    }
    await socket.closed
  }
  return {
    written: async () => (await look()).written - base,
    read: async () => read,
    hold: () => gate.close(),
    letGo: () => gate.open(),
    done: work(),
  }
}

async function up(options: NodeDialOptions, bytes: number): Promise<Transfer> {
  const base = (await look()).read
  const socket = new WebSocketStream(`ws://127.0.0.1:${port}/up`, options)
  const writer = (await socket.opened).writable.getWriter()
  let written = 0
  const work = async (): Promise<void> => {
    for (let n = 0; written < bytes; n++) {
      await writer.write(Numbered.make(n))
      written += PIECE
    }
    socket.close({ closeCode: 1000 })
    // The server's Close is behind all that it has read.
    for await (const _ of socket);
    await socket.closed
  }
  return {
    written: async () => written,
    read: async () => (await look()).read - base,
    hold: () => tell('pause'),
    letGo: () => tell('resume'),
    done: work(),
  }
}

async function run(name: string, begin: typeof down, options: NodeDialOptions): Promise<void> {
  // Compiled code and the collector's own room are there before anything is measured.
  await (await begin(options, 50_000_000)).done
  const heap = { client: bytesInUse(), server: (await look()).heap }
  forgetPeak(process.pid)
  forgetPeak(program.pid)
  const rss = { client: memory(process.pid).now, server: memory(program.pid).now }
  const transfer = await begin(options, total)
  let most = 0
  let gap = 0
  let stood = 0
  const begun = performance.now()
  for (let pause = 1; pause <= pauses; pause++) {
    while ((await transfer.read()) < (total * pause) / (pauses + 1)) await wait(5)
    transfer.hold()
    await wait(Number(values.pause))
    const [written, read] = [await transfer.written(), await transfer.read()]
    await wait(200)
    if ((await transfer.written()) === written) stood++
    gap = Math.max(gap, written - read)
    most = Math.max(most, bytesInUse() - heap.client, (await look()).heap - heap.server)
    transfer.letGo()
  }
  await transfer.done
  const seconds = (performance.now() - begun) / 1000
  const read = await transfer.read()
  const peak = {
    client: (memory(process.pid).peak - rss.client) * MIB,
    server: (memory(program.pid).peak - rss.server) * MIB,
  }
  // Ahead is also what the system's own buffers hold, over HTTP/1.1 up to the megabytes of tcp_rmem and tcp_wmem.
  console.log(
    `${name}: ${read.toLocaleString('en')} bytes in ${seconds.toFixed(1)} s with ${pauses} pauses, in ${stood} of which the ` +
      `writer stood still, at most ${mebibytes(gap)} MiB ahead; peak client +${mebibytes(peak.client)}, ` +
      `server +${mebibytes(peak.server)} MiB; in use during a pause +${mebibytes(most)} of ${mebibytes(BOUND)} MiB`,
  )
  if (read !== total) faults.push(`${name}: ${read} of ${total} bytes arrived`)
  if (stood < pauses) faults.push(`${name}: the writer went on in ${pauses - stood} pauses`)
  for (const grown of [peak.client - GARBAGE, peak.server - GARBAGE, most]) {
    if (grown > BOUND) faults.push(`${name}: one end grew by ${mebibytes(grown)} MiB`)
  }
}

for (const [version, options] of [
  ['HTTP/2', { http2: 'only', dedicated: true }],
  ['HTTP/1.1', { http2: 'off' }],
] as const) {
  await run(`down, ${version}`, down, options)
  await run(`up, ${version}`, up, options)
}
await program.stop()
for (const fault of faults) console.error(fault)
process.exit(faults.length === 0 ? 0 : 1)
