import type { FieldInput } from '../../../src/hpack/index.ts'
import { Attacker, END_STREAM, request } from '../attacker.ts'
import type { Scenario, VictimKind } from '../scenario.ts'

/** Requests that must not pass on, and names that must not harm: S1 to S5, S7, S9. Each probe is a stream of its own. */

type Lines = readonly FieldInput[]
const MALFORMED = 'RST_STREAM PROTOCOL_ERROR'
const line = (name: string, value: string): FieldInput => ({ name, value })
const withLine = (name: string, value: string): Lines => request('GET', '/hello', [line(name, value)])
/** A request of which one pseudo-header field has another value, or undefined to leave it out. */
const changed = (name: string, value: string | undefined, method = 'GET', path = '/hello'): Lines =>
  request(method, path).flatMap((field) => {
    if (field.name !== name) return [field]
    return value === undefined ? [] : [line(name, value)]
  })

/** Every probe of a list must get the same answer; those that don't are named. */
function probes(
  row: string,
  name: string,
  expected: string,
  lists: Readonly<Record<string, Lines>>,
  victim?: VictimKind,
): Scenario {
  return {
    row,
    name,
    expected,
    ...(victim === undefined ? {} : { victim }),
    attack: async ({ port }) => {
      const answers = new Map<string, string[]>()
      let sent = 0
      for (const [probe, lines] of Object.entries(lists)) {
        const attacker = await Attacker.open(port)
        attacker.wire.headers(1, lines, END_STREAM)
        await attacker.flush()
        await attacker.wait(1000, () => attacker.resets.size + attacker.statuses.size > 0)
        attacker.destroy()
        sent += attacker.sent
        const status = attacker.statuses.get(1)
        const answer = status === undefined ? attacker.reaction : `status ${status}`
        answers.set(answer, [...(answers.get(answer) ?? []), probe])
      }
      const others = [...answers].filter(([answer]) => answer !== expected)
      const list = others.map(([answer, names]) => `${answer} for ${names.join(', ')}`)
      return { reaction: others.length === 0 ? expected : list.join('; '), sent }
    },
  }
}

const inName = Object.fromEntries(
  ['\r', '\n', '\0', ' ', ':', 'A', '\x7f', '\xe4'].map((c) => [
    `${JSON.stringify(c)} in a name`,
    withLine(`x${c}y`, 'v'),
  ]),
)
const inValue = Object.fromEntries(
  ['\r', '\n', '\0'].flatMap((c) =>
    ['v', 'va', 'a v'].map((value) => [
      `${JSON.stringify(c)} in ${value}`,
      withLine('x', value.replace('v', `v${c}w`)),
    ]),
  ),
)
const extended = (protocol: string): Lines => [
  line(':method', 'CONNECT'),
  line(':protocol', protocol),
  line(':scheme', 'http'),
  line(':authority', 'localhost'),
  line(':path', '/echo'),
  line('sec-websocket-version', '13'),
]

export const malformed: readonly Scenario[] = [
  probes('S1', 'CR, LF, NUL and other octets', MALFORMED, {
    ...inName,
    ...inValue,
    'leading space': withLine('x', ' v'),
    'trailing space': withLine('x', 'v '),
    'leading tab': withLine('x', '\tv'),
    'empty name': withLine('', 'v'),
    'CR LF in the path': changed(':path', '/\r\nx: y'),
  }),
  probes('S2', 'content-length that lies', MALFORMED, {
    'more than nothing': withLine('content-length', '3'),
    sign: withLine('content-length', '+0'),
    minus: withLine('content-length', '-1'),
    list: withLine('content-length', '0, 1'),
    hexadecimal: withLine('content-length', '0x0'),
    empty: withLine('content-length', ''),
    'two that differ': request('GET', '/hello', [line('content-length', '0'), line('content-length', '1')]),
  }),
  probes('S3', 'fields of the connection', MALFORMED, {
    'transfer-encoding': withLine('transfer-encoding', 'chunked'),
    connection: withLine('connection', 'close'),
    'proxy-connection': withLine('proxy-connection', 'keep-alive'),
    'keep-alive': withLine('keep-alive', '1'),
    upgrade: withLine('upgrade', 'h2c'),
    te: withLine('te', 'gzip'),
  }),
  probes('S4', 'pseudo-header fields', MALFORMED, {
    'no :method': changed(':method', undefined),
    'no :scheme': changed(':scheme', undefined),
    'no :path': changed(':path', undefined),
    twice: [line(':path', '/a'), ...request('GET', '/hello')],
    'after a field': [line('x', 'y'), ...request('GET', '/hello')],
    unknown: [line(':x', 'y'), ...request('GET', '/hello')],
    ':status': [line(':status', '200'), ...request('GET', '/hello')],
  }),
  probes('S5', 'targets that read two ways', MALFORMED, {
    'space in the method': changed(':method', 'GET /x'),
    'empty path': changed(':path', ''),
    'path without slash': changed(':path', 'hello'),
    'path with space': changed(':path', '/a b'),
    'path with fragment': changed(':path', '/a#b'),
    scheme: changed(':scheme', 'http://x/?'),
    'slash in the authority': changed(':authority', 'localhost/x'),
    'user in the authority': changed(':authority', 'user@localhost'),
    'another host': withLine('host', 'example.org'),
    'two hosts': request('GET', '/hello', [line('host', 'localhost'), line('host', 'localhost')]),
  }),
  probes('S7', 'names of object prototypes', 'status 200', {
    __proto__: withLine('__proto__', 'x'),
    constructor: withLine('constructor', 'x'),
    hasownproperty: withLine('hasownproperty', 'x'),
    tostring: withLine('tostring', 'x'),
  }),
  probes('S9', 'an unknown :protocol', 'status 501', { unknown: extended('no-such'), proto: extended('__proto__') }),
  probes('S9', ':protocol in the wrong place', MALFORMED, {
    'on GET': [line(':protocol', 'websocket'), ...request('GET', '/echo')],
    'no :scheme': extended('websocket').filter(({ name }) => name !== ':scheme'),
    'no :path': extended('websocket').filter(({ name }) => name !== ':path'),
    twice: [line(':protocol', 'websocket'), ...extended('websocket')],
  }),
  probes('S9', ':protocol where no handler is', MALFORMED, { websocket: extended('websocket') }, 'hasty'),
  probes('S9', 'sec-websocket-key', 'status 200', {
    key: [...extended('websocket'), line('sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ==')],
  }),
  {
    row: 'S9',
    name: 'a client that says ENABLE_CONNECT_PROTOCOL',
    expected: 'status 200',
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port, { settings: [[8, 1]] })
      attacker.wire
        .settings([[8, 0]])
        .settings([[8, 2]])
        .headers(1, request('GET', '/hello'), END_STREAM)
      await attacker.flush()
      await attacker.wait(1000, () => attacker.statuses.size > 0)
      attacker.destroy()
      const status = attacker.statuses.get(1)
      return { reaction: status === undefined ? attacker.reaction : `status ${status}`, sent: attacker.sent }
    },
  },
]
