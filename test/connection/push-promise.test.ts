import { describe } from 'vitest'
import { Flag } from '../../src/frames/index.ts'
import { type Bench, GET, OK, POST } from './support.ts'
import { CLIENT, connectionFault, SERVER, type WireCase } from './wire-case.ts'

/*
 * RFC 9113 §6.6: a client says ENABLE_PUSH=0 before its first request, so that no server can lawfully have sent a
 * PUSH_PROMISE that is still on its way. Every one is a connection error, whatever else would be said of it.
 */
const asked = ({ connection }: Bench): void => void connection.openStream(GET, true)

const cases: readonly (readonly [what: string, wireCase: WireCase])[] = [
  ['on an idle stream', { options: CLIENT, wire: (wire) => wire.promise(1, 2, GET) }],
  ['on a stream of the server’s', { options: CLIENT, before: asked, wire: (wire) => wire.promise(2, 4, GET) }],
  [
    'on a stream that we reset',
    {
      options: CLIENT,
      before: (bench) => {
        asked(bench)
        bench.connection.reset(1)
      },
      wire: (wire) => wire.promise(1, 2, GET),
    },
  ],
  [
    'on a closed stream',
    {
      options: CLIENT,
      before: (bench) => {
        asked(bench)
        bench.wire.headers(1, OK, Flag.END_STREAM)
      },
      wire: (wire) => wire.promise(1, 2, GET),
    },
  ],
  ['of an odd stream', { options: CLIENT, before: asked, wire: (wire) => wire.promise(1, 3, GET) }],
  ['of POST, which is not safe', { options: CLIENT, before: asked, wire: (wire) => wire.promise(1, 2, POST) }],
  [
    'without END_HEADERS, and another frame behind it',
    {
      options: CLIENT,
      before: asked,
      wire: (wire) =>
        wire
          .frame({
            kind: 'PUSH_PROMISE',
            streamId: 1,
            flags: 0,
            promisedStreamId: 2,
            fragment: wire.block(GET).subarray(1),
          })
          .data(1, 'x'),
    },
  ],
  ['to a server', { options: SERVER, wire: (wire) => wire.promise(1, 2, GET) }],
]

describe('PUSH_PROMISE', () => {
  for (const [what, wireCase] of cases) {
    connectionFault(
      `RFC 9113 §6.6: PUSH_PROMISE ${what} is a connection error PROTOCOL_ERROR`,
      'PROTOCOL_ERROR',
      wireCase,
    )
  }
})
