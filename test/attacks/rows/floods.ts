import { Setting } from '../../../src/frames/index.ts'
import type { Wire } from '../../connection/wire.ts'
import { Attacker, type AttackerOptions, CLOSED_WINDOWS, END_STREAM, request } from '../attacker.ts'
import type { Scenario } from '../scenario.ts'

/** Frames that cost work and bring nothing, as many as the victim takes: H6 to H14. */

const CALM = 'GOAWAY ENHANCE_YOUR_CALM'
const EMPTY = new Uint8Array(0)

interface Flood extends AttackerOptions {
  readonly row: string
  readonly name: string
  readonly count?: number
  readonly expected?: string
  readonly deaf?: boolean
  /** What comes before. */
  readonly open?: (wire: Wire) => unknown
  readonly each: (wire: Wire, i: number) => unknown
}

function flood({ row, name, count = 200_000, expected = CALM, deaf, open, each, ...options }: Flood): Scenario {
  return {
    row,
    name,
    expected,
    attack: async ({ port }) => {
      const attacker = await Attacker.open(port, options)
      if (deaf) attacker.socket.pause()
      open?.(attacker.wire)
      await attacker.flush()
      // Whoever is deaf for longer than a connection lingers hears no GOAWAY: some times the limit must do.
      if (deaf) await attacker.flood(40_000, each, 4000)
      else await attacker.flood(count, each, Math.min(count, 500))
      await attacker.wait(expected === 'open' ? 300 : 1500)
      attacker.destroy()
      return { reaction: attacker.reaction, sent: attacker.sent }
    },
  }
}

const posts = (count: number) => (wire: Wire) => {
  for (let i = 0; i < count; i++) wire.headers(2 * i + 1, request('POST', '/echo'))
}
const download = (wire: Wire): Wire => wire.headers(1, request('GET', '/bytes/100000000'), END_STREAM)
const manySettings = Array.from({ length: 2000 }, (_, i) => [0x1000 + i, 1] as const)
const flap = [
  [Setting.INITIAL_WINDOW_SIZE, 0],
  [Setting.INITIAL_WINDOW_SIZE, 1],
] as const

export const floods: readonly Scenario[] = [
  flood({ row: 'H6', name: 'PING flood', each: (wire) => wire.ping('12345678') }),
  flood({ row: 'H6', name: 'PING flood, not reading', deaf: true, each: (wire) => wire.ping('12345678') }),
  flood({ row: 'H6', name: 'SETTINGS flood', each: (wire) => wire.settings([]) }),
  flood({ row: 'H6', name: 'SETTINGS flood, not reading', deaf: true, each: (wire) => wire.settings([]) }),
  flood({ row: 'H6', name: 'GOAWAY flood', open: posts(1), each: (wire) => wire.goAway(0, 0) }),
  flood({ row: 'H7', name: 'SETTINGS of 2,000 entries', count: 100, each: (wire) => wire.settings(manySettings) }),
  flood({ row: 'H8', name: 'INITIAL_WINDOW_SIZE flap', open: posts(100), each: (wire) => wire.settings(flap) }),
  flood({
    row: 'H8',
    name: 'INITIAL_WINDOW_SIZE overflow',
    count: 1,
    expected: 'GOAWAY FLOW_CONTROL_ERROR',
    open: posts(1),
    each: (wire) => wire.windowUpdate(1, 1).settings([[Setting.INITIAL_WINDOW_SIZE, 0x7fff_ffff]]),
  }),
  flood({ row: 'H9', name: 'empty DATA', open: posts(1), each: (wire) => wire.data(1, 0) }),
  flood({ row: 'H9', name: 'DATA of padding alone', open: posts(1), each: (wire) => wire.data(1, 0, 0, 8) }),
  flood({
    row: 'H10',
    name: '65,000 DATA of 1 octet, not taken back',
    count: 65_000,
    expected: 'open',
    settings: CLOSED_WINDOWS,
    open: posts(1),
    each: (wire) => wire.data(1, 1),
  }),
  flood({
    row: 'H10',
    name: 'DATA of 1 octet on 100 streams, not taken back',
    expected: 'open',
    settings: CLOSED_WINDOWS,
    open: posts(100),
    each: (wire, i) => wire.data(2 * (i % 100) + 1, 1),
  }),
  flood({ row: 'H11', name: 'PRIORITY flood', open: posts(1), each: (wire) => wire.priority(1) }),
  flood({
    row: 'H11',
    name: 'PRIORITY_UPDATE flood',
    each: (wire, i) => wire.raw(0x10, 0, new Uint8Array([0, 0, 0, (i % 100) * 2 + 1, 0x75, 0x3d, 0x31])),
  }),
  flood({ row: 'H12', name: 'frames of unknown types', each: (wire, i) => wire.raw(0x20 + (i % 200), 0, EMPTY) }),
  flood({ row: 'H13', name: 'WINDOW_UPDATE by 1, connection', each: (wire) => wire.windowUpdate(0, 1) }),
  flood({ row: 'H13', name: 'WINDOW_UPDATE by 1, stream', open: posts(1), each: (wire) => wire.windowUpdate(1, 1) }),
  flood({
    row: 'H13',
    name: 'DATA and WINDOW_UPDATE on a closed stream',
    open: (wire) => wire.headers(1, request('GET', '/hello'), END_STREAM).reset(1, 8),
    each: (wire) => wire.windowUpdate(1, 1),
  }),
  flood({
    row: 'H14',
    name: 'a download let through octet by octet',
    settings: CLOSED_WINDOWS,
    open: download,
    each: (wire) => wire.windowUpdate(1, 1),
  }),
]
