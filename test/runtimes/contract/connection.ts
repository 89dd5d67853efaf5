import { HandshakeError, tunnelStreams } from '../../../src/api/index.ts'
import type { Case } from './case.ts'
import { equal, isPattern, joined, ok, pattern, rejection, sleep, text, utf8 } from './check.ts'

export const tunnelCases: readonly Case[] = [
  {
    group: 'tunnels',
    name: 'bytes go both ways through a tunnel of another protocol',
    async run(session) {
      const { readable, writable } = tunnelStreams(await session.connect({ protocol: 'x-echo', path: '/' }))
      const back = joined(readable)
      const writer = writable.getWriter()
      for (let at = 0; at < 1_000_000; at += 50_000) await writer.write(pattern(50_000, at))
      await writer.close()
      isPattern(await back, 1_000_000)
    },
  },
  {
    group: 'tunnels',
    name: 'one direction ends, and the other goes on',
    async run(session) {
      const tunnel = await session.connect({ protocol: 'x-size', path: '/' })
      tunnel.write(utf8('half-'))
      tunnel.end(utf8('closed'))
      equal(text(await joined(tunnel)), '11 half-')
    },
  },
  {
    group: 'tunnels',
    name: 'a reset has the code it was given',
    async run(session) {
      const id = Math.random().toString(36).slice(2)
      const tunnel = await session.connect({ protocol: 'x-hold', path: `/?id=${id}` })
      tunnel.reset(0xa)
      equal(await (await session.fetch(`/seen?id=${id}`)).json(), 0xa)
    },
  },
  {
    group: 'tunnels',
    name: 'an unknown protocol is a 501',
    async run(session) {
      const error = await rejection(session.connect({ protocol: 'x-none', path: '/' }))
      equal([error instanceof HandshakeError, error.reason, error.status], [true, 'status', 501])
    },
  },
]

export const connectionCases: readonly Case[] = [
  {
    group: 'connection',
    name: 'PING measures the round trip',
    async run(session) {
      const milliseconds = await session.ping()
      ok(milliseconds >= 0 && milliseconds < 10_000, `${milliseconds} ms`)
    },
  },
  {
    group: 'connection',
    name: "the server's settings offer extended CONNECT",
    async run(session) {
      const settings = await session.session.ready()
      equal(settings.enableConnectProtocol, true)
    },
  },
  {
    group: 'connection',
    name: 'a graceful close lets what is in flight finish',
    async run(session) {
      const answer = session.fetch('/take', { method: 'POST', body: pattern(1000) })
      await sleep(20)
      const closed = session.close({ drain: 10_000 })
      equal(await (await answer).text(), '1000')
      await closed
      equal([session.state, session.error === undefined], ['closed', true])
      await rejection(session.fetch('/hello'))
    },
  },
  {
    group: 'connection',
    name: 'a server that goes away answers what it has, and the connection ends',
    async run(session) {
      equal(await (await session.fetch('/go-away')).text(), 'last words')
      await session.closed
      equal([session.state, session.error === undefined], ['closed', true])
    },
  },
]
