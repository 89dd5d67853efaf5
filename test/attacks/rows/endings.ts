import { concat } from '../../../src/bytes/index.ts'
import { CONNECTION_PREFACE, Setting } from '../../../src/frames/index.ts'
import { Wire } from '../../connection/wire.ts'
import { Attacker, type AttackerOptions, CLOSED_WINDOWS, END_STREAM, pause, request } from '../attacker.ts'
import type { Outcome, Scenario, Target } from '../scenario.ts'

/** Ends and cuts of connections, silence, and readers that stand still: H15, H17 to H19, H22, H24. */

/** How long the end of a connection is waited for, in milliseconds. */
const PATIENCE = 4000

const result = (attacker: Attacker): Outcome => {
  attacker.destroy()
  return { reaction: attacker.reaction, sent: attacker.sent }
}

interface Quiet extends AttackerOptions {
  readonly row: string
  readonly name: string
  readonly expected: string
  readonly write: (wire: Wire) => unknown
  /** One octet of this comes every 200 ms. */
  readonly trickle?: Uint8Array
  readonly deaf?: boolean
  /** Another than `PATIENCE`. */
  readonly patience?: number
}

/** Sends a little and then nothing, or next to nothing, to a server of short deadlines. */
function quiet({ row, name, expected, write, trickle, deaf, patience = PATIENCE, ...options }: Quiet): Scenario {
  return {
    row,
    name,
    expected,
    victim: 'hasty',
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port, options)
      if (deaf) attacker.socket.pause()
      write(attacker.wire)
      await attacker.flush()
      for (const octet of trickle ?? []) {
        if (attacker.over) break
        attacker.wire.bytes(Uint8Array.of(octet))
        await attacker.flush()
        await pause(200)
      }
      if (deaf) await pause(patience)
      await attacker.wait(deaf ? 500 : patience, () => attacker.resets.size > 0)
      return result(attacker)
    },
  }
}

const downloads = (count: number) => (wire: Wire) => {
  for (let i = 0; i < count; i++) wire.headers(2 * i + 1, request('GET', '/bytes/10000000'), END_STREAM)
}

const once = (row: string, name: string, expected: string, write: (wire: Wire) => unknown): Scenario => ({
  row,
  name,
  expected,
  attack: async ({ port }) => {
    const attacker = await Attacker.open(port)
    write(attacker.wire)
    await attacker.flush()
    await attacker.wait(800)
    const answered = attacker.statuses.size > 0 ? ', and requests behind it answered' : ''
    const { reaction, sent } = result(attacker)
    return { reaction: reaction + answered, sent }
  },
})

/** Connections with work under way that vanish, some with a reset of TCP. */
async function cutOff({ port }: Target): Promise<Outcome> {
  let sent = 0
  for (let i = 0; i < 300; i++) {
    const attacker = await Attacker.open(port, { settings: CLOSED_WINDOWS })
    downloads(10)(attacker.wire.reset(1, 0))
    await attacker.flush()
    sent += attacker.sent
    if (i % 2 === 0) attacker.socket.resetAndDestroy()
    else attacker.destroy()
  }
  const last = await Attacker.open(port)
  last.wire.headers(1, request('GET', '/hello'), END_STREAM)
  await last.flush()
  await last.wait(1000, () => last.statuses.size > 0)
  last.destroy()
  return { reaction: last.statuses.get(1) === '200' ? 'status 200' : last.reaction, sent }
}

/** The same conversation cut at every octet: its answer must not change. nginx lost a setting that was cut in two. */
async function everyCut({ port }: Target): Promise<Outcome> {
  const wire = new Wire()
  wire.settings([[Setting.INITIAL_WINDOW_SIZE, 7]]).acknowledge()
  const bytes = concat([
    CONNECTION_PREFACE,
    wire.headers(1, request('GET', '/bytes/1000'), END_STREAM).ping('12345678').take(),
  ])
  const wrong: number[] = []
  let sent = 0
  for (let at = 1; at < bytes.length; at++) {
    const attacker = await Attacker.open(port, { bare: true })
    attacker.wire.bytes(bytes.slice(0, at))
    await attacker.flush()
    await pause(2)
    attacker.wire.bytes(bytes.slice(at))
    await attacker.flush()
    await attacker.wait(1000, () => attacker.dataReceived >= 7)
    if (attacker.statuses.get(1) !== '200' || attacker.dataReceived !== 7) wrong.push(at)
    sent += attacker.sent
    attacker.destroy()
  }
  return { reaction: wrong.length === 0 ? 'the same at every cut' : `another when cut at ${wrong.join(', ')}`, sent }
}

/** Requests whose answers are fields alone, which no window holds back, by somebody who reads none of them. */
async function deafRequests({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port)
  attacker.socket.pause()
  // So long that what a victim reads at once, 64 KiB, has not more of them than it lets be open: one that is slow would
  // refuse some, and what it says then fits into what the kernel has room for.
  const long = request('GET', '/long', [{ name: 'cookie', value: 'long'.repeat(250), sensitive: true }])
  for (let i = 0; i < 20_000 && !attacker.over && !attacker.stuck; ) {
    for (const end = i + 50; i < end; i++) attacker.wire.headers(2 * i + 1, long, END_STREAM)
    await attacker.flush()
    await pause(2)
  }
  // Reads again only when the victim's deadline (1.5 s) and its wait for a last GOAWAY to leave (1 s) are over: before, it
  // depends on what the kernel has room for whether the GOAWAY comes.
  await pause(PATIENCE)
  await attacker.wait(1000)
  return result(attacker)
}

const half = new Uint8Array([0, 0, 30, 1, 5, 0, 0, 0, 1])

export const endings: readonly Scenario[] = [
  {
    row: 'H6',
    name: 'requests without end, not reading',
    victim: 'hasty',
    expected: 'closed',
    attack: deafRequests,
  },
  quiet({
    row: 'H15',
    name: 'windows shut, 100 downloads',
    expected: 'RST_STREAM CANCEL',
    settings: CLOSED_WINDOWS,
    write: downloads(100),
  }),
  quiet({
    row: 'H15',
    name: 'TCP shut, windows wide open',
    expected: 'closed',
    deaf: true,
    settings: [[Setting.INITIAL_WINDOW_SIZE, 0x7fff_ffff]],
    write: (wire) => downloads(10)(wire.windowUpdate(0, 0x7000_0000)),
  }),
  once('H17', 'the connection window beyond 2^31-1', 'GOAWAY FLOW_CONTROL_ERROR', (wire) =>
    wire.windowUpdate(0, 0x7fff_ffff).windowUpdate(0, 0x7fff_ffff).headers(1, request('GET', '/hello'), END_STREAM),
  ),
  { row: 'H17', name: '300 connections cut off at work', expected: 'status 200', attack: cutOff },
  once('H18', 'frames behind a fatal one', 'GOAWAY PROTOCOL_ERROR', (wire) => {
    wire.data(0, 1)
    for (let i = 0; i < 500; i++) wire.headers(2 * i + 1, request('GET', '/hello'), END_STREAM)
  }),
  {
    row: 'H19',
    name: 'a handler that ends the connection from inside',
    victim: 'hasty',
    expected: 'GOAWAY INTERNAL_ERROR',
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port)
      attacker.wire.headers(1, request('POST', '/end')).data(1, 10)
      for (let i = 1; i < 50; i++) attacker.wire.headers(2 * i + 1, request('GET', '/hello'), END_STREAM)
      await attacker.flush()
      await attacker.wait(1000)
      return result(attacker)
    },
  },
  quiet({ row: 'H22', name: 'nothing at all', expected: 'GOAWAY SETTINGS_TIMEOUT', bare: true, write: () => {} }),
  quiet({
    row: 'H22',
    name: 'the preface octet by octet',
    expected: 'GOAWAY SETTINGS_TIMEOUT',
    bare: true,
    write: () => {},
    trickle: CONNECTION_PREFACE,
  }),
  quiet({
    row: 'H22',
    name: 'SETTINGS never acknowledged',
    expected: 'GOAWAY SETTINGS_TIMEOUT',
    bare: true,
    write: (wire) => wire.bytes(CONNECTION_PREFACE).settings([]),
  }),
  quiet({
    row: 'H22',
    name: 'a field block that is never whole',
    expected: 'GOAWAY ENHANCE_YOUR_CALM',
    write: (wire) => wire.opening(1, new Uint8Array([0x82])),
  }),
  quiet({ row: 'H22', name: 'half a HEADERS frame', expected: 'GOAWAY NO_ERROR', write: (wire) => wire.bytes(half) }),
  quiet({ row: 'H22', name: 'no streams', expected: 'GOAWAY NO_ERROR', write: () => {} }),
  { row: 'H24', name: 'a conversation cut at every octet', expected: 'the same at every cut', attack: everyCut },
]
