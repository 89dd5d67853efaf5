import { Attacker, CLOSED_WINDOWS, END_STREAM, pause, request } from '../attacker.ts'
import type { Outcome, Scenario, Target } from '../scenario.ts'

/** Streams made to end before their time: H1, H2, H16. */

const CALM = 'GOAWAY ENHANCE_YOUR_CALM'
const outcome = (attacker: Attacker): Outcome => {
  attacker.destroy()
  return { reaction: attacker.reaction, sent: attacker.sent }
}

async function rapidReset({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port)
  await attacker.flood(20_000, (wire, i) => {
    const id = 2 * i + 1
    wire.headers(id, request('GET', '/hello'), END_STREAM).reset(id, 8)
  })
  await attacker.wait(1500)
  return outcome(attacker)
}

/** The work of a handler goes on when its stream is reset: it must count all the same. */
async function immortalHandlers({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port)
  await attacker.flood(300, (wire, i) => {
    const id = 2 * i + 1
    wire.headers(id, request('GET', '/never'), END_STREAM).reset(id, 8)
  })
  await pause(100)
  attacker.wire.headers(601, request('GET', '/never'), END_STREAM)
  await attacker.flush()
  await attacker.wait(1000, () => attacker.resets.has(601))
  return outcome(attacker)
}

const provocations: Readonly<Record<string, (wire: Attacker['wire'], id: number) => void>> = {
  'WINDOW_UPDATE by 0': (wire, id) => wire.windowUpdate(id, 0),
  'WINDOW_UPDATE beyond 2^31-1': (wire, id) => wire.windowUpdate(id, 0x7fff_ffff).windowUpdate(id, 0x7fff_ffff),
  'DATA after END_STREAM': (wire, id) => wire.data(id, 1),
  'HEADERS after END_STREAM': (wire, id) => wire.headers(id, [{ name: 'a', value: 'b' }], END_STREAM),
  'PRIORITY of 4 octets': (wire, id) => wire.raw(2, id, new Uint8Array(4)),
}

const madeYouReset = Object.entries(provocations).map(
  ([name, provoke]): Scenario => ({
    row: 'H2',
    name: `made to reset: ${name}`,
    expected: CALM,
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port, { settings: CLOSED_WINDOWS })
      await attacker.flood(20_000, (wire, i) => {
        const id = 2 * i + 1
        provoke(wire.headers(id, request('GET', '/bytes/100000'), END_STREAM), id)
      })
      await attacker.wait(1500)
      return outcome(attacker)
    },
  }),
)

async function wrongLength({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port)
  await attacker.flood(20_000, (wire, i) => {
    const fields = request('POST', '/echo', [{ name: 'content-length', value: '3' }])
    wire.headers(2 * i + 1, fields).end(2 * i + 1, 2)
  })
  await attacker.wait(1500)
  return outcome(attacker)
}

async function openStreams({ port }: Target): Promise<Outcome> {
  const attacker = await Attacker.open(port)
  await attacker.flood(50_000, (wire, i) => wire.headers(2 * i + 1, request('POST', '/echo')))
  await attacker.wait(1500)
  const refused = [...attacker.resets.values()].every((code) => code === 7)
  const { reaction, sent } = outcome(attacker)
  return { reaction: refused ? reaction : `${reaction}, and resets other than REFUSED_STREAM`, sent }
}

export const resets: readonly Scenario[] = [
  { row: 'H1', name: 'rapid reset', expected: CALM, attack: rapidReset },
  {
    row: 'H1',
    name: 'handlers that never end',
    victim: 'hasty',
    expected: 'RST_STREAM REFUSED_STREAM',
    attack: immortalHandlers,
  },
  ...madeYouReset,
  { row: 'H2', name: 'made to reset: wrong content-length', expected: CALM, attack: wrongLength },
  { row: 'H16', name: '50,000 open POST requests', expected: CALM, attack: openStreams },
]
