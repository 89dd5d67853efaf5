import { describe, expect, it } from 'vitest'
import { ErrorCode } from '../../src/errors/index.ts'
import { connect, record } from './class-socket.ts'
import { FakeTime, settle, until, utf8 } from './pair.ts'

describe('closing', () => {
  it.each([0, 999, 1001, 1005, 1006, 2999, 5000, Number.NaN])(
    'WebSockets Standard §3.1: close(%d) is an InvalidAccessError',
    async (code) => {
      const { socket } = await connect()
      expect(() => socket.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
      expect(socket.readyState).toBe(1)
    },
  )

  it('WebSockets Standard §3.1: a reason of more than 123 bytes is a SyntaxError', async () => {
    const { socket } = await connect()
    expect(() => socket.close(1000, 'ü'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    socket.close(3000, `${'ü'.repeat(61)}x`)
    expect(socket.readyState).toBe(2)
  })

  it.each([
    [undefined, undefined, 1005, ''],
    [1000, undefined, 1000, ''],
    [4999, 'so', 4999, 'so'],
    [undefined, 'why', 1000, 'why'],
  ])('RFC 6455 §7.1.2: close(%s, %s) is seen as %i', async (code, reason, seen, words) => {
    const { socket, peer, both } = await connect()
    const told = record(socket)
    await until(() => told.length === 1)
    socket.close(code, reason)
    socket.close(1000)
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: seen, reason: utf8(words) }])
    expect(told).toHaveLength(1)
    peer.flush()
    await until(() => told.length === 2)
    // The peer's Close echoes both; RFC 6455 §7.1.5 takes code and reason from there.
    expect(told[1]).toEqual(['close', seen, words, true, 3])
    await until(() => peer.ended)
    peer.stream.end()
    await until(() => both.client.streamCount === 0)
    expect(peer.resetCode).toBeUndefined()
  })

  it('WebSockets Standard §6: a message that comes after close() is not dispatched', async () => {
    const { socket, peer } = await connect()
    const told = record(socket)
    await until(() => told.length === 1)
    socket.close()
    peer.core.sendText(utf8('crossed'))
    await until(() => peer.of('CloseReceived').length === 1)
    peer.stream.write(Uint8Array.of(0x81, 0x01, 0x78))
    peer.flush()
    await until(() => told.length === 2)
    expect(told[1][0]).toBe('close')
  })

  it('RFC 8441 §5: END_STREAM without a Close: error, then close with 1006', async () => {
    const { socket, peer, both } = await connect()
    const told = record(socket)
    peer.stream.end()
    await until(() => told.length === 3)
    expect(told).toEqual([
      ['open', 1],
      ['error', 3],
      ['close', 1006, '', false, 3],
    ])
    await until(() => both.client.streamCount === 0)
    expect(peer.resetCode).toBeUndefined()
  })

  it('RFC 6455 §7.1.7: a fault of the server: Close 1002 to it, error with the fault, close with 1006', async () => {
    const { socket, peer } = await connect()
    const faults: unknown[] = []
    socket.onerror = ({ error }) => faults.push(error)
    const told = record(socket)
    peer.stream.write(Uint8Array.of(0x83, 0x00))
    await until(() => told.length === 3)
    expect(told.slice(1)).toEqual([
      ['error', 3],
      ['close', 1006, '', false, 3],
    ])
    expect(faults).toMatchObject([{ name: 'WebSocketError', code: 1002 }])
    await until(() => peer.ended)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1002 }])
  })

  it('RFC 6455 §7.4.1: a message over maxMessageSize fails with 1009', async () => {
    const { socket, peer } = await connect({ maxMessageSize: 10 })
    const told = record(socket)
    peer.core.sendText(utf8('01234567890'))
    peer.flush()
    await until(() => told.length === 3)
    await until(() => peer.ended)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1009 }])
  })

  it('a lost connection: error and close with 1006, also before open was dispatched', async () => {
    for (const early of [true, false]) {
      const { socket, both } = await connect()
      const told = record(socket)
      if (!early) await until(() => told.length === 1)
      both.client.abort()
      await until(() => told.length === 3)
      expect(told).toEqual([
        ['open', 1],
        ['error', 3],
        ['close', 1006, '', false, 3],
      ])
    }
  })

  it('a server that does not end its side is cancelled after two seconds, without another event', async () => {
    const time = new FakeTime()
    const { socket, peer, errors } = await connect({}, { platform: time.platform })
    const told = record(socket)
    await until(() => told.length === 1)
    socket.close(1000)
    await until(() => peer.of('CloseReceived').length === 1)
    peer.flush()
    await until(() => told.length === 2)
    time.advance(1999)
    await settle()
    expect(peer.resetCode).toBeUndefined()
    time.advance(1)
    await until(() => peer.resetCode === ErrorCode.CANCEL)
    expect(told).toHaveLength(2)
    expect(errors).toEqual([])
  })
})
