import { expect, it } from 'vitest'
import {
  MessagePart,
  type MessagePartName,
  MessagePhase,
  type MessagePhaseName,
  nextPhase,
} from '../../src/connection/message-phase.ts'

/** From RFC 9113 §8.1 and §8.5; `malformed` wherever the text lets nothing of the kind follow. */
const expected: Record<MessagePhaseName, Record<MessagePartName, MessagePhaseName | 'malformed'>> = {
  // any number of interim responses, then the header section: of a message with a body, or of a tunnel
  HEAD: { INFORMATIONAL: 'HEAD', FINAL: 'BODY', TUNNEL_OPENED: 'TUNNEL', TRAILERS: 'malformed', DATA: 'malformed' },
  // zero or more DATA, then optionally one trailer section
  BODY: { INFORMATIONAL: 'malformed', FINAL: 'malformed', TUNNEL_OPENED: 'malformed', TRAILERS: 'END', DATA: 'BODY' },
  // §8.5: frame types other than DATA or stream management MUST be treated as a stream error
  TUNNEL: {
    INFORMATIONAL: 'malformed',
    FINAL: 'malformed',
    TUNNEL_OPENED: 'malformed',
    TRAILERS: 'malformed',
    DATA: 'TUNNEL',
  },
  // the last frame of the sequence bears END_STREAM
  END: {
    INFORMATIONAL: 'malformed',
    FINAL: 'malformed',
    TUNNEL_OPENED: 'malformed',
    TRAILERS: 'malformed',
    DATA: 'malformed',
  },
}

for (const phase of Object.keys(MessagePhase) as MessagePhaseName[]) {
  for (const part of Object.keys(MessagePart) as MessagePartName[]) {
    const wanted = expected[phase][part]
    it(`RFC 9113 §8.1: ${part} in ${phase} is ${wanted}`, () => {
      const next = nextPhase(MessagePhase[phase], MessagePart[part])
      if (wanted === 'malformed') expect(next).toEqual(expect.stringMatching(/\w/))
      else expect(next).toBe(MessagePhase[wanted])
    })
  }
}
