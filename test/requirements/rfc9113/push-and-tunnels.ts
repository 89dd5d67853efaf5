import type { Requirement } from '../requirement.ts'

const noPush = 'no command of ours sends PUSH_PROMISE'

/** RFC 9113 §8.3.1 to §8.7. */
export const pushAndTunnels: readonly Requirement[] = [
  {
    id: '§8.3.1-1',
    role: 'server',
    rule: 'Host does not say where a request goes when :authority is there.',
    tests: [
      'RFC 9113 §8.3.1: has the URL of :scheme, :authority and :path',
      'RFC 9113 §8.1.1: malformed by §8.3.1: host that differs from :authority',
    ],
  },
  {
    id: '§8.3.1-2',
    role: 'client',
    rule: 'A client says the authority in :authority.',
    musts: 2,
    tests: [
      'RFC 9113 §8.3.1: a host header becomes :authority',
      'RFC 9113 §8.3.1: resolves against the origin, fragment left out',
    ],
  },
  {
    id: '§8.3.1-3',
    role: 'client',
    rule: 'It sends no Host that says another one.',
    tests: ['RFC 9113 §8.2, §8.3: a malformed request is a UsageError of the caller, and nothing has happened'],
  },
  {
    id: '§8.3.1-4',
    role: 'server',
    rule: 'The two are compared as the scheme normalizes them.',
    tests: [
      'RFC 9113 §8: lawful, §8.3.1: host equal to :authority but for case',
      'RFC 9113 §8: lawful, §8.3.1: host equal to :authority but for the scheme’s port',
      'RFC 9113 §8: lawful, §8.3.1: host equal to :authority but for an empty port',
      'RFC 9113 §8.1.1: malformed by §8.3.1: host with another port',
    ],
  },
  {
    id: '§8.3.1-5',
    role: 'both',
    rule: 'How an intermediary forwards :authority and Host.',
    musts: 3,
    notTested: 'binds intermediaries',
  },
  {
    id: '§8.3.1-6',
    role: 'both',
    rule: ':authority has no userinfo.',
    tests: ['RFC 9113 §8.1.1: malformed by §8.3.1: userinfo in :authority'],
  },
  {
    id: '§8.3.1-7',
    role: 'both',
    rule: ':path is not empty: what has no path has a slash.',
    musts: 2,
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3.1: an empty :path',
      'RFC 9113 §8.1.1: malformed by §8.3.1: a :path that does not begin with a slash',
      'RFC 9113 §8.3.1: resolves against the origin, fragment left out',
    ],
  },
  {
    id: '§8.3.1-8',
    role: 'client',
    rule: 'OPTIONS without a path has an asterisk there.',
    tests: [
      'RFC 9113 §8: lawful, §8.3.1: asterisk form on OPTIONS',
      'what is lawful to receive is lawful to send',
      'RFC 9113 §8.1.1: malformed by §8.3.1: asterisk form on GET',
    ],
  },
  {
    id: '§8.3.1-9',
    role: 'both',
    rule: 'A request has one :method, :scheme and :path each, unless it is CONNECT.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3.1: no :method',
      'RFC 9113 §8.1.1: malformed by §8.3.1: no :scheme',
      'RFC 9113 §8.1.1: malformed by §8.3.1: no :path',
    ],
  },
  {
    id: '§8.3.2-1',
    role: 'both',
    rule: 'Every response has :status, or it is malformed.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3.2: no :status',
      'RFC 9113 §8.1.1: malformed by §8.3.2: an empty section',
    ],
  },
  {
    id: '§8.4-1',
    role: 'both',
    rule: 'What may be promised, and what a client does with a promise that is not lawful.',
    musts: 5,
    tests: [
      'RFC 9113 §8.4: a promise is told with its request, and answered on its own stream',
      'RFC 9113 §8.4: a promise of a request with a body…',
      'RFC 9113 §8.4: a promise without :authority…',
      'RFC 9113 §8.4: a promise for an origin other than that of its request…',
      'RFC 9113 §8.4.1: a promise of OPTIONS, which cannot be cached…',
    ],
  },
  {
    id: '§8.4-2',
    role: 'server',
    rule: 'A client cannot push: PUSH_PROMISE is a connection error PROTOCOL_ERROR.',
    tests: ['RFC 9113 §8.4: PUSH_PROMISE from a client is a connection error PROTOCOL_ERROR'],
  },
  {
    id: '§8.4.1-1',
    role: 'server',
    rule: 'What a promise is made of, and on which streams it is sent.',
    musts: 3,
    notTested: noPush,
  },
  {
    id: '§8.4.1-2',
    role: 'client',
    rule: 'A promise of a request that is not lawful or not safe is refused.',
    tests: [
      'RFC 9113 §6.6: PUSH_PROMISE of POST…',
      'RFC 9113 §8.4.1: a promise of POST, which is not safe…',
      'RFC 9113 §8.4.1: a promise without :path…',
      'RFC 9113 §8.4.1: a promise with a field in upper case…',
    ],
  },
  {
    id: '§8.4.1-3',
    role: 'client',
    rule: 'A client sends no PUSH_PROMISE.',
    notTested: noPush,
  },
  {
    id: '§8.4.2-1',
    role: 'client',
    rule: 'A pushed response is checked for whether the server may speak for its origin.',
    tests: [
      'RFC 9113 §8.4: a promise for an origin other than that of its request…',
      'RFC 9113 §8.4: a promise for another scheme…',
      'RFC 9113 §8.4.1: an origin may be spelt in more than one way',
    ],
  },
  {
    id: '§8.5-1',
    role: 'both',
    rule: 'CONNECT has neither :scheme nor :path.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.5: :scheme on CONNECT',
      'RFC 9113 §8.1.1: malformed by §8.5: :path on CONNECT',
      'RFC 9113 §8: lawful, §8.5: CONNECT with :authority alone',
      'RFC 9113 §8.5: plain CONNECT needs no setting',
    ],
  },
  {
    id: '§8.5-2',
    role: 'both',
    rule: 'In a tunnel there is DATA and what manages the stream, nothing else; HEADERS are a stream error.',
    musts: 2,
    tests: [
      'RFC 9113 §8.5: HEADERS in a tunnel are a stream error',
      'RFC 9113 §8.5: a second response in a tunnel is a stream error',
      'RFC 9113 §8.5: neither side sends trailers in a tunnel',
    ],
  },
  {
    id: '§8.5-3',
    role: 'server',
    rule: 'A proxy resets the TCP connection behind a tunnel when the stream has an error.',
    tests: [
      'RFC 9113 §8.5: client RST_STREAM CANCEL, before data, in a tunnel of CONNECT: TCP RST',
      'RFC 9113 §8.5: client RST_STREAM CONNECT_ERROR, after data, in a tunnel of CONNECT: TCP RST',
      'RFC 9113 §8.5: client RST of its connection, after data, in a tunnel of CONNECT: TCP RST',
    ],
  },
  {
    id: '§8.7-1',
    role: 'server',
    rule: 'A request that may have been acted on is never said to be unprocessed.',
    musts: 2,
    tests: [
      'RFC 9113 §8.7: REFUSED_STREAM of our own is for requests that nobody was told of',
      'RFC 9113 §8.7: a request is refused by a server alone, and not once a response has begun',
      'RFC 9113 §10.5: beyond maxUnfinishedHandlers new requests are refused until one has ended',
      'RFC 9113 §5.1.2: a request over our limit is a stream error REFUSED_STREAM, and those below it go on',
    ],
  },
  {
    id: '§8.7-2',
    role: 'server',
    rule: 'GOAWAY names a stream no lower than any that was handed on.',
    tests: [
      'RFC 9113 §5.4.1: the GOAWAY of an error names the last stream received',
      'RFC 9113 §6.8: the last stream does not grow from one GOAWAY to the next',
    ],
  },
  {
    id: '§8.7-3',
    role: 'client',
    rule: 'A request that was refused or lies above the last stream may be sent again, others not.',
    musts: 0,
    tests: [
      'RFC 9113 §8.7: REFUSED_STREAM says that the request may be sent again, other codes do not',
      'RFC 9113 §6.8: streams above the last one end and may be sent again, the others go on',
    ],
  },
]
