import { ClientSession, type ClientSessionOptions, type ClientStream } from '../../../src/session/index.ts'
import { type ByteTransport, memoryPair } from '../../../src/transport/index.ts'
import { Listener, line, Wire } from '../../connection/wire.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { get } from './pair.ts'

/** A server made by hand, since ours does not push, and a client of ours at its other end. */
export class PushingServer {
  readonly wire: Wire = new Wire()
  readonly clock: FakeClock = new FakeClock()
  readonly client: ClientSession
  readonly errors: unknown[] = []
  readonly #transport: ByteTransport
  readonly #listener = new Listener('client')
  #received: string[] = []

  constructor(options: Partial<ClientSessionOptions>) {
    const [near, far] = memoryPair()
    this.#transport = far
    far.start({
      data: (chunk) => this.#received.push(...this.#listener.read(chunk).map(line)),
      end: () => {},
      drained: () => {},
      closed: () => {},
    })
    const onError = (error: unknown): void => void this.errors.push(error)
    this.client = new ClientSession(near, { platform: this.clock, onError, enablePush: true, ...options })
    this.wire.settings([]).acknowledge()
  }

  /** Says its SETTINGS, and is asked for a page on stream 1. */
  async ask(path: string): Promise<ClientStream> {
    await this.send()
    const stream = await this.client.request(get(path), { endStream: true })
    await this.received()
    return stream
  }

  end(): void {
    this.#transport.end()
  }

  async send(): Promise<void> {
    this.#transport.write([this.wire.take()])
    await settle()
  }

  /** What the client has sent since the last look. */
  async received(): Promise<string[]> {
    await settle()
    const lines = this.#received
    this.#received = []
    return lines
  }
}
