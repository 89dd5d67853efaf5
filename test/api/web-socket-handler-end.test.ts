import { describe, expect, it } from 'vitest'
import { ErrorCode, UsageError } from '../../src/errors/index.ts'
import { serve } from './logged-handler.ts'
import { FakeTime, settle, until, utf8 } from './pair.ts'
import { handshakeFields, rawSocket } from './raw-socket.ts'

describe('the end of a handler socket', () => {
  it('RFC 6455 §7.1.2: the Close of the client is answered, then END_STREAM, and nothing is reset', async () => {
    const { client, server, log, sockets } = serve()
    const socket = await rawSocket(client)
    socket.core.close(4001, utf8('bye'))
    socket.flush()
    await until(() => socket.ended)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 4001 }])
    expect(log).toEqual([['close', 4001, 'bye', 3]])
    expect(sockets[0].send('late')).toBe(false)
    socket.stream.end()
    await until(() => server.streamCount === 0)
    expect(socket.resetCode).toBeUndefined()
  })

  it('RFC 6455 §7.1.5: a Close without a code is 1005', async () => {
    const { client, log } = serve()
    const socket = await rawSocket(client)
    socket.core.close()
    socket.flush()
    await until(() => log.length > 0)
    expect(log).toEqual([['close', 1005, '', 3]])
  })

  it('RFC 6455 §7.1.2: our Close waits for the answer, messages still come meanwhile', async () => {
    const { client, log, sockets } = serve()
    const socket = await rawSocket(client)
    sockets[0].close(1001, 'moving')
    expect(sockets[0].readyState).toBe(2)
    expect(sockets[0].send('no')).toBe(false)
    await settle()
    expect(socket.ended).toBe(false)
    expect(socket.of('CloseReceived')).toMatchObject([{ code: 1001, reason: utf8('moving') }])
    socket.flush()
    await until(() => socket.ended)
    expect(log).toEqual([['close', 1001, 'moving', 3]])
  })

  it('RFC 6455 §7.4: codes and reasons that may not be sent are refused', async () => {
    const { client, sockets } = serve()
    await rawSocket(client)
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 1.5]) {
      expect(() => sockets[0].close(code)).toThrow(UsageError)
    }
    expect(() => sockets[0].close(1000, 'ü'.repeat(62))).toThrow(UsageError)
    expect(sockets[0].readyState).toBe(1)
  })

  it('RFC 8441 §5: END_STREAM without a Close is 1006, and our side ends too', async () => {
    const { client, log, server } = serve()
    const socket = await rawSocket(client)
    socket.stream.end()
    await until(() => socket.ended)
    expect(log).toEqual([['close', 1006, '', 3]])
    await until(() => server.streamCount === 0)
    expect(socket.resetCode).toBeUndefined()
  })

  it('a request that ended with its fields is a socket that ends at once', async () => {
    const { client, log } = serve()
    await client.ready()
    const stream = await client.request(handshakeFields(), { endStream: true })
    await stream.response()
    await until(() => log.length > 0)
    expect(log).toEqual([['close', 1006, '', 3]])
  })

  it('RFC 8441 §5: a reset is 1006 with the StreamError', async () => {
    const told: unknown[] = []
    const { client, log, errors } = serve({ error: (_, error) => void told.push(error) })
    const socket = await rawSocket(client)
    socket.stream.reset(ErrorCode.CANCEL)
    await until(() => log.length > 0)
    expect(told).toMatchObject([{ name: 'StreamError', code: ErrorCode.CANCEL, initiator: 'remote' }])
    expect(log).toEqual([['close', 1006, '', 3]])
    expect(errors).toEqual([])
  })

  it('RFC 8441 §5: a reset after a clean close is no news', async () => {
    const told: unknown[] = []
    const { client, log, errors, server } = serve({ error: (_, error) => void told.push(error) })
    const socket = await rawSocket(client)
    socket.core.close(1000)
    socket.flush()
    await until(() => socket.ended)
    socket.stream.reset(ErrorCode.CANCEL)
    await until(() => server.streamCount === 0)
    expect(log).toEqual([['close', 1000, '', 3]])
    expect([...told, ...errors]).toEqual([])
  })

  it('RFC 8441 §5: terminate resets with CANCEL', async () => {
    const { client, log, sockets } = serve()
    const socket = await rawSocket(client)
    sockets[0].terminate()
    sockets[0].terminate()
    expect(log).toEqual([['close', 1006, '', 3]])
    await until(() => socket.resetCode !== undefined)
    expect(socket.resetCode).toBe(ErrorCode.CANCEL)
  })

  it('terminate inside of a callback: no message follows, close does, once and after it', async () => {
    const order: string[] = []
    const { client, log } = serve({
      message(socket) {
        socket.terminate()
        order.push('terminated')
      },
      close: () => void order.push('closed'),
    })
    const socket = await rawSocket(client)
    for (const word of ['one', 'two', 'three']) socket.core.sendText(utf8(word))
    socket.flush()
    await until(() => socket.resetCode !== undefined)
    expect(order).toEqual(['terminated', 'closed'])
    expect(log).toEqual([
      ['message', 'one'],
      ['close', 1006, '', 3],
    ])
  })

  it('a lost connection is 1006 for every socket', async () => {
    const { client, log } = serve()
    await rawSocket(client)
    await rawSocket(client)
    client.abort()
    await until(() => log.length === 2)
    expect(log).toEqual([
      ['close', 1006, '', 3],
      ['close', 1006, '', 3],
    ])
  })

  it('a client that does not end its side is cancelled after two seconds, quietly', async () => {
    const time = new FakeTime()
    const told: unknown[] = []
    const { client, server, log, errors } = serve({ error: (_, e) => void told.push(e) }, { platform: time.platform })
    const socket = await rawSocket(client)
    socket.core.close(1000)
    socket.flush()
    await until(() => socket.ended)
    time.advance(1999)
    await settle()
    expect(socket.resetCode).toBeUndefined()
    time.advance(1)
    await until(() => socket.resetCode !== undefined)
    expect(socket.resetCode).toBe(ErrorCode.CANCEL)
    expect(server.streamCount).toBe(0)
    expect(log).toEqual([['close', 1000, '', 3]])
    expect([...told, ...errors]).toEqual([])
  })

  it('a client that never answers our Close is given up after ten seconds', async () => {
    const time = new FakeTime()
    const { client, log, sockets } = serve({}, { platform: time.platform })
    const socket = await rawSocket(client)
    sockets[0].close(1000)
    await settle()
    time.advance(9999)
    await settle()
    expect(log).toEqual([])
    time.advance(1)
    await until(() => socket.resetCode !== undefined)
    expect(log).toEqual([['close', 1006, '', 3]])
  })
})

describe('a handler whose callbacks throw', () => {
  const boom = new Error('boom')
  const fail = () => {
    throw boom
  }

  it.each(['open', 'message'] as const)(
    'RFC 6455 §7.4.1: in %s closes with 1011, and onError hears of it',
    async (where) => {
      const { client, errors, log } = serve({ [where]: fail })
      const socket = await rawSocket(client)
      socket.core.sendText(utf8('hi'))
      socket.flush()
      await until(() => socket.of('CloseReceived').length > 0)
      expect(socket.of('CloseReceived')).toMatchObject([{ code: 1011 }])
      socket.flush()
      await until(() => socket.ended)
      expect(errors).toEqual([boom])
      expect(log.at(-1)).toEqual(['close', 1011, '', 3])
    },
  )

  it('gets no more messages of that socket', async () => {
    const { client, errors, log } = serve({ message: fail })
    const socket = await rawSocket(client)
    for (const word of ['one', 'two', 'three']) socket.core.sendText(utf8(word))
    socket.flush()
    await until(() => socket.of('CloseReceived').length > 0)
    expect(log).toEqual([['message', 'one']])
    expect(errors).toEqual([boom])
  })

  it('an error callback takes it instead of onError; what that throws goes to onError', async () => {
    const told: unknown[] = []
    const worse = new Error('worse')
    const { client, errors } = serve({
      message: fail,
      error(_, error) {
        told.push(error)
        throw worse
      },
    })
    const socket = await rawSocket(client)
    socket.core.sendText(utf8('hi'))
    socket.flush()
    await until(() => socket.of('CloseReceived').length > 0)
    expect(told).toEqual([boom])
    expect(errors).toEqual([worse])
  })

  it('in close and drain is told, and harms nobody else', async () => {
    const { client, errors, sockets } = serve({ close: fail, drain: fail })
    const socket = await rawSocket(client)
    const other = await rawSocket(client)
    while (sockets[0].send(new Uint8Array(10_000)));
    await until(() => errors.length === 1)
    socket.flush()
    await until(() => socket.ended)
    expect(errors).toEqual([boom, boom])
    expect(other.ended).toBe(false)
    expect(client.state).toBe('open')
  })
})
