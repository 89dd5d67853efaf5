import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import {
  type BunSocket,
  type BunSocketHandlers,
  bunHandlers,
  type DenoConn,
  denoTransport,
} from '../../src/runtime/web/index.ts'
import type { ByteTransport } from '../../src/transport/index.ts'
import { type TransportPair, transportContract } from '../transport/contract.ts'

// The sockets of Bun and Deno as their documentation has them, made of Node's, so that each rule can be tried here. What
// the real ones do is seen by `npm run test:runtimes`.

async function sockets(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [far] = (await accepted) as [Socket]
  server.close()
  for (const socket of [near, far]) socket.on('error', () => undefined)
  return [near, far]
}

/** Writes at most half of what it is given, and reads when it is asked to. */
function denoConn(socket: Socket): DenoConn {
  socket.pause()
  const moved = (): Promise<void> =>
    new Promise((resolve) => {
      const names = ['readable', 'end', 'close']
      const done = (): void => {
        for (const name of names) socket.off(name, done)
        resolve()
      }
      for (const name of names) socket.on(name, done)
    })
  return {
    async read(buffer) {
      for (;;) {
        const chunk = socket.read(Math.min(buffer.length, socket.readableLength) || 1) as Buffer | null
        if (chunk !== null) {
          buffer.set(chunk)
          return chunk.length
        }
        if (socket.readableEnded) return null
        if (socket.destroyed) throw new Error('the connection is closed')
        await moved()
      }
    },
    write(bytes) {
      const part = bytes.slice(0, Math.ceil(bytes.length / 2))
      return new Promise((resolve, reject) =>
        socket.write(part, (error) => (error ? reject(error) : resolve(part.length))),
      )
    },
    closeWrite: () => new Promise((resolve) => socket.end(resolve)),
    close: () => void socket.destroy(),
  }
}

/** Takes what there is room for, and says `drain` when there is more. */
function bunSocket(socket: Socket, handlers: BunSocketHandlers): BunSocket {
  const drained = (): void => handlers.drain(bun)
  const bun: BunSocket = {
    write(bytes) {
      if (socket.destroyed) return -1
      const part = bytes.slice(0, Math.max(0, socket.writableHighWaterMark - socket.writableLength))
      if (part.length > 0) socket.write(part)
      if (part.length < bytes.length) {
        if (socket.writableNeedDrain) socket.once('drain', drained)
        else setImmediate(drained)
      }
      return part.length
    },
    end: () => void socket.end(),
    shutdown: () => void socket.end(),
    terminate: () => void socket.destroy(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
  socket.on('data', (bytes) => handlers.data(bun, bytes))
  socket.on('end', () => handlers.end(bun))
  socket.on('close', () => handlers.close(bun))
  return bun
}

function bunTransport(socket: Socket): ByteTransport {
  let made!: ByteTransport
  const handlers = bunHandlers((transport) => {
    made = transport
  })
  handlers.open(bunSocket(socket, handlers))
  return made
}

async function pairOf(transport: (socket: Socket) => ByteTransport): Promise<TransportPair> {
  const [near, far] = await sockets()
  const release = (): void => {
    near.destroy()
    far.destroy()
  }
  return { near: transport(near), far: transport(far), release }
}

transportContract('a connection of Deno', () => pairOf((socket) => denoTransport(denoConn(socket))))
transportContract('a socket of Bun', () => pairOf(bunTransport))

it('a socket of Bun with TLS is shown when its handshake is done, and ended when that fails', () => {
  const shown: unknown[] = []
  const ended: string[] = []
  const socket = (name: string): BunSocket => ({
    alpnProtocol: 'h2',
    write: (bytes) => bytes.length,
    end: () => undefined,
    shutdown: () => undefined,
    terminate: () => void ended.push(name),
    pause: () => undefined,
    resume: () => undefined,
  })
  const handlers = bunHandlers((_transport, { alpnProtocol }) => shown.push(alpnProtocol), { tls: true })
  const [good, bad] = [socket('good'), socket('bad')]
  for (const each of [good, bad]) handlers.open(each)
  expect(shown).toEqual([])
  handlers.handshake(good, true, null)
  handlers.handshake(bad, false, new Error('unknown authority'))
  expect([shown, ended]).toEqual([['h2'], ['bad']])
})
