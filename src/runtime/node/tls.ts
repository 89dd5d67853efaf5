import type { CipherNameAndProtocol, SecureContextOptions, TLSSocket } from 'node:tls'
import { builtin } from './builtin.ts'

/**
 * What RFC 9113 §9.2 asks of TLS: version 1.2 or later, no compression, no renegotiation, and of TLS 1.2 only suites
 * with an ephemeral key exchange and AEAD: all others are in the list of Appendix A.
 */
export const tlsDefaults: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256', // RFC 9113 §9.2.2: everybody has this one
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'DHE-RSA-AES128-GCM-SHA256',
    'DHE-RSA-AES256-GCM-SHA384',
  ].join(':'),
  get secureOptions() {
    const { SSL_OP_NO_COMPRESSION, SSL_OP_NO_RENEGOTIATION } = builtin('node:crypto').constants
    return SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
  },
}

/** What an ALPN client and server agree on for HTTP/2 over TLS. RFC 9113 §3.2. */
export const ALPN: string[] = ['h2']

/** What a server offers that speaks HTTP/1.1 as well: the order is its preference. RFC 7301 §3.2. */
export const ALPN_BOTH: string[] = ['h2', 'http/1.1']

/** Why this TLS connection may not carry HTTP/2, or undefined. RFC 9113 §9.2.1, §9.2.2. */
export function tlsFault(socket: TLSSocket): string | undefined {
  const version = socket.getProtocol()
  if (version === 'TLSv1.3') return undefined
  if (version !== 'TLSv1.2') return `${version ?? 'no TLS'} is older than TLS 1.2`
  const cipher: CipherNameAndProtocol = socket.getCipher()
  return isProhibited(cipher.name) ? `the cipher suite ${cipher.name} is in the list of Appendix A` : undefined
}

/**
 * Whether a TLS 1.2 suite, by OpenSSL's name, is in Appendix A: every suite is, except those with an ephemeral key
 * exchange (DHE, ECDHE) and authenticated encryption (GCM, CCM, ChaCha20-Poly1305).
 */
export function isProhibited(openSslName: string): boolean {
  return !(/^(EC)?DHE-/.test(openSslName) && /GCM|CCM|CHACHA20/.test(openSslName))
}
