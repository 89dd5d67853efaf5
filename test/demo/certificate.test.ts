import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { type DemoCertificate, makeCertificate } from '../../src/demo/certificate.ts'

const day = 86_400_000
const serverAuth = '1.3.6.1.5.5.7.3.1'

describe('demo certificate', () => {
  let made: DemoCertificate
  let leaf: X509Certificate
  let authority: X509Certificate

  beforeAll(async () => {
    made = await makeCertificate('demo.example')
    leaf = new X509Certificate(made.cert)
    authority = new X509Certificate(made.ca)
  })

  test('RFC 5280 §4.2.1.9: the authority is one, the server is none', () => {
    expect(authority.ca).toBe(true)
    expect(leaf.ca).toBe(false)
  })

  test('RFC 5280 §6.1: the authority signed itself and the server', () => {
    expect(authority.verify(authority.publicKey)).toBe(true)
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(leaf.checkIssued(authority)).toBe(true)
    expect(leaf.verify(leaf.publicKey)).toBe(false)
  })

  test('the key is an ECDSA one on P-256, and belongs to the certificate', () => {
    expect(leaf.publicKey.asymmetricKeyType).toBe('ec')
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true)
  })

  test('RFC 9110 §4.3.4: it names localhost, the loopback addresses and the host', () => {
    for (const name of ['localhost', 'demo.example']) expect(leaf.checkHost(name, { subject: 'never' })).toBe(name)
    for (const address of ['127.0.0.1', '::1']) expect(leaf.checkIP(address)).toBe(address)
    expect(leaf.checkHost('other.example')).toBeUndefined()
  })

  test('RFC 5280 §4.2.1.12: it is for servers', () => {
    expect(leaf.keyUsage).toEqual([serverAuth])
  })

  test('it is valid now and for at most 397 days', () => {
    for (const certificate of [leaf, authority]) {
      const from = Date.parse(certificate.validFrom)
      const to = Date.parse(certificate.validTo)
      expect(from).toBeLessThan(Date.now())
      expect(to).toBeGreaterThan(Date.now() + day)
      expect(to - from).toBeLessThanOrEqual(397 * day)
    }
  })

  test('RFC 5280 §4.1.2.2: numbers are positive, of at most 20 octets, and differ between runs', async () => {
    const again = await makeCertificate('localhost')
    const numbers = [made.cert, made.ca, again.cert, again.ca].map((pem) => new X509Certificate(pem).serialNumber)
    expect(new Set(numbers).size).toBe(4)
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9A-F]{1,39}$/)
  })

  test('the key of the authority is not handed out', () => {
    expect(Object.keys(made).sort()).toEqual(['ca', 'cert', 'key'])
    expect(made.key.match(/BEGIN/g)).toHaveLength(1)
  })

  test.each(['', '0.0.0.0', '::', '[::1]', '127.0.0.1'])('a host %j adds no name of its own', async (host) => {
    const { cert } = await makeCertificate(host)
    expect(new X509Certificate(cert).subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    )
  })

  test.each(['localhost', 'demo.example'])(
    'a TLS client that trusts the authority takes it for %s',
    async (servername) => {
      const server = createServer({ key: made.key, cert: made.cert, ALPNProtocols: ['h2'] })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const client: TLSSocket = connect({ port, host: '127.0.0.1', servername, ca: made.ca, ALPNProtocols: ['h2'] })
      try {
        await once(client, 'secureConnect')
        expect(client.authorized).toBe(true)
        expect(client.alpnProtocol).toBe('h2')
      } finally {
        client.destroy()
        server.close()
      }
    },
  )

  test('a TLS client that trusts the authority does not take it for another name', async () => {
    const server = createServer({ key: made.key, cert: made.cert })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const client = connect({ port, host: '127.0.0.1', servername: 'other.example', ca: made.ca })
    try {
      await expect(once(client, 'secureConnect')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    } finally {
      client.destroy()
      server.close()
    }
  })
})
