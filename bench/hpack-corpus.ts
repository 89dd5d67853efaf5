import type { FieldInput } from '../src/hpack/index.ts'

const paths = [
  '/',
  '/index.html',
  '/api/v2/items?page=',
  '/static/js/main.',
  '/images/thumbnails/',
  '/api/v2/users/me/notifications?since=',
]

/** A session of a browser with one origin: 400 requests of 10 fields, of which path, accept and referer change. */
export const requests: readonly (readonly FieldInput[])[] = Array.from({ length: 400 }, (_, i) => {
  const stem = paths[(i * 7) % paths.length]!
  const path = stem.length > 12 ? `${stem}${((i * 2654435761) >>> 0).toString(36)}` : stem
  return [
    { name: ':method', value: i % 10 === 9 ? 'POST' : 'GET' },
    { name: ':scheme', value: 'https' },
    { name: ':authority', value: 'www.example.com' },
    { name: ':path', value: path },
    { name: 'user-agent', value: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' },
    { name: 'accept', value: i % 3 === 0 ? 'application/json' : '*/*' },
    { name: 'accept-language', value: 'en-US,en;q=0.5' },
    { name: 'accept-encoding', value: 'gzip, deflate, br, zstd' },
    { name: 'referer', value: `https://www.example.com${paths[(i >> 4) % 3]!}` },
    { name: 'cookie', value: 'session=6c1d4f9b2a7e4c3d8f5b0a9e7d6c5b4a; theme=dark' },
  ]
})
