import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer as createTls, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DemoCertificate, makeCertificate } from '../../src/demo/certificate.ts'
import { connect, ErrorCode, serve, webSocket } from '../../src/runtime/node/index.ts'
import { isProhibited } from '../../src/runtime/node/tls.ts'

let certificate: DemoCertificate
const cleanup: (() => unknown)[] = []

beforeAll(async () => {
  certificate = await makeCertificate('localhost')
})

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})

function tls() {
  return { key: certificate.key, cert: certificate.cert }
}

async function start(options: Partial<Parameters<typeof serve>[0]> = {}) {
  const server = await serve({ host: '127.0.0.1', tls: tls(), fetch: () => new Response('over TLS'), ...options })
  cleanup.push(() => server.close({ drain: 0 }))
  return server
}

/** A bare TLS connection to a server, once it stands or has failed. */
function handshake(port: number, options: object): Promise<{ socket: TLSSocket; error: Error | undefined }> {
  return new Promise((resolve) => {
    const socket = connectTls({ port, host: '127.0.0.1', ca: certificate.ca, servername: 'localhost', ...options })
    cleanup.push(() => socket.destroy())
    socket.on('secureConnect', () => resolve({ socket, error: undefined }))
    socket.on('error', (error) => resolve({ socket, error }))
  })
}

/** A TLS server that isn't ours, and its port. */
async function foreign(server: ReturnType<typeof createTls>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.push(() => server.close())
  return (server.address() as AddressInfo).port
}

describe('serve and connect over TLS', () => {
  it('RFC 9113 §3.2: agree on h2 by ALPN, and carry fetch and WebSocket', async () => {
    const server = await start({
      connect: { websocket: webSocket({ message: (socket, data) => void socket.send(data) }) },
    })
    const session = await connect(server.url, { tls: { ca: certificate.ca } })
    cleanup.push(() => session.close({ drain: 0 }))
    expect(await (await session.fetch('/')).text()).toBe('over TLS')
    await session.session.ready()
    expect(session.peerSettings.enableConnectProtocol).toBe(true)
    const socket = await session.webSocket('/echo')
    const answer = new Promise((resolve) => {
      socket.onmessage = (event) => resolve(event.data)
    })
    socket.send('hello')
    expect(await answer).toBe('hello')
    expect(server.url).toMatch(/^https:\/\/localhost:\d+\/$/)
    expect(session.origin).toBe(server.url.slice(0, -1))
  })

  it('rejects when the certificate is not trusted', async () => {
    const server = await start()
    await expect(connect(server.url)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })

  it('RFC 9113 §3.2: says so when the peer does not choose h2', async () => {
    const options = { tls: { ca: certificate.ca } }
    const other = await foreign(createHttps({ ...tls(), ALPNProtocols: ['http/1.1'] }))
    await expect(connect(`https://localhost:${other}`, options)).rejects.toThrow(/refused HTTP\/2 in ALPN/)
    const none = await foreign(createTls(tls()))
    await expect(connect(`https://localhost:${none}`, options)).rejects.toThrow(/no "h2" in its ALPN answer/)
  })

  it('RFC 9113 §3.2: a client without ALPN is not served', async () => {
    const server = await start()
    const { socket } = await handshake(server.address.port, {})
    await new Promise((resolve) => socket.on('close', resolve).resume())
    expect(server.sessions.size).toBe(0)
  })

  it('RFC 9113 §9.2.2: the server takes no cipher suite of Appendix A, even if it is all there is', async () => {
    const server = await start()
    const options = { ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2' }
    const bad = await handshake(server.address.port, { ...options, ciphers: 'ECDHE-ECDSA-AES128-SHA256' })
    expect(bad.error?.message).toMatch(/handshake failure/i)
    const good = await handshake(server.address.port, { ...options, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })
    expect(good.error).toBeUndefined()
    expect(good.socket.alpnProtocol).toBe('h2')
  })

  it('RFC 9113 §9.2: the server takes nothing older than TLS 1.2', async () => {
    const server = await start()
    const old = { ALPNProtocols: ['h2'], minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    expect((await handshake(server.address.port, old)).error).toBeDefined()
  })

  it('RFC 9113 §9.2.2: a suite of Appendix A that was let through by configuration is INADEQUATE_SECURITY', async () => {
    const ciphers = 'ECDHE-ECDSA-AES128-SHA256'
    const server = await start({ tls: { ...tls(), ciphers, maxVersion: 'TLSv1.2' } })
    const { socket } = await handshake(server.address.port, { ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2', ciphers })
    let received = Buffer.alloc(0)
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
      })
      socket.on('end', resolve)
    })
    // the last frame: GOAWAY, its error code in octets 4 to 7 of the payload
    const goAway = received.subarray(received.lastIndexOf(Buffer.from([7, 0, 0, 0, 0, 0])) + 6)
    expect(goAway.readUInt32BE(4)).toBe(ErrorCode.INADEQUATE_SECURITY)

    const client = connect(server.url, { tls: { ca: certificate.ca, ciphers, maxVersion: 'TLSv1.2' } })
    await expect(client).rejects.toThrow(/Appendix A.*RFC 9113 §9.2/)
  })

  it('RFC 9113 §9.2.1: a renegotiation ends the connection', async () => {
    const server = await start()
    const { socket } = await handshake(server.address.port, { ALPNProtocols: ['h2'], maxVersion: 'TLSv1.2' })
    const over = new Promise((resolve) => socket.on('close', resolve).resume())
    socket.renegotiate({}, () => {})
    await over
    while (server.sessions.size > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(server.sessions.size).toBe(0)
  })

  it('is not troubled by what is not TLS at all', async () => {
    const server = await start()
    const { connect: connectTcp } = await import('node:net')
    const socket = connectTcp(server.address.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'))
    await new Promise((resolve) =>
      socket
        .on('close', resolve)
        .on('error', () => {})
        .resume(),
    )
    const session = await connect(server.url, { tls: { ca: certificate.ca } })
    expect(await (await session.fetch('/')).text()).toBe('over TLS')
    await session.close()
  })
})

describe('RFC 9113 Appendix A: prohibited TLS 1.2 cipher suites', () => {
  it.each([
    ['ECDHE-RSA-AES128-GCM-SHA256', false],
    ['ECDHE-ECDSA-CHACHA20-POLY1305', false],
    ['DHE-RSA-AES256-GCM-SHA384', false],
    ['ECDHE-ECDSA-AES128-CCM', false],
    ['ECDHE-RSA-AES128-SHA256', true],
    ['DHE-RSA-AES128-SHA', true],
    ['AES128-GCM-SHA256', true],
    ['AES128-CCM8', true],
    ['ADH-AES128-GCM-SHA256', true],
    ['PSK-AES128-GCM-SHA256', true],
  ])('%s: %s', (name, prohibited) => {
    expect(isProhibited(name)).toBe(prohibited)
  })
})
