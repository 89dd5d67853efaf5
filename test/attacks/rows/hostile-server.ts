import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Wire } from '../../connection/wire.ts'
import { Attacker, END_STREAM, pause } from '../attacker.ts'
import type { Scenario } from '../scenario.ts'

/** Servers that attack their client: H23 and the client's half of S9. */

interface Hostile {
  readonly row?: string
  readonly name: string
  readonly expected: string
  readonly first?: readonly (readonly [number, number])[]
  /** What is sent when the client's request must have come. */
  readonly later?: (wire: Wire) => unknown
  readonly each?: (wire: Wire, i: number) => unknown
}

function hostile({ row = 'H23', name, expected, first = [], later, each }: Hostile): Scenario {
  return {
    row,
    name,
    expected,
    victim: 'client',
    attack: async ({ startClient }) => {
      const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const client = startClient((server.address() as AddressInfo).port)
      if (client === undefined) {
        server.close()
        return { reaction: '', sent: 0 }
      }
      const [socket] = await once(server, 'connection')
      client.connected()
      // What a client says first is no frame, and by prior knowledge always the same. RFC 9113 §3.4
      const attacker = new Attacker(socket)
      attacker.skip(24)
      attacker.wire.settings(first).acknowledge()
      await attacker.flush()
      await pause(200)
      later?.(attacker.wire)
      await attacker.flush()
      if (each !== undefined) await attacker.flood(100_000, each)
      await attacker.wait(1500)
      attacker.destroy()
      server.close()
      await client.ended
      return { reaction: attacker.reaction, sent: attacker.sent }
    },
  }
}

const PROTOCOL = 'GOAWAY PROTOCOL_ERROR'
const CALM = 'GOAWAY ENHANCE_YOUR_CALM'
const hint = [
  { name: ':status', value: '103' },
  { name: 'link', value: '</a>' },
]
const get = [
  { name: ':method', value: 'GET' },
  { name: ':scheme', value: 'http' },
  { name: ':authority', value: 'localhost' },
  { name: ':path', value: '/' },
]

export const hostileServers: readonly Scenario[] = [
  hostile({ name: 'MAX_FRAME_SIZE 0', expected: PROTOCOL, first: [[5, 0]] }),
  hostile({ name: 'PUSH_PROMISE', expected: PROTOCOL, later: (wire) => wire.promise(1, 2, get) }),
  hostile({ name: '103 without end', expected: CALM, each: (wire) => wire.headers(1, hint) }),
  hostile({
    name: 'CONTINUATION without end',
    expected: CALM,
    later: (wire) => wire.opening(1, new Uint8Array(1), END_STREAM),
    each: (wire) => wire.continuation(1, new Uint8Array(0), 0),
  }),
  hostile({
    name: 'ORIGIN without end',
    expected: CALM,
    each: (wire) => wire.raw(0x0c, 0, new Uint8Array([0, 1, 0x61])),
  }),
  hostile({ row: 'S9', name: 'ENABLE_CONNECT_PROTOCOL 2', expected: PROTOCOL, first: [[8, 2]] }),
  hostile({
    row: 'S9',
    name: 'ENABLE_CONNECT_PROTOCOL from 1 to 0',
    expected: PROTOCOL,
    first: [[8, 1]],
    later: (wire) => wire.settings([[8, 0]]),
  }),
]
