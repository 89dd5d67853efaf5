import { latin1Encode } from '../bytes/index.ts'

/**
 * The 24 octets with which a client opens a connection, before its first SETTINGS. RFC 9113 §3.4.
 * Shared: never write into it.
 */
export const CONNECTION_PREFACE: Uint8Array = latin1Encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
