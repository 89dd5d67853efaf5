import type { ConnectionEvent, HeadersReceived } from '../connection/index.ts'
import { joinData } from './joined-data.ts'
import type { SessionCore } from './session-core.ts'
import { intake } from './stream.ts'

/** What a role does beside what both do. */
export interface SessionOwner {
  /** HEADERS of a stream not yet known: a request, on a server. */
  streamArrived(event: HeadersReceived): void
  /** A stream in flight has ended: there may be room for another. */
  slotsChanged(): void
  /** Every event that isn't about one stream, after the core has acted. */
  eventPassed(event: ConnectionEvent): void
}

/** Takes an event of the connection to the stream that it is about, or to the session. */
export function dispatch(core: SessionCore, owner: SessionOwner, event: ConnectionEvent): void {
  switch (event.type) {
    case 'HeadersReceived': {
      const stream = core.streams.get(event.streamId)
      if (stream === undefined) owner.streamArrived(event)
      else intake.headers(stream, event)
      return
    }
    case 'DataReceived': {
      const stream = core.streams.get(event.streamId)
      if (stream === undefined) core.connection.consumed(event.streamId, event.data.length)
      else {
        const { data, endStream } = stream.joinsData ? joinData(core.connection, core.chunk, event) : event
        intake.data(stream, data, endStream)
      }
      return
    }
    case 'StreamWritable': {
      const stream = core.streams.get(event.streamId)
      if (stream !== undefined) intake.writable(stream)
      return
    }
    case 'StreamClosed': {
      const stream = core.streams.get(event.streamId)
      if (stream === undefined) return
      core.streams.delete(event.streamId)
      intake.closed(stream)
      owner.slotsChanged()
      return
    }
    case 'StreamReset': {
      const stream = core.streams.get(event.streamId)
      if (stream === undefined) return
      core.streams.delete(event.streamId)
      intake.reset(stream, event.error, event.unsentBytes)
      owner.slotsChanged()
      return
    }
    default:
      owner.eventPassed(event)
  }
}
