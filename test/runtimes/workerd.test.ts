import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { serve, webSocket } from '../../src/runtime/node/index.ts'
import { makeCertificate } from '../interop/support/certificate.ts'
import { temporaryFolder } from '../interop/support/folders.ts'
import { describePeer } from '../interop/support/presence.ts'
import { freePort, portOf } from './support/peer.ts'
import { workerd } from './support/runtimes.ts'
import { startWorkerd } from './support/workerd.ts'

describePeer(workerd, 'where there is no HTTP/2 to be had', () => {
  test('connect says what stood in the way, and a WebSocket opens by HTTP/1.1 all the same', async () => {
    const identity = await makeCertificate()
    const folder = temporaryFolder()
    const greet = webSocket({ open: (socket) => void socket.send('hello'), message() {} })
    const { cert, key } = identity
    const tls = await serve({ host: '127.0.0.1', tls: { cert, key }, connect: { websocket: greet }, onError() {} })
    const silent = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const worker = await startWorkerd(workerd, folder.path, identity, 'workerd-ways')
    try {
      const closed = `http://127.0.0.1:${await freePort()}/`
      const body = JSON.stringify({ closed, tls: tls.url, silent: `http://127.0.0.1:${portOf(silent)}/` })
      const response = await fetch(worker.door, { method: 'POST', body })
      expect(await response.json()).toEqual({
        closed: 'unreachable',
        tls: 'alpn',
        silent: 'timeout',
        aborted: 'Error: no longer wanted',
        scheme: 'TypeError: connect takes an http: or https: URL, not ftp:',
        http1: 'hello',
      })
    } finally {
      await worker.stop()
      await tls.close({ drain: 100 })
      silent.close()
      folder.remove()
    }
  })
})
