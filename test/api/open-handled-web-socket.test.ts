import { describe, expect, it } from 'vitest'
import {
  type ClientWebSocketHandler,
  type HandledWebSocket,
  OriginSession,
  openHandledWebSocket,
  webSocket,
} from '../../src/api/index.ts'
import { ErrorCode, UsageError } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, type Pair, settle, until, utf8 } from './pair.ts'
import { acceptRaw, type RawSocket } from './raw-socket.ts'

/** A handler whose calls are written down. */
function logged(handler: ClientWebSocketHandler = {}) {
  const log: unknown[] = []
  const written: ClientWebSocketHandler = {
    ...handler,
    open(socket) {
      log.push(['open', socket.readyState])
      return handler.open?.(socket)
    },
    message(socket, data) {
      log.push(['message', data])
      return handler.message?.(socket, data)
    },
    close(socket, code, reason, { wasClean, unsentMessages }) {
      log.push(['close', code, reason, wasClean, unsentMessages, socket.readyState])
    },
  }
  return { log, handler: written }
}

/** A client's socket against a server driven by hand, which says `first` in the turn of its answer. */
async function openToRawPeer(options?: ClientWebSocketHandler, first: (peer: RawSocket) => void = () => {}) {
  const { log, handler } = logged(options)
  const errors: unknown[] = []
  const accepted = gate<RawSocket>()
  const both = rawPair((stream) => {
    const peer = acceptRaw(stream)
    first(peer)
    accepted.open(peer)
  }, errors)
  const opened = openHandledWebSocket(both.client, origin, '/chat', handler)
  const socket = await opened.then((value) => {
    log.push('resolved')
    return value
  })
  return { socket, log, errors, both, peer: await accepted.promise }
}

describe('a WebSocket opened with a handler object', () => {
  it('RFC 8441 §5: is told text and bytes in their order, after open, and sends both', async () => {
    const { socket, log, peer } = await openToRawPeer({ open: (opened) => void opened.send('first') })
    expect(log).toEqual([['open', 1], 'resolved'])
    peer.core.sendText(utf8('grüße'))
    peer.core.sendBinary(Uint8Array.of(1, 2))
    peer.flush()
    await until(() => log.length === 4)
    expect(log.slice(2)).toEqual([
      ['message', 'grüße'],
      ['message', Uint8Array.of(1, 2)],
    ])
    expect(socket.send(Uint8Array.of(3))).toBe(true)
    await until(() => peer.of('MessageReceived').length === 2)
    expect(peer.of('MessageReceived')).toMatchObject([
      { text: true, data: utf8('first') },
      { text: false, data: Uint8Array.of(3) },
    ])
    expect([socket.protocol, socket.extensions, socket.streamId]).toEqual(['', '', peer.stream.id])
  })

  it('is told what came with the answer, behind open', async () => {
    const { log } = await openToRawPeer({}, (peer) => {
      peer.core.sendText(utf8('at once'))
      peer.flush()
    })
    await settle()
    expect(log).toEqual([['open', 1], ['message', 'at once'], 'resolved'])
  })

  it('RFC 6455 §7.1.4: closes with a code and a reason, and hears of the end once', async () => {
    const { socket, log, peer } = await openToRawPeer()
    socket.close(4001, 'enough')
    expect(socket.readyState).toBe(2)
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 4001, reason: utf8('enough') }])
    peer.flush()
    peer.stream.end()
    await until(() => log.length === 3)
    expect(log[2]).toEqual(['close', 4001, 'enough', true, 0, 3])
    expect(socket.send('late')).toBe(false)
  })

  it('RFC 8441 §5: a reset is 1006, with its error', async () => {
    const heard: unknown[] = []
    const { log, peer, errors } = await openToRawPeer({ error: (_, error) => void heard.push(error) })
    peer.stream.reset(ErrorCode.CANCEL)
    await until(() => log.length === 3)
    expect(log[2]).toEqual(['close', 1006, '', false, 0, 3])
    expect(heard).toMatchObject([{ code: ErrorCode.CANCEL }])
    expect(errors).toEqual([])
  })

  it('RFC 6455 §5.1: a masked frame of a server ends it with 1002, and error hears the rule', async () => {
    const heard: unknown[] = []
    const { log, peer } = await openToRawPeer({ error: (_, error) => void heard.push(error) })
    peer.stream.write(Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 97))
    await until(() => log.length === 3)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1002 }])
    expect(heard).toMatchObject([{ section: 'RFC 6455 §5.1' }])
    expect(log[2]).toEqual(['close', 1006, '', false, 0, 3])
  })

  it('RFC 6455 §7.4.1: a client that closes the session says 1001', async () => {
    const { both, log, peer } = await openToRawPeer()
    const closed = both.client.close()
    await until(() => peer.of('CloseReceived').length === 1)
    expect(peer.of('CloseReceived')).toMatchObject([{ code: 1001 }])
    peer.flush()
    peer.stream.end()
    await closed
    expect(log[2]).toEqual(['close', 1001, '', true, 0, 3])
  })

  it.each(['open', 'message'] as const)(
    'one that %s terminates is resolved closed, and its end was told',
    async (callback) => {
      const { socket, log, peer } = await openToRawPeer(
        { [callback]: (one: HandledWebSocket) => one.terminate() },
        (server) => {
          server.core.sendText(utf8('one'))
          server.core.sendText(utf8('two'))
          server.flush()
        },
      )
      await until(() => socket.readyState === 3)
      await settle()
      const told = log.filter((entry) => entry !== 'resolved')
      const message = callback === 'open' ? [] : [['message', 'one']]
      expect(told).toEqual([['open', 1], ...message, ['close', 1006, '', false, 0, 3]])
      expect(peer.stream.signal.aborted).toBe(true)
    },
  )

  it('RFC 6455 §7.4.1: a session that open closes says 1001', async () => {
    const codes: number[] = []
    const websocket = webSocket({ close: (_, code) => void codes.push(code) })
    const { client } = pair({ connect: { websocket } })
    const { log, handler } = logged({ open: () => void client.close() })
    await openHandledWebSocket(client, origin, '/chat', handler)
    await client.closed
    expect(codes).toEqual([1001])
    expect(log).toEqual([
      ['open', 1],
      ['close', 1001, '', true, 0, 3],
    ])
  })

  it.each(['open', 'message'] as const)(
    'RFC 6455 §7.4.1: what %s throws closes it with 1011 and goes to onError of the session',
    async (callback) => {
      const boom = (): never => {
        throw new Error('boom')
      }
      const { errors, peer, log } = await openToRawPeer({ [callback]: boom }, (server) => {
        server.core.sendText(utf8('one'))
        server.core.sendText(utf8('two'))
        server.flush()
      })
      await until(() => peer.of('CloseReceived').length === 1)
      expect(peer.of('CloseReceived')).toMatchObject([{ code: 1011 }])
      expect(errors).toMatchObject([{ message: 'boom' }])
      expect(log.filter((entry) => Array.isArray(entry) && entry[0] === 'message').length).toBe(
        callback === 'open' ? 0 : 1,
      )
    },
  )
})

describe('the handshake of a WebSocket with a handler object', () => {
  function serve(accept: () => boolean): Pair {
    const echo = (socket: HandledWebSocket, data: string | Uint8Array) => void socket.send(data)
    return pair({ connect: { websocket: webSocket({ protocols: ['b', 'a'], accept, message: echo }) } })
  }

  it('RFC 6455 §4.1: offers what the handler says, by the method of a session', async () => {
    const { client } = serve(() => true)
    const session = new OriginSession(client, origin)
    const heard: unknown[] = []
    const socket = await session.handleWebSocket('/chat', {
      protocols: ['x', 'a'],
      message: (_, data) => void heard.push(data),
    })
    expect(socket.protocol).toBe('a')
    socket.send('hello')
    await until(() => heard.length === 1)
    expect(heard).toEqual(['hello'])
  })

  it('RFC 6455 §4.1: a refusal is a rejection, and nothing is told', async () => {
    const { client } = serve(() => false)
    const { log, handler } = logged()
    const opened = openHandledWebSocket(client, origin, '/chat', handler)
    await expect(opened).rejects.toMatchObject({ name: 'HandshakeError', reason: 'status', status: 403 })
    expect(log).toEqual([])
  })

  it('a signal that is aborted in open, or later, means nothing any more', async () => {
    const { client } = serve(() => true)
    const giveUp = new AbortController()
    const { log, handler } = logged({ signal: giveUp.signal, open: () => giveUp.abort() })
    const socket = await openHandledWebSocket(client, origin, '/chat', { ...handler, protocols: 'a' })
    socket.send('hello')
    await until(() => log.length === 2)
    expect(log).toEqual([
      ['open', 1],
      ['message', 'hello'],
    ])
  })

  it('a handshake given up before the answer is a rejection, and nothing is told', async () => {
    const giveUp = new AbortController()
    const { log, handler } = logged({ signal: giveUp.signal, protocols: 'a' })
    const { client } = serve(() => {
      giveUp.abort()
      return true
    })
    const opened = openHandledWebSocket(client, origin, '/chat', handler)
    await expect(opened).rejects.toMatchObject({ name: 'HandshakeError', reason: 'aborted' })
    await settle()
    expect(log).toEqual([])
  })

  it('what no handshake can have is refused before anything is sent', async () => {
    const { client, server } = serve(() => true)
    await expect(openHandledWebSocket(client, origin, '/', { maxMessageSize: -1 })).rejects.toThrow(UsageError)
    await expect(openHandledWebSocket(client, origin, '/', { protocols: ['a b'] })).rejects.toThrow(UsageError)
    await settle()
    expect(server.streamCount).toBe(0)
  })
})
