/**
 * WebSockets that are lost: `npm run soak:web-sockets`. 10,000 connections, HTTP/2 and HTTP/1.1, in every shape of either side,
 * cut at a random octet of the handshake or of the frames. Both sides number their messages and acknowledge each other's:
 * what was acknowledged was delivered once and in order, what the socket reports as unsent was not, and the rest is known to
 * have no acknowledgement. Afterwards memory, sockets and timers are as before.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { serve } from '../../../src/runtime/node/index.ts'
import { Chance } from '../chance.ts'
import { Relay } from '../disconnects/relay.ts'
import { handles } from '../handles.ts'
import { bytesInUse, mebibytes } from '../heap.ts'
import { mannerOf, planCut } from './plan.ts'
import { clientShapeNames, serverShapeNames, serverShapes, talkAsClient } from './shapes.ts'
import { disagreement, Talk } from './talk.ts'
import { type Conversation, type HttpVersion, Totals, versions } from './totals.ts'

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    /** Connections at a time. */
    width: { type: 'string', default: '32' },
  },
})
const count = Number(values.connections)
const seed = Number(values.seed)
console.log(`seed ${seed}`)

const faults: string[] = []
for (const name of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(name, (error) => void faults.push(`${name}: ${error instanceof Error ? error.stack : error}`))
}

/** By number: those of the tenth that is under way. */
const conversations = new Map<number, Conversation>()
const CLIENT = 1
const SERVER = 2
const chanceOf = (side: number, n: number): Chance => {
  const chance = new Chance()
  chance.seed(seed, side, n)
  return chance
}

const server = await serve({
  host: '127.0.0.1',
  connect: {
    websocket: serverShapes((request, send) => {
      const n = Number(request.url.pathname.split('/')[2])
      const chance = chanceOf(SERVER, n)
      const talk = new Talk(chance, mannerOf(chance, false), send)
      conversations.get(n)!.server.push(talk)
      return talk
    }),
  },
  // Connections that are cut are what this is about; what goes wrong besides shows in the talks.
  onError: () => {},
})

async function converse(n: number, port: number): Promise<void> {
  const chance = chanceOf(CLIENT, n)
  const version: HttpVersion = chance.pick(versions)
  const conversation: Conversation = { version, client: undefined, server: [] }
  conversations.set(n, conversation)
  const shape = chance.pick(clientShapeNames)
  const url = `ws://127.0.0.1:${port}/${chance.pick(serverShapeNames)}/${n}`
  const http = version === 'HTTP/2' ? ({ http2: 'only', dedicated: true } as const) : ({ http2: 'off' } as const)
  await talkAsClient(shape, url, { ...http, perMessageDeflate: chance.once(2) }, (send) => {
    conversation.client = new Talk(chance, mannerOf(chance, shape === 'class'), send)
    return conversation.client
  })
}

const totals = new Totals()
const relays: Relay[] = []
for (let i = 0; i < Number(values.width); i++) {
  // One to each, since over HTTP/1.1 there is one handshake at a time to a host and port.
  relays.push(await Relay.start(server.address.port, chanceOf(0, i), planCut))
}
const cuts = (): number => relays.reduce((sum, relay) => sum + relay.cuts, 0)
let number = 0

async function cut(n: number): Promise<void> {
  const last = number + n
  const worker = async ({ port }: Relay): Promise<void> => {
    while (number < last) {
      const mine = number++
      try {
        await converse(mine, port)
      } catch (error) {
        faults.push(`connection ${mine}: ${error instanceof Error ? error.stack : error}`)
      }
    }
  }
  await Promise.all(relays.map(worker))
}

/** Servers hear of an end a moment later. */
async function quiet(): Promise<void> {
  const isOver = () =>
    server.sessions.size === 0 &&
    handles() === atFirst &&
    [...conversations.values()].every(({ server }) => server.every(({ ends }) => ends > 0))
  for (let i = 0; i < 150 && !isOver(); i++) await new Promise((resolve) => setTimeout(resolve, 100))
}

function settle(): void {
  for (const [n, conversation] of conversations) {
    const { client, server } = conversation
    totals.add(conversation)
    // A handshake may be tried again: what was accepted before has had no client for long.
    const partner = server.at(-1)
    const wrong = [
      client && disagreement(client, partner),
      ...server.map((talk) => disagreement(talk, talk === partner ? client : undefined)),
    ]
    for (const words of wrong)
      if (words !== undefined) faults.push(`connection ${n}, ${conversation.version}: ${words}`)
  }
  conversations.clear()
}

const atFirst = handles()
const heap: number[] = []
const TENTHS = 10
const begun = performance.now()
for (let tenth = 1; tenth <= TENTHS; tenth++) {
  await cut(Math.ceil(count / TENTHS))
  await quiet()
  settle()
  heap.push(bytesInUse())
  const seconds = ((performance.now() - begun) / 1000).toFixed(0)
  console.log(
    `${number} connections, ${cuts()} cuts in ${seconds} s: heap ${mebibytes(heap.at(-1)!)} MiB; ${handles()}`,
  )
  if (server.sessions.size > 0) faults.push(`${server.sessions.size} sessions are left`)
  if (handles() !== atFirst) faults.push(`handles: ${atFirst} at first, ${handles()} now`)
  if (faults.length > 5) break
}
// Compiled code comes in the beginning: what grows after that is a leak.
const grown = Math.min(...heap.slice(-3)) - Math.min(...heap.slice(1, 4))
if (grown > 2 ** 20) faults.push(`the heap grew by ${mebibytes(grown)} MiB`)

for (const relay of relays) await relay.stop()
await server.close({ drain: 1000 })
const kinds = new Map<string, number>()
for (const relay of relays) for (const [kind, n] of relay.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + n)
console.log(
  [...kinds]
    .sort()
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', '),
)
for (const line of totals.lines()) console.log(line)
// A run in which nothing of a sort happened says nothing about it.
if (count >= 1000) for (const missing of totals.missing()) faults.push(`there was nothing that is ${missing}`)
console.log(`heap ${grown < 0 ? '' : '+'}${mebibytes(grown)} MiB; ${faults.length} faults`)
for (const fault of new Set(faults)) console.error(fault)
process.exit(faults.length === 0 ? 0 : 1)
