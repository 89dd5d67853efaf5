import { expect, it } from 'vitest'
import { latin1Encode } from '../../src/bytes/index.ts'
import { Bench, drain, POST } from './support.ts'
import { CLIENT, lawful, SERVER } from './wire-case.ts'

for (const options of [SERVER, CLIENT]) {
  lawful(
    `RFC 9113 §6.7: a ${options.role} answers each PING with its octets and the ACK flag`,
    { options, wire: (wire) => wire.ping('12345678').ping('\0\0\0\0ÿÿÿÿ') },
    ['PingReceived', 'PingReceived'],
    ['PING ACK 12345678', 'PING ACK \0\0\0\0ÿÿÿÿ'],
  )
  lawful(
    `RFC 9113 §6.7: a ${options.role} answers no PING that has the ACK flag`,
    { options, wire: (wire) => wire.ping('12345678', 1).ping('draining', 1) },
    [],
    [],
  )
}

it('RFC 9113 §6.7: a PING response goes before queued DATA', () => {
  const bench = new Bench(CLIENT)
  bench.connection.openStream(POST, false)
  bench.answers()
  bench.connection.sendData(1, new Uint8Array(5000), true)
  bench.wire.ping('12345678')
  bench.deliver()
  expect(bench.answers()).toEqual(['PING ACK 12345678', 'DATA 1 5000 END_STREAM'])
})

it('RFC 9113 §6.7: answers are matched to our PINGs in any order, each once, with the round trip', () => {
  const bench = new Bench(SERVER)
  bench.connection.ping(latin1Encode('AAAAAAAA'), 100)
  bench.connection.ping(latin1Encode('BBBBBBBB'), 130)
  expect(bench.answers()).toEqual(['PING AAAAAAAA', 'PING BBBBBBBB'])
  bench.now = 150
  bench.wire.ping('BBBBBBBB', 1).ping('BBBBBBBB', 1).ping('AAAAAAAA', 1)
  expect(bench.events()).toEqual([
    { type: 'PingAcknowledged', data: latin1Encode('BBBBBBBB'), roundTrip: 20 },
    { type: 'PingAcknowledged', data: latin1Encode('AAAAAAAA'), roundTrip: 50 },
  ])
})

it('RFC 9113 §6.7: a PING has 8 octets, none that another on the way has, and 64 may be on the way', () => {
  const { connection } = new Bench(SERVER)
  expect(() => connection.ping(new Uint8Array(7), 1)).toThrow('exactly 8')
  expect(() => connection.ping(new Uint8Array(9), 1)).toThrow('exactly 8')
  connection.ping(latin1Encode('12345678'), 1)
  expect(() => connection.ping(latin1Encode('12345678'), 1)).toThrow('same bytes')
  expect(() => connection.ping(latin1Encode('draining'), 1)).toThrow('same bytes')
  for (let i = 1; i < 64; i++) connection.ping(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, i), 1)
  expect(() => connection.ping(new Uint8Array(8), 1)).toThrow('unanswered')
  connection.takeOutput(10_000)
  expect(drain(connection)).toEqual([])
  expect(connection.hasOutput).toBe(false)
})
