import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../../test/interop/support/certificate.ts'
import type { Entry } from '../measure.ts'
import { client, h2load, type Shape, transfer, webSockets } from './loads.ts'
import type { ServerSpec } from './programs.ts'
import { type Row, row, type Side } from './row.ts'
import { undiciModule } from './undici.ts'

const major = Number(process.versions.node.split('.')[0])

const ours = (handler: string, flags: readonly string[] = []): ServerSpec => ({
  program: 'ours',
  flags: ['--handler', handler, ...flags],
})
const nodeHttp2: ServerSpec = { program: 'node-http2' }

/** Gone when this process ends. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hyperduct-speed-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** nghttpd serves files. */
function nghttpd(): ServerSpec {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'hello'), 'hello\n')
  return { program: 'nghttpd', flags: ['-d', folder] }
}

const requests: readonly Row[] = [
  {
    name: 'small GET',
    unit: 'requests',
    targets: { 'node:http2': 8, nghttpd: 1 },
    sides: async () => ({
      ours: { server: ours('stream'), load: h2load('http') },
      'node:http2': { server: nodeHttp2, load: h2load('http') },
      nghttpd: { server: nghttpd(), load: h2load('http') },
    }),
  },
  {
    name: 'small GET over TLS',
    unit: 'requests',
    targets: { 'node:http2': 4 },
    sides: async () => {
      const folder = temporaryFolder()
      const { cert, key } = await makeCertificate()
      writeFileSync(join(folder, 'cert'), cert)
      writeFileSync(join(folder, 'key'), key)
      const flags = ['--cert', join(folder, 'cert'), '--key', join(folder, 'key')]
      return {
        ours: { server: ours('stream', flags), load: h2load('https') },
        'node:http2': { server: { ...nodeHttp2, flags }, load: h2load('https') },
      }
    },
  },
  {
    name: 'small GET by fetch handler',
    unit: 'requests',
    // A Response alone costs 11 µs on Node 20, 6 on Node 26.
    targets: { 'node:http2': major < 26 ? 0.7 : 1.3 },
    sides: {
      ours: { server: ours('fetch'), load: h2load('http') },
      'node:http2': { server: nodeHttp2, load: h2load('http') },
    },
  },
  {
    name: 'client small GET',
    unit: 'requests',
    targets: { 'node:http2': 8, 'undici 8': 8 },
    sides: async (notes) => {
      const server = nghttpd()
      const sides: Record<string, Side> = {
        ours: { server, load: client('request-client', 'ours'), client: true },
        'node:http2': { server, load: client('request-client', 'node:http2'), client: true },
      }
      const module = undiciModule(notes)
      if (module !== undefined) {
        sides['undici 8'] = { server, load: client('request-client', 'undici', ['--undici', module]), client: true }
      }
      return sides
    },
  },
]

const transfers: readonly Row[] = (['download', 'upload'] as const).flatMap((way) =>
  [1, 10].map((streams) => ({
    name: `${way} 1 GiB, ${streams} stream${streams > 1 ? 's' : ''}`,
    unit: 'bytes',
    targets: { 'node:http2': 1, 'node:net': 0.8 },
    sides: {
      ours: { server: ours('transfer'), load: transfer(way, streams) },
      'node:http2': { server: nodeHttp2, load: transfer(way, streams) },
      'node:net': { server: { program: 'plain' } as const, load: transfer(way, streams, true) },
    },
  })),
)

const OVER_HTTP2 = 'ws on node:http2'
const OVER_HTTP1 = 'ws over HTTP/1.1'

function echo(name: string, handler: string, shape: Shape, targets: Readonly<Record<string, number>>): Row {
  return {
    name: `WebSocket ${name}`,
    unit: 'messages',
    targets,
    sides: {
      ours: { server: ours(handler), load: webSockets(shape) },
      [OVER_HTTP2]: { server: nodeHttp2, load: webSockets(shape) },
      [OVER_HTTP1]: { server: { program: 'ws' }, load: webSockets(shape, true) },
    },
  }
}

const shapes = [
  { connections: 1, sockets: 1, outstanding: 100, bytes: 125 },
  { connections: 10, sockets: 10, outstanding: 10, bytes: 125 },
  { connections: 10, sockets: 100, outstanding: 1, bytes: 125 },
] as const
const tens = shapes[1]
const shapeName = ({ connections, sockets, outstanding }: Shape): string =>
  `${connections} x ${sockets} x ${outstanding}`

const sockets: readonly Row[] = [
  ...shapes.map((shape) => echo(`125 B, ${shapeName(shape)}`, 'object', shape, { [OVER_HTTP2]: 2, [OVER_HTTP1]: 5 })),
  ...shapes.map((shape) => echo(`125 B by class, ${shapeName(shape)}`, 'class', shape, { [OVER_HTTP2]: 1 })),
  echo('125 B text', 'object', { ...tens, text: true }, { [OVER_HTTP2]: 1.5 }),
  echo('125 B split', 'object', { ...tens, split: true }, { [OVER_HTTP2]: 1.5 }),
  ...[
    { size: '16 KiB', shape: { connections: 1, sockets: 1, outstanding: 100, bytes: 16_384 } },
    { size: '1 MiB', shape: { connections: 1, sockets: 1, outstanding: 4, bytes: 2 ** 20 } },
  ].flatMap(({ size, shape }) => [
    echo(size, 'object', shape, { [OVER_HTTP2]: 1.5, [OVER_HTTP1]: 1.5 }),
    echo(`${size} text`, 'object', { ...shape, text: true }, { [OVER_HTTP2]: 1.5, [OVER_HTTP1]: 1.5 }),
  ]),
  {
    name: 'WebSocket deflate, 1 KiB JSON',
    unit: 'messages',
    targets: { [OVER_HTTP1]: 1.2 },
    sides: {
      ours: { server: ours('deflate'), load: webSockets({ ...tens, bytes: 1024, deflate: true }) },
      [OVER_HTTP1]: {
        server: { program: 'ws', flags: ['--deflate'] },
        load: webSockets({ ...tens, bytes: 1024, deflate: true }, true),
      },
    },
  },
  ...[
    { by: '', side: 'ours', targets: { [OVER_HTTP1]: 4 } },
    { by: ' by class', side: 'ours by class', targets: {} },
  ].map(({ by, side, targets }) => ({
    name: `WebSocket client and server, 125 B${by}, 1 x 100`,
    unit: 'messages',
    targets,
    sides: {
      ours: { server: ours('object'), load: client('socket-client', side) },
      [OVER_HTTP1]: { server: { program: 'ws' } as const, load: client('socket-client', 'ws') },
    },
  })),
  {
    name: 'WebSocket with 10,000 streams open',
    unit: 'messages',
    // 1.3 times the time per message
    targets: { 'with 10 open': 1 / 1.3 },
    sides: {
      'ours, 10,000 open': { server: ours('object'), load: webSockets({ ...tens, sockets: 1, idle: 999 }) },
      'with 10 open': { server: ours('object'), load: webSockets({ ...tens, sockets: 1 }) },
    },
  },
]

/** All that is loaded over sockets and timed. What is measured otherwise: `special.ts`. */
export const rows: readonly Entry[] = [...requests, ...transfers, ...sockets].map(row)
