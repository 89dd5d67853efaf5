import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors/index.ts'
import {
  acceptDeflate,
  HandshakeFault,
  offerDeflate,
  type PerMessageDeflateOptions,
  readWebSocketRequest,
  readWebSocketResponse,
} from '../../src/websocket/index.ts'
import { agree, backend, deflating, largest } from './deflate-peer.ts'
import { fields } from './field-lines.ts'

/** What a server with these options answers to the lines of `sec-websocket-extensions`. */
function answer(lines: string | readonly string[], options: PerMessageDeflateOptions = {}): string | undefined {
  const list = [lines].flat().map((line) => `sec-websocket-extensions: ${line}`)
  const request = readWebSocketRequest(fields('sec-websocket-version: 13', ...list))
  if (request instanceof HandshakeFault) return `${request.status} ${request.section}`
  return acceptDeflate(request.extensions, options, backend)?.value
}

/** What a client with these options makes of an answer: the parameters that differ from the largest, or the fault. */
function taken(line: string, options: PerMessageDeflateOptions = {}): object | string {
  const offer = offerDeflate(options, backend)
  const response = readWebSocketResponse(fields(':status: 200', `sec-websocket-extensions: ${line}`), [], offer)
  if (response instanceof HandshakeFault) return response.section
  const { deflate = {} } = response
  return Object.fromEntries(Object.entries(deflate).filter(([key, value]) => Reflect.get(largest, key) !== value))
}

const PMD = 'permessage-deflate'

describe('the offer', () => {
  it('RFC 7692 §7.1: says what is wanted, and always that the window of the client may be limited', () => {
    expect(offerDeflate({}, backend).value).toBe('permessage-deflate; client_max_window_bits')
    const all = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 10,
    }
    expect(offerDeflate(all, backend).value).toBe(
      `${PMD}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10`,
    )
  })

  it('RFC 7692 §7.1.1: where the runtime can take over no context, none is agreed on', () => {
    const forgetful = { ...backend, takesHistory: false }
    const offer = offerDeflate({}, forgetful)
    expect(offer.value).toBe(`${PMD}; server_no_context_takeover; client_no_context_takeover; client_max_window_bits`)
    const accepted = acceptDeflate([{ name: PMD, parameters: [] }], {}, forgetful)
    expect(accepted?.value).toBe(`${PMD}; server_no_context_takeover; client_no_context_takeover`)
    const fieldsOfAnswer = fields(':status: 200', `sec-websocket-extensions: ${PMD}`)
    expect(readWebSocketResponse(fieldsOfAnswer, [], offer)).toBeInstanceOf(HandshakeFault)
  })

  it('RFC 7692 §7.1.2: a window of fewer than 9 or more than 15 bits is a mistake of the caller', () => {
    for (const bits of [8, 16, 9.5, Number.NaN]) {
      expect(() => offerDeflate({ serverMaxWindowBits: bits }, backend)).toThrow(UsageError)
      expect(() => acceptDeflate([], { clientMaxWindowBits: bits }, backend)).toThrow(UsageError)
    }
  })
})

describe('options', () => {
  it('RFC 7692 §6.1: a threshold or a level out of range is a mistake of the caller, told at once', () => {
    const wrong = [{ level: 10 }, { level: -1 }, { level: 1.5 }, { threshold: -1 }, { threshold: Number.NaN }]
    for (const options of wrong) {
      expect(() => offerDeflate(options, backend)).toThrow(UsageError)
      expect(() => acceptDeflate([], options, backend)).toThrow(UsageError)
      expect(() => deflating('server', {}, { deflate: options })).toThrow(UsageError)
    }
    for (const options of [{ level: 0 }, { level: 9, threshold: 0 }, { threshold: 2 ** 40 }]) {
      expect(offerDeflate(options, backend).value).toBe(`${PMD}; client_max_window_bits`)
      expect(deflating('server', {}, { deflate: options }).state).toBe('open')
    }
  })

  it('RFC 7692 §7.1.2: nobody can have agreed on a window of fewer than 8 or more than 15 bits', () => {
    for (const bits of [7, 16, 8.5]) {
      expect(() => deflating('client', { serverMaxWindowBits: bits })).toThrow(UsageError)
      expect(() => deflating('client', { clientMaxWindowBits: bits })).toThrow(UsageError)
    }
  })
})

describe('the answer of a server', () => {
  const answers: [
    title: string,
    offers: string | string[],
    options: PerMessageDeflateOptions,
    answer: string | undefined,
  ][] = [
    ['§7.1: a bare offer is accepted as it is', PMD, {}, PMD],
    ['§7.1.2.2: a window that may be limited need not be', `${PMD}; client_max_window_bits`, {}, PMD],
    [
      '§7.1.1.1: server_no_context_takeover is granted',
      `${PMD}; server_no_context_takeover`,
      {},
      `${PMD}; server_no_context_takeover`,
    ],
    [
      '§7.1.1.2: client_no_context_takeover is granted',
      `${PMD}; client_no_context_takeover`,
      {},
      `${PMD}; client_no_context_takeover`,
    ],
    [
      '§7.1.1: a server may ask for both unasked',
      PMD,
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      `${PMD}; server_no_context_takeover; client_no_context_takeover`,
    ],
    [
      '§7.1.2.1: server_max_window_bits is granted',
      `${PMD}; server_max_window_bits=10`,
      {},
      `${PMD}; server_max_window_bits=10`,
    ],
    [
      '§7.1.2.1: the largest window is named if it was asked for',
      `${PMD}; server_max_window_bits=15`,
      {},
      `${PMD}; server_max_window_bits=15`,
    ],
    [
      '§7.1.2.1: a server may take a smaller window than asked for',
      `${PMD}; server_max_window_bits=12`,
      { serverMaxWindowBits: 10 },
      `${PMD}; server_max_window_bits=10`,
    ],
    [
      '§7.1.2.1: and never takes a larger one',
      `${PMD}; server_max_window_bits=10`,
      { serverMaxWindowBits: 12 },
      `${PMD}; server_max_window_bits=10`,
    ],
    [
      '§7.1.2.1: a server may limit its window unasked',
      PMD,
      { serverMaxWindowBits: 11 },
      `${PMD}; server_max_window_bits=11`,
    ],
    [
      '§7.1.2.1: a window of 8 bits, which zlib has not, is declined',
      `${PMD}; server_max_window_bits=8`,
      {},
      undefined,
    ],
    [
      '§7.1.2.2: a server limits the window of a client that lets it',
      `${PMD}; client_max_window_bits`,
      { clientMaxWindowBits: 10 },
      `${PMD}; client_max_window_bits=10`,
    ],
    [
      '§7.1.2.2: the smaller of two windows for the client',
      `${PMD}; client_max_window_bits=9`,
      { clientMaxWindowBits: 10 },
      `${PMD}; client_max_window_bits=9`,
    ],
    [
      '§7.1.2.2: a client may choose the smallest window',
      `${PMD}; client_max_window_bits=8`,
      {},
      `${PMD}; client_max_window_bits=8`,
    ],
    [
      '§7.1.2.2: a client that does not let its window be limited is not told to',
      PMD,
      { clientMaxWindowBits: 10 },
      undefined,
    ],
    [
      'RFC 6455 §9.1: a value may be quoted',
      `${PMD}; server_max_window_bits="10"`,
      {},
      `${PMD}; server_max_window_bits=10`,
    ],
    [
      '§5.1: of several offers the first one that can be accepted is',
      `${PMD}; server_max_window_bits=8, ${PMD}; mystery, ${PMD}; server_max_window_bits=9, ${PMD}`,
      {},
      `${PMD}; server_max_window_bits=9`,
    ],
    ['§5.1: offers may stand on several lines', ['x-other; a=b', `${PMD}; mystery`, PMD], {}, PMD],
    ['§5.1: extensions that nobody knows are declined', 'x-webkit-deflate-frame, permessage-bzip2', {}, undefined],
  ]
  for (const [title, offers, options, expected] of answers) {
    it(title.startsWith('RFC') ? title : `RFC 7692 ${title}`, () => expect(answer(offers, options)).toBe(expected))
  }

  const declined = [
    'mystery',
    'server_no_context_takeover=1',
    'client_no_context_takeover="true"',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=+9',
    'server_max_window_bits=9a',
    'server_max_window_bits=abc',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=015',
    'Server_No_Context_Takeover',
    '__proto__',
    'constructor=1',
    'server_no_context_takeover; server_no_context_takeover',
    'server_max_window_bits=10; server_max_window_bits=10',
    'client_max_window_bits; client_max_window_bits=10',
  ]
  for (const parameters of declined) {
    it(`RFC 7692 §7: an offer with ${parameters} is declined, the next one taken`, () => {
      expect(answer(`${PMD}; ${parameters}`)).toBeUndefined()
      expect(answer(`${PMD}; ${parameters}, ${PMD}`)).toBe(PMD)
    })
  }

  it('RFC 6455 §10.4: a long list of offers is gone through once', () => {
    const milliseconds = (count: number): number => {
      const line = `${`${PMD}; server_max_window_bits=8; ${'x'.repeat(20)}=y, `.repeat(count)}${PMD}`
      const before = performance.now()
      for (let i = 0; i < 5; i++) expect(answer(line)).toBe(PMD)
      return performance.now() - before
    }
    milliseconds(100)
    const few = milliseconds(1000)
    // Four times as long takes four times the time; sixteen would be quadratic, and there are others on the machine.
    expect(milliseconds(4000)).toBeLessThan(few * 12 + 50)
  })

  it('RFC 6455 §9.1: a list that is malformed is no offer but a bad request', () => {
    for (const line of ['permessage-deflate;', 'permessage-deflate; a=', 'permessage-deflate; a="', ', x', 'a b']) {
      expect(answer(line)).toBe('400 RFC 6455 §9.1')
    }
  })
})

describe('what a client makes of the answer', () => {
  const accepted: [title: string, line: string, options: PerMessageDeflateOptions, parameters: object][] = [
    ['§7.1: an answer without parameters grants all', PMD, {}, {}],
    [
      '§7.1.1.1: server_no_context_takeover unasked',
      `${PMD}; server_no_context_takeover`,
      {},
      { serverNoContextTakeover: true },
    ],
    [
      '§7.1.1.2: client_no_context_takeover binds the client',
      `${PMD}; client_no_context_takeover`,
      {},
      { clientNoContextTakeover: true },
    ],
    [
      '§7.1.1.2: who said that it takes nothing over does not',
      PMD,
      { clientNoContextTakeover: true },
      { clientNoContextTakeover: true },
    ],
    ['§7.1.2.1: a window for the server unasked', `${PMD}; server_max_window_bits=9`, {}, { serverMaxWindowBits: 9 }],
    [
      '§7.1.2.1: a smaller window than asked for',
      `${PMD}; server_max_window_bits="8"`,
      { serverMaxWindowBits: 10 },
      { serverMaxWindowBits: 8 },
    ],
    ['§7.1.2.2: a window for the client binds it', `${PMD}; client_max_window_bits=8`, {}, { clientMaxWindowBits: 8 }],
    ['§7.1.2.2: who offered a window keeps to it', PMD, { clientMaxWindowBits: 10 }, { clientMaxWindowBits: 10 }],
    [
      '§7.1.2.2: and when more is allowed',
      `${PMD}; client_max_window_bits=12`,
      { clientMaxWindowBits: 10 },
      { clientMaxWindowBits: 10 },
    ],
  ]
  for (const [title, line, options, parameters] of accepted) {
    it(`RFC 7692 ${title}`, () => expect(taken(line, options)).toEqual(parameters))
  }

  const refused: [title: string, line: string, options: PerMessageDeflateOptions][] = [
    ['RFC 6455 §4.1: another extension than was asked for fails the handshake', 'x-deflate', {}],
    ['RFC 7692 §5: an answer to more than was offered fails the handshake', `${PMD}, ${PMD}`, {}],
    ['RFC 7692 §7: an unknown parameter fails the handshake', `${PMD}; mystery`, {}],
    [
      'RFC 7692 §7: a repeated parameter fails the handshake',
      `${PMD}; server_max_window_bits=9; server_max_window_bits=9`,
      {},
    ],
    [
      'RFC 7692 §7: a parameter with a value it cannot have fails the handshake',
      `${PMD}; server_max_window_bits=16`,
      {},
    ],
    ['RFC 7692 §7: a value where none belongs fails the handshake', `${PMD}; client_no_context_takeover=0`, {}],
    [
      'RFC 7692 §7.1.1.1: server_no_context_takeover not granted fails the handshake',
      PMD,
      { serverNoContextTakeover: true },
    ],
    ['RFC 7692 §7.1.2.1: server_max_window_bits not granted fails the handshake', PMD, { serverMaxWindowBits: 14 }],
    [
      'RFC 7692 §7.1.2.1: a larger window than asked for fails the handshake',
      `${PMD}; server_max_window_bits=11`,
      { serverMaxWindowBits: 10 },
    ],
    [
      'RFC 7692 §7.1.2.2: client_max_window_bits without a value fails the handshake',
      `${PMD}; client_max_window_bits`,
      {},
    ],
  ]
  for (const [title, line, options] of refused) {
    it(title, () => expect(taken(line, options)).toBe('RFC 6455 §4.1'))
  }

  it('RFC 6455 §9.1: a malformed answer fails the handshake', () => {
    for (const line of ['', ',', `${PMD};`, `${PMD}; server_max_window_bits="9`, `${PMD} x`]) {
      expect(taken(line)).toBe('RFC 6455 §9.1')
    }
  })

  it('RFC 7692 §5: without an answer nothing is compressed, which is no fault', () => {
    const response = readWebSocketResponse(fields(':status: 200'), [], offerDeflate({}, backend))
    expect(response).toEqual({ protocol: '', deflate: undefined })
  })
})

describe('both ends', () => {
  /** What each side may want. */
  const wishes: (PerMessageDeflateOptions | undefined)[] = [
    undefined,
    {},
    { serverNoContextTakeover: true },
    { clientNoContextTakeover: true },
    { serverMaxWindowBits: 9 },
    { clientMaxWindowBits: 9 },
    { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 12, clientMaxWindowBits: 12 },
  ]

  it('RFC 7692 §7.1: whatever the two of them want, they agree on it, and on no more than either wanted', () => {
    for (const client of wishes) {
      for (const server of wishes) {
        const { offered, answered, parameters } = agree(client, server)
        expect(offered === undefined).toBe(client === undefined)
        expect(answered === undefined).toBe(client === undefined || server === undefined)
        expect(parameters === undefined).toBe(answered === undefined)
        if (parameters === undefined || client === undefined || server === undefined) continue
        const least = (key: 'serverMaxWindowBits' | 'clientMaxWindowBits'): number =>
          Math.min(client[key] ?? 15, server[key] ?? 15)
        expect(parameters).toEqual({
          serverNoContextTakeover: client.serverNoContextTakeover === true || server.serverNoContextTakeover === true,
          clientNoContextTakeover: client.clientNoContextTakeover === true || server.clientNoContextTakeover === true,
          serverMaxWindowBits: least('serverMaxWindowBits'),
          clientMaxWindowBits: least('clientMaxWindowBits'),
        })
      }
    }
  })
})
