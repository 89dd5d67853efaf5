import 'reflect-metadata'
import { KeyObject } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000

/**
 * A certificate authority and a leaf for localhost, all PEM. Two certificates, because some clients refuse one that is
 * its own issuer as the end entity. Made here and not by the demo's maker, so that a peer needs nothing of ours.
 */
export async function makeCertificate(): Promise<{ ca: string; cert: string; key: string }> {
  const newKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const [issuer, subject] = [await newKeys(), await newKeys()]
  const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 30 * day) }
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=interop test CA',
    keys: issuer,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=localhost',
    issuer: ca.subject,
    publicKey: subject.publicKey,
    signingKey: issuer.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    ],
  })
  const key = KeyObject.from(subject.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
  return { ca: ca.toString('pem'), cert: leaf.toString('pem'), key }
}
