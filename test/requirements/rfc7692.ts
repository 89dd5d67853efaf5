import type { RequirementList } from './requirement.ts'

/** RFC 7692: compression of messages. The three MUSTs of §2 only say what the word means. */
export const rfc7692: RequirementList = {
  rfc: 7692,
  sections: `
    1 2 3 4 5 5.1 5.2 6 6.1 6.2 7 7.1 7.1.1 7.1.1.1 7.1.1.2 7.1.2 7.1.2.1 7.1.2.2 7.1.3 7.2 7.2.1 7.2.2
    7.2.3 7.2.3.1 7.2.3.2 7.2.3.3 7.2.3.4 7.2.3.5 7.2.3.6 7.3 8 9 9.1 9.2 10 10.1 10.2
  `
    .trim()
    .split(/\s+/),
  musts: {
    '4': 2,
    '5': 11,
    '6.1': 4,
    '6.2': 2,
    '7': 2,
    '7.1.1.2': 1,
    '7.1.2.1': 2,
    '7.1.2.2': 3,
    '7.2.1': 7,
    '7.2.2': 6,
  },
  requirements: [
    {
      id: '§4-1',
      role: 'both',
      rule: 'What a document must define for an extension that compresses.',
      musts: 2,
      notTested: 'binds the authors of extensions; §7 does it for permessage-deflate',
    },
    {
      id: '§5-1',
      role: 'client',
      rule: 'An offer names the extension, and the window of the client where it is not the largest.',
      musts: 2,
      tests: ['RFC 7692 §7.1: says what is wanted, and always that the window of the client may be limited'],
    },
    {
      id: '§5-2',
      role: 'server',
      rule: 'Who accepts names the extension, and agrees on nothing that it can’t do.',
      musts: 2,
      tests: [
        'RFC 7692 §7.1: a bare offer is accepted as it is',
        'RFC 7692 §7.1.2.1: a window of 8 bits, which zlib has not, is declined',
        'RFC 7692 §7.1.1: where the runtime can take over no context, none is agreed on',
      ],
    },
    {
      id: '§5-3',
      role: 'both',
      rule: 'No other extension is used beside it that has a claim to RSV1, or to the frames that come out.',
      musts: 4,
      tests: [
        'RFC 7692 §5: an answer to more than was offered fails the handshake',
        'RFC 7692 §5.1: of several offers the first one that can be accepted is',
        'RFC 6455 §4.1: another extension than was asked for fails the handshake',
      ],
    },
    {
      id: '§5-4',
      role: 'server',
      rule: 'Who declines names no such extension.',
      tests: ['RFC 7692 §5.1: extensions that nobody knows are declined', 'RFC 7692 §7: an offer with…'],
    },
    {
      id: '§5-5',
      role: 'client',
      rule: 'An invalid answer fails the WebSocket.',
      tests: [
        'RFC 6455 §4.1: another extension than was asked for fails the handshake',
        'RFC 6455 §4.1: an extension that was not asked for is refused',
      ],
    },
    {
      id: '§5-6',
      role: 'both',
      rule: 'What was agreed on is what both of them use.',
      tests: ['RFC 7692 §7.2: `ws` reads…', 'RFC 7692 §7.2: we read what `ws` sends, in any fragments and chunks'],
    },
    {
      id: '§6.1-1',
      role: 'both',
      rule: 'A message is sent compressed, with RSV1 in its first frame, or as it is, without.',
      musts: 2,
      tests: [
        'RFC 7692 §6.1: a compressed message has RSV1 and is read by the other end, in both directions',
        'RFC 7692 §6: a message below the threshold, or sent with compress: false, goes as it is',
        'RFC 7692 §6: what would not get smaller goes as it is, and later messages do not refer to it',
      ],
    },
    {
      id: '§6.1-2',
      role: 'both',
      rule: 'Neither control frames nor later fragments have RSV1; one that has fails the connection.',
      musts: 2,
      tests: [
        'RFC 7692 §6.1: RSV1 on a continuation fails the connection',
        'RFC 7692 §6.1: RSV1 on a control frame fails the connection',
        'RFC 7692 §6.1: control frames are never compressed',
      ],
    },
    {
      id: '§6.2-1',
      role: 'both',
      rule: 'The fragments of a compressed message are joined, then decompressed; others are taken as they are.',
      musts: 2,
      tests: [
        'RFC 7692 §6: compressed and uncompressed messages in turn',
        'RFC 7692 §6.1: control frames come between the fragments of a compressed message',
        'RFC 7692 §7.2.3.1: a message in fragments, only the first of which has RSV1',
      ],
    },
    {
      id: '§7-1',
      role: 'server',
      rule: 'An offer is declined that has an unknown, repeated or invalid parameter, or that can’t be kept.',
      tests: [
        'RFC 7692 §7: an offer with…',
        'RFC 7692 §7.1.2.1: a window of 8 bits, which zlib has not, is declined',
        'RFC 7692 §7.1.2.2: a client that does not let its window be limited is not told to',
      ],
    },
    {
      id: '§7-2',
      role: 'client',
      rule: 'An answer with such a parameter, or that can’t be kept, fails the WebSocket.',
      tests: [
        'RFC 7692 §7: an unknown parameter fails the handshake',
        'RFC 7692 §7: a repeated parameter fails the handshake',
        'RFC 7692 §7: a parameter with a value it cannot have fails the handshake',
        'RFC 7692 §7: a value where none belongs fails the handshake',
        'RFC 7692 §7.1.1.1: server_no_context_takeover not granted fails the handshake',
        'RFC 7692 §7.1.2.1: server_max_window_bits not granted fails the handshake',
        'RFC 7692 §7.1.2.1: a larger window than asked for fails the handshake',
      ],
    },
    {
      id: '§7.1.1.2-1',
      role: 'client',
      rule: 'A client can do without context takeover if the server wants it.',
      tests: ['RFC 7692 §7.1.1.2: client_no_context_takeover binds the client'],
    },
    {
      id: '§7.1.2.1-1',
      role: 'both',
      rule: 'server_max_window_bits is a number from 8 to 15, in an offer and in an answer.',
      musts: 2,
      tests: [
        'RFC 7692 §7: an offer with server_max_window_bits…',
        'RFC 7692 §7: a parameter with a value it cannot have fails the handshake',
        'RFC 7692 §7.1.2.1: server_max_window_bits is granted',
      ],
    },
    {
      id: '§7.1.2.2-1',
      role: 'both',
      rule: 'client_max_window_bits is a number from 8 to 15; only in an offer may it have no value.',
      musts: 2,
      tests: [
        'RFC 7692 §7: an offer with client_max_window_bits…',
        'RFC 7692 §7.1.2.2: client_max_window_bits without a value fails the handshake',
        'RFC 7692 §7.1.2.2: a window that may be limited need not be',
      ],
    },
    {
      id: '§7.1.2.2-2',
      role: 'server',
      rule: 'It is not in an answer to an offer without it.',
      tests: ['RFC 7692 §7.1.2.2: a client that does not let its window be limited is not told to'],
    },
    {
      id: '§7.2.1-1',
      role: 'both',
      rule: 'A final block ends with the octet, and what a non-final fragment ends with is not taken away.',
      musts: 2,
      notTested: 'we send neither final blocks nor compressed messages in fragments',
    },
    {
      id: '§7.2.1-2',
      role: 'both',
      rule: 'No message refers back by more than 32768 octets, or than the window that was agreed on.',
      musts: 3,
      tests: ['RFC 7692 §7.1.2.1: no message refers further back than the window that was agreed on'],
    },
    {
      id: '§7.2.1-3',
      role: 'both',
      rule: 'Without context takeover each message begins with an empty window.',
      musts: 2,
      tests: ['RFC 7692 §7.1.1.1: without context takeover each message stands for itself'],
    },
    {
      id: '§7.2.2-1',
      role: 'both',
      rule: 'With context takeover a message is read with the window of those before it, 32768 octets where no other size was agreed on.',
      musts: 5,
      tests: [
        'RFC 7692 §7.2.3.2: the second message refers to the first',
        'RFC 7692 §7.2.3.2: with context takeover a message refers back up to the whole window, without it nowhere',
        'RFC 7692 §7.1.2.2: a reference beyond the window that was agreed on is refused',
      ],
    },
    {
      id: '§7.2.2-2',
      role: 'client',
      rule: 'What a client offered for itself does not free it of what was agreed on.',
      tests: [
        'RFC 7692 §7.1.2.2: a window for the client binds it',
        'RFC 7692 §7.1.2.2: who offered a window keeps to it',
      ],
    },
  ],
}
