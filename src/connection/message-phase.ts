/**
 * Where one direction of a stream is in its message, RFC 9113 §8.1: a table of phase × what comes next.
 *
 *                  INFORMATIONAL
 *                    ,-----.
 *                    v     |
 *    (start) ──> HEAD ─────┴─ FINAL ──> BODY ── TRAILERS ──> END
 *                   │                  │    ^
 *                   │                  └────┘ DATA
 *                   └─ TUNNEL_OPENED ──> TUNNEL (DATA only, §8.5)
 */
export const MessagePhase = { HEAD: 0, BODY: 1, TUNNEL: 2, END: 3 } as const
export type MessagePhaseName = keyof typeof MessagePhase

export const MessagePart = { INFORMATIONAL: 0, FINAL: 1, TUNNEL_OPENED: 2, TRAILERS: 3, DATA: 4 } as const
export type MessagePartName = keyof typeof MessagePart

const { BODY, END, HEAD, TUNNEL } = MessagePhase

/** The next phase, or why the part makes the message malformed (§8.1.1). */
const rows: Record<MessagePhaseName, Record<MessagePartName, number | string>> = {
  HEAD: {
    INFORMATIONAL: HEAD,
    FINAL: BODY,
    TUNNEL_OPENED: TUNNEL,
    TRAILERS: 'trailers without a header section before them',
    DATA: 'DATA before the header section',
  },
  BODY: {
    INFORMATIONAL: 'an informational response after the final one',
    FINAL: 'a second header section',
    TUNNEL_OPENED: 'a second header section',
    TRAILERS: END,
    DATA: BODY,
  },
  TUNNEL: {
    INFORMATIONAL: 'HEADERS in a tunnel',
    FINAL: 'HEADERS in a tunnel',
    TUNNEL_OPENED: 'HEADERS in a tunnel',
    TRAILERS: 'HEADERS in a tunnel', // §8.5: only DATA and stream management frames may follow
    DATA: TUNNEL,
  },
  END: {
    INFORMATIONAL: 'HEADERS after the trailers',
    FINAL: 'HEADERS after the trailers',
    TUNNEL_OPENED: 'HEADERS after the trailers',
    TRAILERS: 'HEADERS after the trailers',
    DATA: 'DATA after the trailers',
  },
}

const table: readonly (number | string)[] = (Object.keys(MessagePhase) as MessagePhaseName[]).flatMap((phase) =>
  (Object.keys(MessagePart) as MessagePartName[]).map((part) => rows[phase][part]),
)
const partCount: number = Object.keys(MessagePart).length

/** What a response's header section is. A 2xx answer to CONNECT turns the stream into a tunnel, §8.5. */
export function responsePart(status: number, isConnect: boolean): number {
  if (status < 200) return MessagePart.INFORMATIONAL
  return isConnect && status < 300 ? MessagePart.TUNNEL_OPENED : MessagePart.FINAL
}

/** The phase after `part` in `phase`; a string says why it may not come there. */
export function nextPhase(phase: number, part: number): number | string {
  return table[phase * partCount + part]!
}
