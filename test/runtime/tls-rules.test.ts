import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer as createTls, type TLSSocket, type TlsOptions } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type DemoCertificate, makeCertificate } from '../../src/demo/certificate.ts'
import { connect, serve } from '../../src/runtime/node/index.ts'

let certificate: DemoCertificate
const cleanup: (() => unknown)[] = []

beforeAll(async () => {
  certificate = await makeCertificate('localhost')
})

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})

/** A TLS server that isn't ours, and its port. */
async function foreign(options: TlsOptions, onSocket?: (socket: TLSSocket) => void): Promise<number> {
  const server = createTls({ key: certificate.key, cert: certificate.cert, ...options }, onSocket)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanup.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** An RSA certificate for localhost that signs itself, in PEM. */
async function rsaCertificate(): Promise<{ key: string; cert: string }> {
  const { SubjectAlternativeNameExtension, X509CertificateGenerator } = await import('@peculiar/x509')
  const signingAlgorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  const cert = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=localhost',
      keys,
      signingAlgorithm,
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
    },
    crypto,
  )
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
    cert: cert.toString('pem'),
  }
}

describe('the handshake of TLS', () => {
  it('RFC 9113 §3.2: a client offers h2 alone, and names the host in SNI', async () => {
    const offers: { servername: string; protocols: string[] }[] = []
    const port = await foreign({
      ALPNCallback: (offer) => {
        offers.push(offer)
        return undefined
      },
    })
    const attempt = connect(`https://localhost:${port}`, { tls: { ca: certificate.ca } })
    await expect(attempt).rejects.toThrow('ALPN')
    expect(offers).toEqual([{ servername: 'localhost', protocols: ['h2'] }])
  })

  it('RFC 9113 §3.2: a server does not choose h2c', async () => {
    const { key, cert, ca } = certificate
    const server = await serve({ host: '127.0.0.1', tls: { key, cert }, fetch: () => new Response('') })
    cleanup.push(() => server.close({ drain: 0 }))
    const chosen = (ALPNProtocols: string[]): Promise<string | false | null> =>
      new Promise((resolve) => {
        const socket = connectTls({
          port: server.address.port,
          host: '127.0.0.1',
          servername: 'localhost',
          ca,
          ALPNProtocols,
        })
        cleanup.push(() => socket.destroy())
        socket.on('secureConnect', () => resolve(socket.alpnProtocol))
        socket.on('error', () => resolve(null))
      })
    expect(await chosen(['h2c', 'h2'])).toBe('h2')
    expect(await chosen(['h2c'])).toBeNull()
  })

  it('RFC 9113 §9.1.1: rejects a certificate of another host', async () => {
    const other = await makeCertificate('localhost')
    const port = await foreign({ ALPNProtocols: ['h2'], key: other.key, cert: other.cert })
    const attempt = connect(`https://localhost:${port}`, { tls: { ca: other.ca, servername: 'elsewhere.test' } })
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  it('RFC 9113 §9.2: the client takes nothing older than TLS 1.2', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const port = await foreign({ ALPNProtocols: ['h2'], ...old })
    const attempt = connect(`https://localhost:${port}`, { tls: { ca: certificate.ca } })
    await expect(attempt).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  })

  it('RFC 9113 §9.2.2: the suite that everybody must have is offered by the client and taken by the server', async () => {
    const pem = await rsaCertificate()
    const only = { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2', ecdhCurve: 'P-256' } as const

    const server = await serve({ host: '127.0.0.1', tls: pem, fetch: () => new Response('taken') })
    cleanup.push(() => server.close({ drain: 0 }))
    const session = await connect(server.url, { tls: { ca: pem.cert, ...only } })
    expect(await (await session.fetch('/')).text()).toBe('taken')
    await session.close()

    const suites: string[] = []
    const port = await foreign({ ...pem, ...only, ALPNProtocols: ['h2'] }, (socket) => {
      suites.push(socket.getCipher().name)
      socket.destroy()
    })
    const client = await connect(`https://localhost:${port}`, { tls: { ca: pem.cert } }).catch((error) => error)
    await client.close?.({ drain: 0 })
    expect(suites).toEqual(['ECDHE-RSA-AES128-GCM-SHA256'])
  })
})
