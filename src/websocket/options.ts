import type { NegotiatedDeflate } from './deflate-setup.ts'
import type { WebSocketLimits } from './limits.ts'

/**
 * `open`: both ways. `closing`: our Close is sent, the peer's has not come; messages still arrive, none can be sent.
 * `closed`: both Close frames are exchanged, or the peer broke a rule, or the bytes ended. RFC 6455 §7.1.
 */
export type WebSocketState = 'open' | 'closing' | 'closed'

export interface WebSocketOptions {
  /** A client masks what it sends and a server does not. RFC 6455 §5.1. */
  readonly role: 'client' | 'server'
  /** Fills the array from a cryptographic random source, for masking keys. A client needs it, a server never calls it. */
  readonly random?: (bytes: Uint8Array) => void
  readonly limits?: Partial<WebSocketLimits> | undefined
  /** permessage-deflate as the handshake has agreed on it; absent where it has not. RFC 7692. */
  readonly deflate?: NegotiatedDeflate
}

/** How one message is sent. */
export interface SendOptions {
  /**
   * False: as it is, even where compression was agreed on. For what is compressed already, and for a secret beside text
   * that an attacker chooses: the length of the two together betrays the secret.
   */
  readonly compress?: boolean
}
