import type { OriginSession } from '../../../src/api/index.ts'
import type { HashingPlatform } from '../../../src/platform/index.ts'
import { accept, connect, type Pipe } from '../../../src/runtime/web/index.ts'
import { memoryPair } from '../../../src/transport/index.ts'
import type { Link } from './case.ts'
import { handlers } from './handlers.ts'

const origin = 'https://example.test'

/** Starts a server on one end, and answers the client on the other. */
function join(near: Pipe, far: Pipe, platform: HashingPlatform): OriginSession {
  accept(far, { ...handlers, platform, onError: () => undefined })
  return connect(near, { origin, platform })
}

/** Two identity streams, one for each direction. */
function streamPairs(): [Pipe, Pipe] {
  const there = new TransformStream<Uint8Array, Uint8Array>()
  const back = new TransformStream<Uint8Array, Uint8Array>()
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ]
}

/** The links that need nothing but a JavaScript engine with the web's globals. */
export function ownLinks(platform: HashingPlatform): Link[] {
  return [
    { name: 'memory', open: async () => join(...memoryPair(), platform) },
    { name: 'Web Streams', open: async () => join(...streamPairs(), platform) },
    {
      name: 'MessagePort',
      async open() {
        const { port1, port2 } = new MessageChannel()
        return join(port1, port2, platform)
      },
    },
  ]
}
