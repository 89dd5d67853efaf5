import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fetchOver, HandshakeError, openWebSocket, router, webSocket } from '../../src/api/index.ts'
import { ClientSession, ServerSession } from '../../src/session/index.ts'
import { FaultyTransport, memoryPair } from '../../src/transport/index.ts'
import { origin, realPlatform, settle } from './pair.ts'

const numRuns = Number(process.env.FC_RUNS ?? 150)

/** What escaped: nothing may. */
const escaped: unknown[] = []
const note = (error: unknown) => void escaped.push(error)
beforeAll(() => void process.on('unhandledRejection', note).on('uncaughtException', note))
afterAll(() => void process.off('unhandledRejection', note).off('uncaughtException', note))

/** The outcome of a promise: a value, an error, or neither. */
async function outcome(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'value',
    (error) => (error instanceof TypeError || error instanceof HandshakeError ? 'error' : `odd error ${error}`),
  )
}

it('RFC 9113 §5.4.1: wherever the bytes are cut or bent, everybody is told, once, and nothing escapes', async () => {
  let cut = 0
  let survived = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3000 }),
      fc.constantFrom('end', 'abort', 'corrupt'),
      fc.boolean(),
      fc.integer({ min: 1, max: 500 }),
      async (at, how, onServer, maxSlice) => {
        const plan = how === 'corrupt' ? { corruptAt: at } : { cutAt: at, cut: how as 'end' | 'abort' }
        const [near, far] = memoryPair()
        const bad = new FaultyTransport(onServer ? far : near, { ...plan, maxSlice, seed: at })
        const log: string[] = []
        const platform = realPlatform
        const onStream = router({
          fetch: async (request) => new Response(`heard ${(await request.text()).length}`),
          connect: {
            websocket: webSocket({
              open: () => void log.push('server open'),
              message: (socket, data) => void socket.send(data),
              close: () => void log.push('server close'),
            }),
          },
          onError: () => undefined,
        })
        const server = new ServerSession(onServer ? bad : far, { platform, extendedConnect: 'advertise', onStream })
        const client = new ClientSession(onServer ? near : bad, { platform })

        const post = { method: 'POST', body: 'x'.repeat(500) }
        const fetched = outcome(fetchOver(client, origin, '/', post).then((response) => response.text()))
        const opened = openWebSocket(client, origin, '/').then(async (socket) => {
          for (const type of ['open', 'error', 'close']) socket.addEventListener(type, () => log.push(`client ${type}`))
          for (let i = 0; i < 10; i++) socket.send('m'.repeat(i * 20))
          await settle(3)
          socket.close(1000)
        })
        const handshake = outcome(opened)
        await settle(10)
        // What was not cut ends here, so that whoever still waits is told.
        client.abort()
        server.abort()
        const results = await Promise.all([fetched, handshake])
        // `open` comes by a timer, and what happened before it comes after it.
        await new Promise((resolve) => setTimeout(resolve, 5))

        for (const result of results) expect(['value', 'error']).toContain(result)
        const count = (what: string) => log.filter((entry) => entry === what).length
        expect(count('server close')).toBe(count('server open'))
        if (results[1] === 'value') expect([count('client open'), count('client close')]).toEqual([1, 1])
        expect(count('client error')).toBeLessThanOrEqual(count('client close'))
        if (results.includes('error')) cut++
        else survived++
      },
    ),
    { numRuns, verbose: 1 },
  )
  expect(escaped).toEqual([])
  // The places must lie on both sides of what matters, or this has tested nothing.
  expect(cut).toBeGreaterThan(numRuns / 20)
  expect(survived).toBeGreaterThan(numRuns / 20)
})
