// The library needs the polyfill before it loads, so this import comes first.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** What a TLS server needs, and the certificate a client has to trust for it. All in PEM. */
export interface DemoCertificate {
  readonly key: string
  /** The server's own certificate. */
  readonly cert: string
  /** The authority that signed it. Its key is forgotten as soon as it has signed. */
  readonly ca: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

/** The names a demo on this machine is called by, and what else it listens on. */
function alternativeNames(host: string): { type: 'dns' | 'ip'; value: string }[] {
  const bare = host.replace(/^\[|\]$/g, '')
  const names = new Set(['localhost', '127.0.0.1', '::1', bare])
  // An unspecified address says "every interface"; nobody connects to it by that name.
  for (const unspecified of ['', '0.0.0.0', '::']) names.delete(unspecified)
  return [...names].map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))
}

/** Positive, random and at most 20 octets, as certificates want their numbers. RFC 5280 §4.1.2.2. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0] & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}

/** PKCS #8 in PEM, which is what `node:tls` takes. RFC 7468 §10. */
async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`
}

/**
 * Makes an authority and a server certificate for `localhost`, the loopback addresses and `host`, in memory.
 * Both last 30 days from yesterday (clocks differ); browsers refuse more than 397. RFC 5280.
 *
 * @example
 * const { key, cert, ca } = await makeCertificate('localhost')
 */
export async function makeCertificate(host: string, now: Date = new Date()): Promise<DemoCertificate> {
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const validity = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + 30 * day) }
  const shared = { ...validity, signingAlgorithm: algorithm }

  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...shared,
      serialNumber: serialNumber(),
      // The serial number keeps the names of two runs apart in a client's store.
      name: `CN=hyperduct demo authority ${serialNumber().slice(0, 8)}`,
      keys: authorityKeys,
      extensions: [
        // RFC 5280 §4.2.1.9: an authority says so, critically; zero further authorities below it.
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const server = await X509CertificateGenerator.create(
    {
      ...shared,
      serialNumber: serialNumber(),
      subject: 'CN=localhost',
      issuer: authority.subject,
      publicKey: serverKeys.publicKey,
      signingKey: authorityKeys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        // Clients look for the name here alone, never in the subject. RFC 9110 §4.3.4.
        new SubjectAlternativeNameExtension(alternativeNames(host)),
        await SubjectKeyIdentifierExtension.create(serverKeys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return {
    key: await privateKeyPem(serverKeys.privateKey),
    cert: `${server.toString('pem')}\n`,
    ca: `${authority.toString('pem')}\n`,
  }
}
