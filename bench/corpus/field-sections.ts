import type { FieldInput } from '../../src/hpack/index.ts'

/**
 * Field sections as real programs send them, 400 of each kind in the order of one connection. What a sender repeats is
 * the same string each time, and what it makes up is new; nothing is random, so that every run has the same octets.
 */
export type Section = readonly FieldInput[]

const COUNT = 400

/** A number from `i` that looks like chance and never is. */
const scatter = (i: number): number => (i * 2654435761) >>> 0
const hex = (i: number, digits: number): string => scatter(i).toString(16).padStart(8, '0').repeat(4).slice(0, digits)

const section = (fields: Readonly<Record<string, string>>): Section =>
  Object.entries(fields).map(([name, value]) => ({ name, value }))

const sections = (make: (i: number) => Readonly<Record<string, string>>): readonly Section[] =>
  Array.from({ length: COUNT }, (_, i) => section(make(i)))

const paths = [
  '/',
  '/index.html',
  '/api/v2/items?page=',
  '/static/js/main.',
  '/images/thumbnails/',
  '/api/v2/users/me/notifications?since=',
]

/** A session of a browser with one origin: 10 fields, of which path, accept and referer change. */
export const browser: readonly Section[] = sections((i) => {
  const stem = paths[(i * 7) % paths.length]!
  return {
    ':method': i % 10 === 9 ? 'POST' : 'GET',
    ':scheme': 'https',
    ':authority': 'www.example.com',
    ':path': stem.length > 12 ? stem + scatter(i).toString(36) : stem,
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    accept: i % 3 === 0 ? 'application/json' : '*/*',
    'accept-language': 'en-US,en;q=0.5',
    'accept-encoding': 'gzip, deflate, br, zstd',
    referer: `https://www.example.com${paths[(i >> 4) % 3]!}`,
    cookie: 'session=6c1d4f9b2a7e4c3d8f5b0a9e7d6c5b4a; theme=dark',
  }
})

/** A program that calls an API: credentials that no table may hold, and an identifier for each request. */
export const api: readonly Section[] = sections((i) => ({
  ':method': ['GET', 'GET', 'POST', 'PATCH'][i % 4]!,
  ':scheme': 'https',
  ':authority': 'api.example.net',
  ':path': `/v1/accounts/${hex(i >> 3, 8)}/orders/${scatter(i)}`,
  authorization: `Bearer eyJhbGciOiJFUzI1NiJ9.${hex(1, 32)}${hex(2, 32)}.${hex(3, 32)}`,
  accept: 'application/json',
  'content-type': 'application/json; charset=utf-8',
  'user-agent': 'example-client/4.12.0 (linux; x64) node/20.20.0',
  'x-request-id': `${hex(i, 8)}-${hex(i + 1, 4)}-4${hex(i + 2, 3)}-a${hex(i + 3, 3)}-${hex(i + 4, 12)}`,
}))

const methods = ['GetItem', 'ListItems', 'UpdateItem']

/** Remote procedure calls in the manner of gRPC: few methods, a deadline and a trace for each call. */
export const grpc: readonly Section[] = sections((i) => ({
  ':method': 'POST',
  ':scheme': 'http',
  ':path': `/store.v1.Inventory/${methods[i % 3]!}`,
  ':authority': 'inventory.store.svc.cluster.local:50051',
  'content-type': 'application/grpc',
  'user-agent': 'grpc-go/1.76.0',
  te: 'trailers',
  'grpc-accept-encoding': 'gzip',
  'grpc-timeout': `${900_000 + (scatter(i) % 99_999)}u`,
  traceparent: `00-${hex(i >> 2, 32)}-${hex(i, 16)}-01`,
}))

const types = ['text/html; charset=utf-8', 'application/javascript', 'image/webp', 'application/json']

/** Answers of a web server: the date changes with the second, length and etag with each answer. */
export const responses: readonly Section[] = sections((i) => ({
  ':status': i % 13 === 12 ? '404' : i % 5 === 4 ? '304' : '200',
  date: `Mon, 23 Nov 2026 12:${String((i >> 5) % 60).padStart(2, '0')}:${String((i >> 3) % 60).padStart(2, '0')} GMT`,
  server: 'example',
  'content-type': types[scatter(i) % 4]!,
  'content-length': String(scatter(i) % 200_000),
  etag: `"${hex(i, 16)}"`,
  'cache-control': i % 4 === 3 ? 'no-store' : 'public, max-age=31536000, immutable',
  vary: 'accept-encoding',
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
  'x-content-type-options': 'nosniff',
}))

export const fieldSections: Readonly<Record<string, readonly Section[]>> = { browser, api, grpc, responses }
