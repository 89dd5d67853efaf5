import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import { CloseCode, type WebSocketConnection } from '../../src/websocket/index.ts'
import { closePayload, connection, drain, frame, join, show, utf8 } from './frames.ts'

function written(socket: WebSocketConnection): Uint8Array {
  return join(...socket.takeOutput())
}

describe('the closing handshake', () => {
  const answered = frame({ opcode: 8, payload: closePayload(1000), key: [9, 9, 9, 9] })

  it('RFC 6455 §7.1.2: a Close is sent once and no data after it', () => {
    const server = connection('server')
    server.sendText(utf8('last'))
    server.close(CloseCode.GOING_AWAY, utf8('bye'))
    expect(server.state).toBe('closing')
    server.close(1000)
    for (const send of [
      () => server.sendText(utf8('x')),
      () => server.sendTextString('x'),
      () => server.sendBinary(utf8('x')),
      () => server.sendPing(),
      () => server.sendPong(),
    ]) {
      expect(send).toThrow(UsageError)
    }
    const last = frame({ opcode: 1, payload: 'last' })
    expect(written(server)).toEqual(join(last, frame({ opcode: 8, payload: closePayload(1001, 'bye') })))
  })

  it('RFC 6455 §1.4: messages that come before the answering Close are delivered, Pings answered', () => {
    const server = connection('server')
    server.close(1000)
    written(server)
    server.receive(frame({ opcode: 1, payload: 'still', key: [1, 2, 3, 4] }))
    server.receive(frame({ opcode: 9, payload: 'p', key: [1, 2, 3, 4] }))
    expect(written(server)).toEqual(frame({ opcode: 10, payload: 'p' }))
    server.receive(answered.slice())
    expect(drain(server).map(show)).toEqual(['text "still"', 'ping "p"', 'close 1000 ""', 'closed 1000 clean'])
    expect(server.state).toBe('closed')
    expect(server.pendingOutput).toBe(0)
  })

  it('RFC 6455 §7.1.5: when both ends close at once, each reports the code of the other', () => {
    const client = connection('client')
    const server = connection('server')
    client.close(4001)
    server.close(4002)
    server.receive(written(client))
    client.receive(written(server))
    expect(drain(client).map(show)).toEqual(['close 4002 ""', 'closed 4002 clean'])
    expect(drain(server).map(show)).toEqual(['close 4001 ""', 'closed 4001 clean'])
    expect([client.pendingOutput, server.pendingOutput]).toEqual([0, 0])
  })

  it('RFC 6455 §7.1.5: bytes that end without a Close are an abnormal closure, wherever they end', () => {
    const wire = join(
      frame({ opcode: 1, payload: 'whole', key: [1, 2, 3, 4] }),
      frame({ opcode: 2, payload: 'part', key: [4, 3, 2, 1] }),
    )
    for (let size = 0; size < wire.length; size++) {
      const server = connection('server')
      server.receive(wire.slice(0, size))
      server.receiveEnd()
      server.receiveEnd()
      server.receive(wire.slice(size))
      const message = size < 11 ? [] : ['text "whole"']
      expect(drain(server).map(show)).toEqual([...message, 'closed 1006 unclean'])
      expect(server.pendingOutput).toBe(0)
    }
  })

  it('RFC 6455 §5.5.1: a message that came in one chunk with the Close, or a fault, can be answered before it', () => {
    const request = frame({ opcode: 1, payload: 'ask', key: [1, 2, 3, 4] })
    const reply = frame({ opcode: 1, payload: 'reply' })
    const ends = [
      { end: answered, answer: closePayload(1000), events: ['close 1000 ""', 'closed 1000 clean'] },
      { end: frame({ opcode: 3 }), answer: closePayload(1002), events: ['closed 1006 unclean 1002 RFC 6455 §5.2'] },
    ]
    for (const { end, answer, events } of ends) {
      const server = connection('server')
      server.receive(join(request, end))
      // What comes now is behind the end.
      server.receive(request.slice())
      expect(server.state).toBe('open')
      expect(server.nextEvent()).toMatchObject({ type: 'MessageReceived' })
      server.sendText(utf8('reply'))
      expect(server.state).toBe('open')
      expect(drain(server).map(show)).toEqual(events)
      expect(server.state).toBe('closed')
      expect(written(server)).toEqual(join(reply, frame({ opcode: 8, payload: answer })))
    }
  })

  it('RFC 6455 §5.5.1: a Close or a fault with nothing before it counts at once', () => {
    for (const end of [answered.slice(), frame({ opcode: 3 })]) {
      const server = connection('server')
      server.receive(end)
      expect(server.state).toBe('closed')
      expect(server.pendingOutput).toBe(4)
    }
  })

  it('RFC 6455 §7.1.5: a Close that waits behind undrained events counts when the bytes end', () => {
    const server = connection('server')
    server.receive(join(frame({ opcode: 1, payload: 'ask', key: [1, 2, 3, 4] }), answered))
    server.receiveEnd()
    expect(server.state).toBe('closed')
    expect(drain(server).map(show)).toEqual(['text "ask"', 'close 1000 ""', 'closed 1000 clean'])
  })

  it('RFC 6455 §7.1.5: who closes while the Close of the peer waits has closed cleanly', () => {
    const server = connection('server')
    server.receive(join(frame({ opcode: 1, payload: 'ask', key: [1, 2, 3, 4] }), answered))
    server.nextEvent()
    server.close(4000)
    expect(server.state).toBe('closing')
    expect(drain(server).map(show)).toEqual(['close 1000 ""', 'closed 1000 clean'])
    expect(written(server)).toEqual(frame({ opcode: 8, payload: closePayload(4000) }))
  })

  it('RFC 6455 §7.1.4: bytes that end after our Close but before theirs are not a clean closure', () => {
    const server = connection('server')
    server.close()
    expect(written(server)).toEqual(frame({ opcode: 8 }))
    server.receiveEnd()
    expect(drain(server).map(show)).toEqual(['closed 1006 unclean'])
  })

  it('RFC 6455 §7.1.4: after a clean closure the end of the bytes is no news', () => {
    const server = connection('server')
    server.receive(answered.slice())
    server.receiveEnd()
    expect(drain(server).map(show)).toEqual(['close 1000 ""', 'closed 1000 clean'])
    expect(() => server.sendText(utf8('x'))).toThrow(UsageError)
  })

  it('RFC 6455 §7.1.7: a fault after our Close sends no second one and reads no further', () => {
    const server = connection('server')
    server.close(1000)
    written(server)
    server.receive(join(frame({ opcode: 3, key: [1, 2, 3, 4] }), answered))
    server.receive(answered.slice())
    expect(drain(server).map(show)).toEqual(['closed 1006 unclean 1002 RFC 6455 §5.2'])
    expect(server.pendingOutput).toBe(0)
  })

  it('RFC 6455 §7.4: codes that no Close frame may carry, and reasons that are none, change nothing', () => {
    const server = connection('server')
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN, -1, 65_536 + 1000]) {
      expect(() => server.close(code), String(code)).toThrow(UsageError)
    }
    expect(() => server.close(1000, new Uint8Array(124).fill(0x61))).toThrow(UsageError)
    expect(() => server.close(1000, Uint8Array.of(0xc3))).toThrow(UsageError)
    expect(() => server.close(undefined, utf8('why'))).toThrow(UsageError)
    expect(server.state).toBe('open')
    expect(server.pendingOutput).toBe(0)
    server.close(1000, new Uint8Array(123).fill(0x61))
    expect(server.pendingOutput).toBe(127)
  })

  it('RFC 6455 §7.4: every code that may be sent is', () => {
    for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]) {
      const server = connection('server')
      server.close(code)
      expect(written(server)).toEqual(frame({ opcode: 8, payload: closePayload(code) }))
    }
  })
})
