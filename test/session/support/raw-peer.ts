import { Connection, type ConnectionEvent, type ConnectionOptions } from '../../../src/connection/index.ts'
import type { ByteTransport } from '../../../src/transport/index.ts'

/**
 * The far end of a session under test: a bare connection that answers nothing by itself but what the protocol's own
 * machinery must (acknowledgements, credit where `consume` is on). A test gives its commands and reads its events.
 */
export class RawPeer {
  readonly connection: Connection
  readonly transport: ByteTransport
  readonly events: ConnectionEvent[] = []
  /** Chunks as they arrived: one for each vectored write of the other side, if it wrote one chunk. */
  readonly chunks: Uint8Array[] = []
  consume = true
  ended = false
  closed = false
  error: Error | undefined

  constructor(transport: ByteTransport, options: ConnectionOptions) {
    this.transport = transport
    this.connection = new Connection(options)
    transport.start({
      data: (chunk) => {
        this.chunks.push(chunk.slice())
        this.connection.receive(chunk, 0)
        this.flush()
      },
      end: () => {
        this.ended = true
      },
      drained: () => {},
      closed: (error) => {
        this.closed = true
        this.error = error
      },
    })
    this.flush()
  }

  /** Takes the events and writes what there is to write; call it after commands. */
  flush(): void {
    for (let event = this.connection.nextEvent(); event !== undefined; event = this.connection.nextEvent()) {
      // what is borrowed is kept as a copy
      this.events.push(event.type === 'DataReceived' ? { ...event, data: event.data.slice() } : event)
      if (event.type === 'DataReceived' && this.consume) this.connection.consumed(event.streamId, event.data.length)
    }
    while (this.connection.hasOutput) this.transport.write(this.connection.takeOutput(1 << 20))
  }

  of<T extends ConnectionEvent['type']>(type: T): Extract<ConnectionEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ConnectionEvent, { type: T }> => event.type === type)
  }
}
