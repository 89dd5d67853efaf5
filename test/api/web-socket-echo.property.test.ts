import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openWebSocket, router, webSocket } from '../../src/api/index.ts'
import { ClientSession, ServerSession } from '../../src/session/index.ts'
import { type ByteTransport, FaultyTransport, memoryPair } from '../../src/transport/index.ts'
import { origin, realPlatform, text, until, utf8 } from './pair.ts'

const numRuns = Number(process.env.FC_RUNS ?? 100)

const message = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 200_000 }).map((size) => new Uint8Array(size).fill(size)) },
)

/** How finely the bytes are cut; large messages are left to the coarse ones, for the sake of time. */
const sizes = [1, 2, 7, 100, 1000, 16_393, 70_000]
const FINE = 100

/** What a `WebSocket` hands on for what was sent. */
const shown = (data: unknown) =>
  typeof data === 'string'
    ? data
    : Buffer.from(data as Uint8Array)
        .toString('latin1')
        .concat(' (bytes)')

it('RFC 8441 §5: whatever is sent comes back, whole and in order, however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 12 }),
      fc.constantFrom(...sizes),
      fc.integer(),
      fc.boolean(),
      async (generated, size, seed, useClass) => {
        const messages = generated.map((data) => (size > FINE ? data : data.slice(0, 300)))
        const [near, far] = memoryPair({ highWaterMark: 4096 })
        const errors: unknown[] = []
        const onError = (error: unknown) => void errors.push(error)
        const slow: ByteTransport = new FaultyTransport(near, { seed, maxSlice: size })
        const echo = webSocket(
          useClass
            ? (socket) => {
                socket.binaryType = 'arraybuffer'
                socket.onmessage = ({ data }) => socket.send(data as string)
              }
            : { message: (socket, data) => void socket.send(data) },
        )
        const platform = realPlatform
        const onStream = router({ connect: { websocket: echo }, onError })
        const server = new ServerSession(far, { platform, extendedConnect: 'advertise', onStream, onError })
        const client = new ClientSession(slow, { platform, onError })

        const socket = await openWebSocket(client, origin, '/echo')
        socket.binaryType = 'arraybuffer'
        const got: unknown[] = []
        let closed: CloseEvent | undefined
        socket.onmessage = ({ data }) => got.push(shown(data instanceof ArrayBuffer ? new Uint8Array(data) : data))
        socket.onclose = (event) => {
          closed = event as unknown as CloseEvent
        }
        for (const data of messages) socket.send(data)
        await until(() => got.length === messages.length)
        socket.close(1000, 'done')
        await until(() => closed !== undefined)
        // Lone surrogates were replaced on the way out.
        expect(got).toEqual(messages.map((data) => shown(typeof data === 'string' ? text(utf8(data)) : data)))
        expect(closed).toMatchObject({ code: 1000, wasClean: true })
        await until(() => client.streamCount + server.streamCount === 0)
        expect(errors).toEqual([])
        client.abort()
        server.abort()
      },
    ),
    { numRuns, verbose: 1 },
  )
})
