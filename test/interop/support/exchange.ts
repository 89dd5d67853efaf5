import { closing, messages } from './payloads.ts'

/** What a WebSocket peer reports of its run: every message echoed, then the close handshake. */
export interface Exchange {
  readonly echoes: readonly { readonly kind: string; readonly length: number; readonly exact: boolean }[]
  readonly close: { readonly code: number; readonly reason: string; readonly clean: boolean }
}

/** The report of a run in which all went well. Lengths are bytes. */
export const flawless: Exchange = {
  echoes: messages.map(({ kind, length }) => ({ kind, length, exact: true })),
  close: { ...closing, clean: true },
}

/** Both endpoints echo; one is written as a handler object, the other with the WHATWG class. */
export const echoPaths = ['/echo', '/echo-whatwg'] as const
