/**
 * A gigabyte through a reader that is slow and then stands still: `npm run soak:slow-reader`. Down and up, plain streams and
 * WebSockets; the server is a process of its own. What waits is bounded by the windows and the write buffer at either end, the
 * writer stands still with its reader, and other streams of the same connection keep their speed.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { ClientSession, defaultLimits, nodePlatform, nodeTransport } from '../../../src/runtime/node/index.ts'
import { forgetPeak, memory, startProgram } from '../../attacks/processes.ts'
import { bytesInUse } from '../heap.ts'
import { BUFFERED, begin, type Kind, kinds, type Transfer } from './transfers.ts'

const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '1000000000' },
    /** Of each measurement, in seconds. */
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})
const total = Number(values.bytes)
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const SLOW = 1_000_000
const MIB = 2 ** 20
/** Both ends' high-water mark and what the last `write` brought. */
const WRITE_BUFFER = 65_536 + 65_536
const SLACK = 8 * MIB
const LEAST_SPEED = 0.8

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`

const program = startProgram(['scripts/run.js', 'test/soak/slow-reader/server.ts'])
const [, port = ''] = await program.line(/ on http:\/\/localhost:(\d+)/)
const tell = (command: string): void => void program.child.stdin?.write(`${command}\n`)
async function look(): Promise<{ heap: number; written: number; read: number }> {
  const answer = program.line(/^\{.*\}$/)
  tell('look')
  return JSON.parse((await answer)[0])
}

const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
await once(socket, 'connect')
const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform })
await session.ready()

/** Eight neighbours that ask for 16 KiB again and again; answers how many answers came in a second. */
async function speed(): Promise<number> {
  const until = performance.now() + seconds * 1000
  let answers = 0
  const ask = async (): Promise<void> => {
    while (performance.now() < until) {
      const stream = await session.request(
        [
          { name: ':method', value: 'GET' },
          { name: ':scheme', value: 'http' },
          { name: ':authority', value: 'localhost' },
          { name: ':path', value: '/page' },
        ],
        { endStream: true },
      )
      await new Promise<void>((resolve) => {
        stream.onData = () => {}
        stream.onClose = resolve
      })
      answers++
    }
  }
  await Promise.all(Array.from({ length: 8 }, ask))
  return answers / seconds
}

function setRate(transfer: Transfer, rate: number): void {
  if (transfer.reader === 'server') tell(`rate ${rate}`)
  else transfer.setRate(rate)
}

/** How far the writer has come, whichever side it is on. */
const written = async (transfer: Transfer): Promise<number> =>
  transfer.reader === 'client' ? (await look()).written : transfer.moved

interface Peaks {
  rss: { client: number; server: number }
  heap: { client: number; server: number }
}
const faults: string[] = []

/** Both processes' memory now; their peaks begin anew. */
async function mark(): Promise<Peaks> {
  const heap = { client: bytesInUse(), server: (await look()).heap }
  forgetPeak(process.pid)
  forgetPeak(program.pid)
  return { rss: { client: memory(process.pid).now * MIB, server: memory(program.pid).now * MIB }, heap }
}

async function growth(before: Peaks): Promise<Peaks> {
  const rss = { client: memory(process.pid).peak * MIB, server: memory(program.pid).peak * MIB }
  const heap = { client: bytesInUse(), server: (await look()).heap }
  const since = (now: Peaks['rss'], then: Peaks['rss']) => ({
    client: now.client - then.client,
    server: now.server - then.server,
  })
  return { rss: since(rss, before.rss), heap: since(heap, before.heap) }
}

/** By itself, so that no garbage of others is in the figures: slow, then still, then the rest of all bytes. */
async function measureMemory(kind: Kind): Promise<void> {
  const bound = defaultLimits.maxStreamWindow + WRITE_BUFFER + SLACK + (kind === 'WebSocket up' ? BUFFERED : 0)
  const before = await mark()
  const base = (await look()).written
  tell(`rate ${SLOW}`)
  const transfer = await begin(kind, session, total, SLOW)
  await pause(seconds * 1000)
  const pace = transfer.reader === 'client' ? transfer.moved : (await look()).read
  setRate(transfer, 0)
  await pause(seconds * 1000)
  const there = (await written(transfer)) - (transfer.reader === 'client' ? base : 0)
  const stuck = await written(transfer)
  await pause(500)
  if ((await written(transfer)) !== stuck) faults.push(`${kind}: the writer goes on though nobody reads`)
  if (Math.abs(pace / (SLOW * seconds) - 1) > 0.5) faults.push(`${kind}: ${pace} bytes read in ${seconds} s`)
  const { rss, heap } = await growth(before)
  console.log(
    `${kind}: at its peak the client grew by ${mib(rss.client)} and the server by ${mib(rss.server)} of ${mib(bound)}; ` +
      `in use then ${mib(heap.client)} and ${mib(heap.server)} more; ${there.toLocaleString('en')} bytes written, ` +
      `${pace.toLocaleString('en')} read before the reader stood still`,
  )
  for (const grown of [rss.client, rss.server, heap.client, heap.server]) {
    if (grown > bound) faults.push(`${kind}: one end grew by ${mib(grown)}`)
  }
  await finish(kind, transfer)
}

/** What other streams of the connection get done: alone, beside a slow reader, and beside one that stands still. */
async function measureSpeed(kind: Kind): Promise<void> {
  const alone: number[] = []
  const slow: number[] = []
  const still: number[] = []
  for (let round = 1; round <= 3 * rounds; round++) {
    const first = await speed()
    tell(`rate ${SLOW}`)
    const transfer = await begin(kind, session, total, SLOW)
    const beside = await speed()
    setRate(transfer, 0)
    const besideStill = await speed()
    transfer.cancel()
    setRate(transfer, Number.POSITIVE_INFINITY)
    await pause(300)
    // A machine with other work has its moods: alone is before and after.
    const quiet = (first + (await speed())) / 2
    alone.push(quiet)
    slow.push(beside / quiet)
    still.push(besideStill / quiet)
    if (round >= rounds && median(slow) >= LEAST_SPEED && median(still) >= LEAST_SPEED) break
  }
  console.log(
    `${kind}: other streams get ${median(alone).toFixed(0)} answers a second alone, ` +
      `${(100 * median(slow)).toFixed(0)} % of that beside a slow reader, ` +
      `${(100 * median(still)).toFixed(0)} % beside one that stands still`,
  )
  if (median(slow) < LEAST_SPEED || median(still) < LEAST_SPEED) faults.push(`${kind}: other streams lost their speed`)
}

/** The rest, as fast as it goes: all of it must arrive. */
async function finish(kind: Kind, transfer: Transfer): Promise<void> {
  const before = await mark()
  const begun = performance.now()
  const from = transfer.moved
  setRate(transfer, Number.POSITIVE_INFINITY)
  await transfer.done
  const took = (performance.now() - begun) / 1000
  const { rss } = await growth(before)
  const arrived = transfer.reader === 'client' ? transfer.moved : (await look()).read
  // WebSocket frames have headers of their own.
  if (arrived < total || arrived > total * 1.001 + 65_536) faults.push(`${kind}: ${arrived} of ${total} bytes arrived`)
  console.log(
    `${kind}: ${arrived.toLocaleString('en')} bytes arrived, the last ${((total - from) / 1e6).toFixed(0)} MB at ` +
      `${((total - from) / took / 1e6).toFixed(0)} MB/s; peak client +${mib(rss.client)}, server +${mib(rss.server)}`,
  )
}

// Compiled code and the collector's own room are there before anything is measured.
for (const kind of kinds) {
  const transfer = await begin(kind, session, 100_000_000, Number.POSITIVE_INFINITY)
  await Promise.all([transfer.done, speed()])
}
for (const kind of kinds) {
  if (values.only !== undefined && kind !== values.only) continue
  await measureMemory(kind)
  await measureSpeed(kind)
}
await session.close()
await program.stop()
for (const fault of faults) console.error(fault)
process.exit(faults.length === 0 ? 0 : 1)
