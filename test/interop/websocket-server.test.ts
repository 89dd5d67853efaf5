import { afterAll, beforeAll, expect, test } from 'vitest'
import { exchange, nodeHttp2, openSession } from './peers/node-http2-client.ts'
import { messageSteps, pythonH2, runSteps } from './peers/python-h2.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { echoPaths, flawless } from './support/exchange.ts'
import { closing } from './support/payloads.ts'
import { describePeer } from './support/presence.ts'

// Scripted WebSocket clients of other people's HTTP/2 against our server. Browsers have a file of their own.
let h2: Demo
let h2c: Demo
beforeAll(async () => {
  h2 = await startDemo()
  h2c = await startDemo({ h2c: true })
})
afterAll(async () => {
  await Promise.all([h2?.stop(), h2c?.stop()])
})

const transports = [
  { transport: 'h2c', demo: () => h2c },
  { transport: 'TLS', demo: () => h2 },
]
const cases = transports.flatMap((item) => echoPaths.map((path) => ({ ...item, path })))

describePeer(nodeHttp2, 'client with ws framing against our server', () => {
  for (const { transport, demo, path } of cases) {
    test(`RFC 8441 §5: ${path} echoes all messages and answers the close (${transport})`, async () => {
      const { url, ca } = demo()
      const session = await openSession(url, ca?.pem)
      try {
        expect(await exchange(session, new URL(path, url))).toEqual(flawless)
      } finally {
        session.destroy()
      }
    })
  }

  test('RFC 8441 §4: many WebSockets run side by side on one connection', async () => {
    const session = await openSession(h2.url, h2.ca?.pem)
    try {
      const runs = Array.from({ length: 8 }, (_, i) => exchange(session, new URL(echoPaths[i % 2] ?? '', h2.url)))
      expect(await Promise.all(runs)).toEqual(runs.map(() => flawless))
    } finally {
      session.destroy()
    }
  })
})

describePeer(pythonH2, 'client against our server', () => {
  for (const { transport, demo, path } of cases) {
    test(`RFC 8441 §5: ${path} echoes all messages, a Ping, and answers the close (${transport})`, async () => {
      const { url, ca } = demo()
      const steps = [...messageSteps, 'ping', `close:${closing.code}:${closing.reason}`]
      const reports = await runSteps(new URL(path, url), ca?.path, steps)
      expect(reports).toEqual([{ status: 200 }, ...flawless.echoes, { pong: true }, flawless.close])
    })
  }

  test('RFC 8441 §4: a WebSocket to an unknown path is answered with 404 and no tunnel', async () => {
    expect(await runSteps(new URL('/nowhere', h2c.url), undefined, [])).toEqual([{ status: 404 }])
  })

  test.each(echoPaths)(
    'RFC 6455 §7.1.5: END_STREAM without Close on %s ends the stream and harms nobody',
    async (path) => {
      const reports = await runSteps(new URL(path, h2c.url), undefined, ['text:5', 'half'])
      // Ended or cancelled by the server, but without a Close of its own: the handshake never began.
      expect(reports[2]).toMatchObject({ reset: expect.toSatisfy((code) => code === null || code === 8), close: [] })
      const again = await runSteps(new URL(path, h2c.url), undefined, ['text:5'])
      expect(again).toEqual([{ status: 200 }, flawless.echoes[0]])
    },
  )

  test.each(echoPaths)('RFC 8441 §5: a client that resets its stream on %s harms nobody', async (path) => {
    expect(await runSteps(new URL(path, h2c.url), undefined, ['text:5', 'reset'])).toHaveLength(3)
    const again = await runSteps(new URL(path, h2c.url), undefined, ['text:5'])
    expect(again).toEqual([{ status: 200 }, flawless.echoes[0]])
  })

  test('RFC 8441 §4: the chat greets with the stream and the :protocol that the server saw', async () => {
    const [, report] = await runSteps(new URL('/chat', h2c.url), undefined, ['wait'])
    const { message } = report as { message: string }
    expect(JSON.parse(message)).toMatchObject({ type: 'welcome', stream: 1, protocol: 'websocket' })
  })
})
