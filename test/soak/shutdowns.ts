/**
 * Graceful ends of servers that have much to do: `npm run soak:shutdowns`. Each time a few clients hold streams in flight and
 * keep opening new ones while the server closes. RFC 9113 §6.8: every request that the server took up is answered whole, and
 * every other one fails in a way that says it may be sent again.
 */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import {
  ClientSession,
  type Exchange,
  nodePlatform,
  nodeTransport,
  type Server,
  StreamError,
  serve,
} from '../../src/runtime/node/index.ts'
import { Chance } from './chance.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    /** Servers at a time. */
    width: { type: 'string', default: '4' },
  },
})
const count = Number(values.count)
const CLIENTS = 3
const STREAMS = 20
const DRAIN = 5000
/** The highest id there is: the first GOAWAY gives up no stream. */
const ALL_STREAMS = 0x7fff_ffff
console.log(`seed ${values.seed}`)

const faults: string[] = []
for (const name of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(name, (error) => void faults.push(`${name}: ${error instanceof Error ? error.stack : error}`))
}
const totals = { taken: 0, answered: 0, inFlight: 0, sentAgain: 0, refusedHere: 0 }
const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
const piece = new Uint8Array(5000)
const upload = new Uint8Array(3000)
const line = (name: string, value: string) => ({ name, value })

/** One server and its clients, from the start to the end. */
class Round {
  readonly #chance = new Chance()
  /** Requests that a handler has heard of, by their paths. */
  readonly #taken = new Set<string>()
  readonly #answered = new Set<string>()
  /** Clients that the server has heard. */
  #connected = 0
  #closing = false
  #next = 0

  constructor(index: number) {
    this.#chance.seed(Number(values.seed), 0, index)
  }

  async run(): Promise<void> {
    const server = await serve({ host: '127.0.0.1', onStream: (stream) => this.#answer(stream) })
    const clients = Promise.all(Array.from({ length: CLIENTS }, () => this.#client(server.address.port)))
    // Who is not accepted yet knows nothing of HTTP/2, and is turned away by TCP.
    while (this.#connected < CLIENTS) await pause(1)
    await pause(this.#chance.below(60))
    totals.inFlight += this.#taken.size - this.#answered.size
    this.#closing = true
    const begun = performance.now()
    await server.close({ drain: DRAIN })
    const took = performance.now() - begun
    if (took > DRAIN) faults.push(`a server took ${took.toFixed(0)} ms to close`)
    if (server.sessions.size > 0) faults.push(`${server.sessions.size} sessions left`)
    await clients
    totals.taken += this.#taken.size
    totals.answered += this.#answered.size
    for (const path of this.#taken) if (!this.#answered.has(path)) faults.push(`${path} was taken up and not answered`)
    await this.#judgeGone(server)
  }

  async #judgeGone(server: Server): Promise<void> {
    const socket = connect({ port: server.address.port, host: '127.0.0.1' })
    const [error] = await Promise.race([once(socket, 'error'), once(socket, 'connect').then(() => [undefined])])
    socket.destroy()
    if (error === undefined) faults.push('a closed server takes connections')
  }

  /** Answers after a while, piece by piece. */
  async #answer(stream: Exchange): Promise<void> {
    this.#taken.add(stream.fields.find(({ name }) => name === ':path')?.value ?? '')
    stream.onData = () => {}
    const pieces = this.#chance.below(8)
    await pause(this.#chance.below(30))
    stream.respond([line(':status', '200'), line('x-length', String(pieces * piece.length))])
    for (let i = 0; i < pieces; i++) {
      stream.write(piece)
      if (this.#chance.once(3)) await pause(this.#chance.below(5))
    }
    stream.end()
  }

  async #client(port: number): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    const goAways: number[] = []
    const session = new ClientSession(nodeTransport(socket), {
      platform: nodePlatform,
      onEvent: (event) => {
        if (event.type === 'SettingsAcknowledged') this.#connected++
        else if (event.type === 'GoAwayReceived') goAways.push(event.lastStreamId)
      },
    })
    const worker = async (): Promise<void> => {
      while (session.state !== 'closed') {
        await this.#request(session)
        if (session.state === 'draining') await pause(2)
      }
    }
    await Promise.all(Array.from({ length: STREAMS }, worker))
    await session.closed
    if (session.error !== undefined) faults.push(`a client ends with ${session.error}`)
    if (goAways[0] !== ALL_STREAMS || !(goAways.at(-1)! < ALL_STREAMS)) faults.push(`GOAWAY with ${goAways.join(', ')}`)
  }

  async #request(session: ClientSession): Promise<void> {
    const path = `/${this.#next++}`
    try {
      const isUpload = this.#chance.once(3)
      const head = [
        line(':method', isUpload ? 'POST' : 'GET'),
        line(':scheme', 'http'),
        line(':authority', 'localhost'),
      ]
      const stream = await session.request([...head, line(':path', path)], { endStream: !isUpload })
      if (isUpload) stream.end(upload)
      const fields = await stream.response()
      let length = 0
      for await (const chunk of stream) length += chunk.length
      const wanted = fields.find(({ name }) => name === 'x-length')?.value
      if (String(length) === wanted) this.#answered.add(path)
      else faults.push(`${path}: ${length} of ${wanted} octets`)
    } catch (error) {
      const retryable = error instanceof StreamError && error.retryable
      if (!retryable || !this.#closing) faults.push(`${path} failed for good: ${error}`)
      else if (error.streamId === 0) totals.refusedHere++
      else totals.sentAgain++
      if (this.#taken.has(path)) faults.push(`${path} was taken up, and its client is told to send it again`)
    }
  }
}

const begun = performance.now()
let started = 0
let finished = 0
async function worker(): Promise<void> {
  while (started < count && faults.length === 0) {
    const index = started++
    await new Round(index).run()
    if (++finished % Math.ceil(count / 10) === 0) {
      console.log(`${finished} shutdowns in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
    }
  }
}
await Promise.all(Array.from({ length: Number(values.width) }, worker))
console.log(
  `${finished} shutdowns: ${totals.taken} requests taken up, ${totals.inFlight} of them in flight when the end began, ` +
    `${totals.answered} answered whole. ${totals.sentAgain} reset to be sent again, ${totals.refusedHere} not sent at all. ` +
    `${faults.length} faults`,
)
for (const fault of new Set(faults)) console.error(fault)
process.exit(faults.length === 0 && totals.inFlight > 0 && totals.refusedHere > 0 ? 0 : 1)
