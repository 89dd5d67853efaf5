import type { RequirementList } from './requirement.ts'

/** RFC 8441: Bootstrapping WebSockets with HTTP/2. The two MUSTs of §2 only say what the word means. */
export const rfc8441: RequirementList = {
  rfc: 8441,
  sections: '1 2 3 4 5 5.1 6 7 8 9 9.1 9.2 10'.split(' '),
  musts: { 3: 2, 4: 2, 5: 4 },
  requirements: [
    {
      id: '§3-1',
      role: 'both',
      rule: 'ENABLE_CONNECT_PROTOCOL is 0 or 1.',
      tests: [
        'RFC 8441 §3: a value other than 0 or 1 is a connection error PROTOCOL_ERROR',
        'RFC 8441 §3: only a server that advertises sends it',
      ],
    },
    {
      id: '§3-2',
      role: 'both',
      rule: 'Who has said 1 does not take it back.',
      tests: [
        'RFC 8441 §3: 0 after 1 is a connection error PROTOCOL_ERROR',
        'RFC 8441 §3: 0 after 1 in one frame too',
        'RFC 8441 §3: 0, then 1, then 1 again is lawful',
        'RFC 8441 §3: once it was sent, 0 is refused, acknowledged or not',
      ],
    },
    {
      id: '§3-3',
      role: 'client',
      rule: 'No :protocol is sent before the server has announced that it understands it.',
      musts: 0,
      tests: [
        'RFC 8441 §3: sends no :protocol before the server said that it may',
        'RFC 8441 §3: waits for SETTINGS, and without ENABLE_CONNECT_PROTOCOL sends nothing',
        'RFC 8441 §3: :protocol with the policy off makes the request malformed',
      ],
    },
    {
      id: '§3-4',
      role: 'server',
      rule: 'The setting means nothing when a client sends it.',
      musts: 0,
      tests: ['RFC 8441 §3: what a client sends in it has no impact on a server'],
    },
    {
      id: '§4-1',
      role: 'both',
      rule: 'A request with :protocol has :scheme and :path too.',
      tests: [
        'RFC 8441 §4: :scheme, :path and a method of CONNECT belong to :protocol',
        'RFC 8441 §4: :protocol without :scheme makes the request malformed',
        'RFC 8441 §4: :protocol without :path makes the request malformed',
      ],
    },
    {
      id: '§4-2',
      role: 'server',
      rule: 'The :authority of such a request is part of its URL, and no host to connect to.',
      tests: [
        'RFC 8441 §4: a handler gets protocol, URL, headers, signal and stream',
        'RFC 8441 §4: another :protocol is not implemented',
      ],
    },
    {
      id: '§4-3',
      role: 'both',
      rule: ':protocol has one value, and belongs to CONNECT.',
      musts: 0,
      tests: [
        'RFC 8441 §4: :protocol on GET makes the request malformed',
        'RFC 8441 §4: :protocol twice makes the request malformed',
        'RFC 8441 §4: an empty :protocol makes the request malformed',
        'RFC 8441 §4: two tokens in :protocol makes the request malformed',
      ],
    },
    {
      id: '§5-1',
      role: 'client',
      rule: 'A WebSocket is asked for by CONNECT with the :protocol "websocket".',
      musts: 2,
      tests: ['RFC 8441 §5: sends the extended CONNECT, protocols, headers, and no key'],
    },
    {
      id: '§5-2',
      role: 'client',
      rule: 'The :scheme is https for wss, and http for ws.',
      tests: ['RFC 8441 §5: the :scheme is https for wss, and http for ws'],
    },
    {
      id: '§5-3',
      role: 'client',
      rule: 'Neither Connection nor Upgrade is in the request.',
      tests: [
        'RFC 8441 §5: sends the extended CONNECT, protocols, headers, and no key',
        'RFC 8441 §5: Connection and Upgrade makes the request malformed',
      ],
    },
    {
      id: '§5-4',
      role: 'both',
      rule: 'END_STREAM is the orderly close of the tunnel, RST_STREAM with CANCEL the other one.',
      musts: 0,
      tests: [
        'RFC 8441 §5: bytes go both ways, END_STREAM is an orderly close of one side',
        'RFC 8441 §5: RST_STREAM with CANCEL ends both sides at once',
        'RFC 8441 §5: terminate resets with CANCEL',
      ],
    },
  ],
}
