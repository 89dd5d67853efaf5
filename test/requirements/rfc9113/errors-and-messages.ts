import type { Requirement } from '../requirement.ts'

/** RFC 9113 §7 and §8.1 to §8.3. */
export const errorsAndMessages: readonly Requirement[] = [
  {
    id: '§7-1',
    role: 'both',
    rule: 'An error code that is not known has no effect of its own.',
    tests: ['RFC 9113 §7: an unknown error code has no special meaning and is handed on'],
  },
  {
    id: '§8.1-1',
    role: 'both',
    rule: 'No other frame comes between HEADERS and its CONTINUATIONs.',
    tests: [
      'RFC 9113 §4.3: the frames of a field block are sent in one run, whatever waits to be sent',
      'RFC 9113 §6.2: DATA inside a field block…',
    ],
  },
  {
    id: '§8.1-2',
    role: 'both',
    rule: 'Trailers have no pseudo-header fields, and are malformed with them.',
    musts: 2,
    tests: [
      'RFC 9113 §8.1: pseudo-header fields in the trailers of a request make it malformed',
      'RFC 9113 §8.1: pseudo-header fields in the trailers of a response make it malformed',
      'RFC 9113 §8.2, §8.3: so is a malformed response, and malformed trailers',
    ],
  },
  {
    id: '§8.1-3',
    role: 'both',
    rule: 'HEADERS behind the first or the final ones must end the message.',
    tests: [
      'RFC 9113 §8.1: a second HEADERS without END_STREAM makes a request malformed',
      'RFC 9113 §8.1: a second HEADERS without END_STREAM makes a response malformed',
    ],
  },
  {
    id: '§8.1-4',
    role: 'client',
    rule: 'A whole response is not thrown away for the RST_STREAM(NO_ERROR) behind it.',
    tests: [
      'RFC 9113 §8.1: a whole response before RST_STREAM(NO_ERROR) is handed on',
      'RFC 9113 §8.1: NO_ERROR after a complete response leaves the response whole',
      'RFC 9113 §8.1: NO_ERROR after a whole response stops the upload and spares the response',
    ],
  },
  {
    id: '§8.1.1-1',
    role: 'both',
    rule: 'An intermediary does not forward what is malformed.',
    notTested: 'binds intermediaries; what is malformed is never handed on as a message',
  },
  {
    id: '§8.1.1-2',
    role: 'both',
    rule: 'A malformed message is a stream error PROTOCOL_ERROR.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3.1: no :method',
      'RFC 9113 §8.1.1: a request body of more than content-length is malformed',
      'RFC 9113 §8.1.1: a request body of less than content-length is malformed',
      'RFC 9113 §8.1.1: a stream error of a request leaves the streams beside it alone',
    ],
  },
  {
    id: '§8.1.1-3',
    role: 'client',
    rule: 'A malformed response is not accepted.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3.2: no :status',
      'RFC 9113 §8.1.1: a response that announces a body and has none is malformed',
    ],
  },
  {
    id: '§8.2-1',
    role: 'both',
    rule: 'Names are sent in lower case.',
    tests: [
      'RFC 9113 §8.2, §8.3: a malformed request is a UsageError of the caller, and nothing has happened',
      'RFC 9113 §8.3.1: resolves against the origin, fragment left out',
    ],
  },
  {
    id: '§8.2.1-1',
    role: 'both',
    rule: 'Names and values are checked at least for what follows, and a message that fails is malformed.',
    musts: 2,
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.2.1:…',
      'RFC 9113 §8.1: malformed by §8.2.1:…',
      'RFC 9113 §8: lawful, §8.2.1: every character a name may have',
    ],
  },
  {
    id: '§8.2.1-2',
    role: 'both',
    rule: 'A name has no control characters, spaces, upper case, DEL or octets above it.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.2.1: an upper-case letter in a name',
      'RFC 9113 §8.1.1: malformed by §8.2.1: a space in a name',
      'RFC 9113 §8.1.1: malformed by §8.2.1: a control character in a name',
      'RFC 9113 §8.1.1: malformed by §8.2.1: DEL in a name',
      'RFC 9113 §8.1.1: malformed by §8.2.1: an octet above 0x7f in a name',
    ],
  },
  {
    id: '§8.2.1-3',
    role: 'both',
    rule: 'A name has no colon but the first one of a pseudo-header field.',
    tests: ['RFC 9113 §8.1.1: malformed by §8.2.1: a colon within a name'],
  },
  {
    id: '§8.2.1-4',
    role: 'both',
    rule: 'A value has no NUL, LF or CR.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.2.1: NUL in a value',
      'RFC 9113 §8.1.1: malformed by §8.2.1: LF in a value',
      'RFC 9113 §8.1.1: malformed by §8.2.1: CR in a value',
    ],
  },
  {
    id: '§8.2.1-5',
    role: 'both',
    rule: 'A value neither begins nor ends with a space or tab.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.2.1: a space at the start of a value',
      'RFC 9113 §8.1.1: malformed by §8.2.1: a space at the end of a value',
      'RFC 9113 §8.1.1: malformed by §8.2.1: a tab at the start of a value',
      'RFC 9113 §8.1.1: malformed by §8.2.1: a tab at the end of a value',
    ],
  },
  {
    id: '§8.2.1-6',
    role: 'both',
    rule: 'An intermediary forwards no such field.',
    notTested: 'binds intermediaries; no message with such a field is handed on, or can be sent',
  },
  {
    id: '§8.2.2-1',
    role: 'both',
    rule: 'No field about the connection is sent.',
    tests: [
      'RFC 9113 §8.2, §8.3: a malformed request is a UsageError of the caller, and nothing has happened',
      'RFC 9113 §8.2.2: fields about the connection are left out',
      'RFC 9113 §8.2.2: fields about the connection, and those it names, are left out',
    ],
  },
  {
    id: '§8.2.2-2',
    role: 'both',
    rule: 'A message that has one is malformed.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.2.2: Connection',
      'RFC 9113 §8.1.1: malformed by §8.2.2: Proxy-Connection',
      'RFC 9113 §8.1.1: malformed by §8.2.2: Keep-Alive',
      'RFC 9113 §8.1.1: malformed by §8.2.2: Transfer-Encoding',
      'RFC 9113 §8.1.1: malformed by §8.2.2: Upgrade',
    ],
  },
  {
    id: '§8.2.2-3',
    role: 'both',
    rule: 'TE says trailers or is not there.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.2.2: TE other than trailers',
      'RFC 9113 §8.1.1: malformed by §8.2.2: TE of more than trailers',
      'RFC 9113 §8: lawful, §8.2.2: TE of trailers',
    ],
  },
  {
    id: '§8.2.2-4',
    role: 'both',
    rule: 'An intermediary takes them out of messages of HTTP/1.1.',
    notTested: 'binds intermediaries',
  },
  {
    id: '§8.2.3-1',
    role: 'both',
    rule: 'The lines of a cookie are joined with "; " before they leave HTTP/2.',
    tests: [
      'RFC 9113 §8.2.3: joins the crumbs of a cookie with a semicolon, other lines with a comma',
      'RFC 9113 §8.2.3: cookies split on the way are the same when joined',
    ],
  },
  {
    id: '§8.3-1',
    role: 'both',
    rule: 'No pseudo-header field is made up.',
    tests: [
      'RFC 9113 §8.2, §8.3: a malformed request is a UsageError of the caller, and nothing has happened',
      'RFC 9113 §8.2, §8.3: so is a malformed response, and malformed trailers',
    ],
  },
  {
    id: '§8.3-2',
    role: 'both',
    rule: 'Those of a request are not in a response, nor the other way round.',
    musts: 2,
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3: :status in a request',
      'RFC 9113 §8.1.1: malformed by §8.3: a request’s pseudo-header field in a response',
    ],
  },
  {
    id: '§8.3-3',
    role: 'both',
    rule: 'There are none in trailers.',
    tests: [
      'RFC 9113 §8.1: pseudo-header fields in the trailers of a request make it malformed',
      'RFC 9113 §8.1: pseudo-header fields in the trailers of a response make it malformed',
    ],
  },
  {
    id: '§8.3-4',
    role: 'both',
    rule: 'One that is not defined, or has a value that cannot be, makes the message malformed.',
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3: an undefined pseudo-header field',
      'RFC 9113 §8.1.1: malformed by §8.3.1: a :method that is no token',
      'RFC 9113 §8.1.1: malformed by §8.3.2: a :status that is no number',
    ],
  },
  {
    id: '§8.3-5',
    role: 'both',
    rule: 'They stand before all other fields, or the message is malformed.',
    musts: 2,
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3: a pseudo-header field after a regular field',
      'RFC 9113 §8.1.1: malformed by §8.3: :status after a regular field',
    ],
  },
  {
    id: '§8.3-6',
    role: 'both',
    rule: 'Each is there once, or the message is malformed.',
    musts: 2,
    tests: [
      'RFC 9113 §8.1.1: malformed by §8.3: :method twice',
      'RFC 9113 §8.1.1: malformed by §8.3: :path twice',
      'RFC 9113 §8.1.1: malformed by §8.3: :scheme twice',
      'RFC 9113 §8.1.1: malformed by §8.3: :authority twice',
      'RFC 9113 §8.1.1: malformed by §8.3: :status twice',
    ],
  },
]
