import { createHash, randomFillSync } from 'node:crypto'
import { type RouterOptions, router } from '../src/api/index.ts'
import { concat } from '../src/bytes/index.ts'
import { Connection } from '../src/connection/index.ts'
import type { HashingPlatform } from '../src/platform/index.ts'
import { ServerSession } from '../src/session/index.ts'
import type { ByteTransport, TransportReceiver } from '../src/transport/index.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** As the Node runtime has it. */
export const platform: HashingPlatform = {
  now: () => performance.now(),
  setTimer: (callback, milliseconds) => setTimeout(callback, milliseconds).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  fillRandom: (bytes) => void randomFillSync(bytes),
  encodeText: (text) => encoder.encode(text),
  decodeText: (utf8) => decoder.decode(utf8),
  sha1: (bytes) => createHash('sha1').update(bytes).digest(),
}

/** A server session whose transport is an array, and the client's connection that talks to it. */
export class Bed {
  readonly client: Connection = new Connection({ role: 'client', streamWindow: 2 ** 30, connectionWindow: 2 ** 30 })
  readonly written: Uint8Array[] = []
  /** Calls of the transport's `write`. */
  writes = 0
  closedStreams = 0
  /** Of DATA, by the client. */
  receivedBytes = 0
  #receiver: TransportReceiver | undefined

  constructor(handlers: Omit<RouterOptions, 'onError'>) {
    const transport: ByteTransport = {
      start: (receiver) => {
        this.#receiver = receiver
      },
      write: (chunks) => {
        this.writes++
        for (const chunk of chunks) this.written.push(chunk)
        return true
      },
      end() {},
      abort() {},
      pause() {},
      resume() {},
    }
    const onStream = router({ ...handlers, onError: console.error })
    const limits = { maxConcurrentStreams: 1000 }
    const windows = { streamWindow: 2 ** 22, connectionWindow: 2 ** 24 }
    new ServerSession(transport, { platform, extendedConnect: 'advertise', onStream, limits, ...windows })
  }

  /** The client's output, as one chunk to be fed. */
  output(): Uint8Array {
    return concat(this.client.takeOutput(Number.MAX_SAFE_INTEGER))
  }

  feed(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#receiver?.data(chunk)
  }

  /** Reads what the server wrote. */
  read(): void {
    const { client } = this
    for (const chunk of this.written.splice(0)) client.receive(chunk, performance.now())
    for (let event = client.nextEvent(); event !== undefined; event = client.nextEvent()) {
      if (event.type === 'DataReceived') {
        this.receivedBytes += event.data.length
        client.consumed(event.streamId, event.data.length)
      } else if (event.type === 'StreamClosed') this.closedStreams++
    }
  }

  async settle(): Promise<void> {
    this.feed(this.output())
    await new Promise((resolve) => setImmediate(resolve))
    this.read()
  }
}
