import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { curl, fetchWithCurl } from './peers/curl.ts'
import { h2load, loadWithH2load } from './peers/h2load.ts'
import { fetchWithNghttp, nghttp, settingsSeenByNghttp } from './peers/nghttp.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { temporaryFolder } from './support/folders.ts'
import { binaryOf, bodyLengths } from './support/payloads.ts'
import { describePeer } from './support/presence.ts'

// Plain HTTP/2 of three real clients. curl and nghttp share a protocol library, h2load is here for its many streams.
const folder = temporaryFolder()
let h2: Demo
let h2c: Demo
beforeAll(async () => {
  h2 = await startDemo()
  h2c = await startDemo({ h2c: true })
})
afterAll(async () => {
  await Promise.all([h2?.stop(), h2c?.stop()])
  folder.remove()
})

const transports = [
  { transport: 'h2c', demo: () => h2c },
  { transport: 'TLS', demo: () => h2 },
]
const cases = transports.flatMap((item) => bodyLengths.map((length) => ({ ...item, length })))

describePeer(curl, 'against our server', () => {
  for (const { transport, demo, length } of cases) {
    test(`RFC 9113 §8.1: GET /bytes/${length} brings so many bytes (${transport})`, async () => {
      const { url, ca } = demo()
      const answer = await fetchWithCurl(new URL(`/bytes/${length}`, url), ca?.path)
      expect({ ...answer, body: answer.body.length }).toMatchObject({ status: 200, httpVersion: '2', body: length })
    })

    test(`RFC 9113 §8.1: POST /echo returns ${length} bytes unchanged (${transport})`, async () => {
      const { url, ca } = demo()
      const sent = Buffer.from(binaryOf(length))
      const answer = await fetchWithCurl(new URL('/echo', url), ca?.path, sent)
      expect(answer).toMatchObject({ status: 200, httpVersion: '2' })
      expect(answer.body.equals(sent)).toBe(true)
    })
  }

  test.each(['/hello', '/hello/anything', '/hello-fetch'])('GET %s says hello world', async (path) => {
    const { status, contentType, body } = await fetchWithCurl(new URL(path, h2.url), h2.ca?.path)
    expect(status).toBe(200)
    expect(contentType).toMatch(/^text\/plain/)
    expect(body.toString()).toBe('hello world')
  })

  test('any other path is 404', async () => {
    expect(await fetchWithCurl(new URL('/nowhere', h2.url), h2.ca?.path)).toMatchObject({ status: 404 })
  })
})

describePeer(nghttp, 'against our server', () => {
  for (const { transport, demo, length } of cases) {
    test(`RFC 9113 §8.1: GET /bytes/${length} brings so many bytes (${transport})`, async () => {
      const body = await fetchWithNghttp(new URL(`/bytes/${length}`, demo().url), folder.path)
      expect(body.length).toBe(length)
    })

    test(`RFC 9113 §8.1: POST /echo returns ${length} bytes unchanged (${transport})`, async () => {
      const sent = Buffer.from(binaryOf(length))
      const body = await fetchWithNghttp(new URL('/echo', demo().url), folder.path, sent)
      expect(body.equals(sent)).toBe(true)
    })
  }

  test('RFC 8441 §3: the first SETTINGS carries ENABLE_CONNECT_PROTOCOL = 1', async () => {
    const settings = await settingsSeenByNghttp(new URL('/hello', h2.url))
    expect(settings.get(0x8)).toBe(1)
  })
})

describePeer(h2load, 'against our server', () => {
  for (const { transport, demo, length } of cases) {
    // Many small requests, or few large ones: 64 at a time either way.
    const shape = { requests: length > 100_000 ? 64 : 400, clients: 4, streams: 16 }
    const all = { total: shape.requests, succeeded: shape.requests, status2xx: shape.requests }

    test(`RFC 9113 §5.1.2: each GET /bytes/${length} of 64 at a time is answered in full (${transport})`, async () => {
      const load = await loadWithH2load(new URL(`/bytes/${length}`, demo().url), shape)
      expect(load).toMatchObject({ ...all, dataBytes: shape.requests * length })
    })

    test(`RFC 9113 §5.1.2: each POST /echo of ${length} bytes, 64 at a time, comes back in full (${transport})`, async () => {
      const upload = join(folder.path, `body-${length}`)
      writeFileSync(upload, binaryOf(length))
      const load = await loadWithH2load(new URL('/echo', demo().url), { ...shape, upload })
      expect(load).toMatchObject({ ...all, dataBytes: shape.requests * length })
    })
  }
})
