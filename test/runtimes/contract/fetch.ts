import type { OriginSession } from '../../../src/api/index.ts'
import type { Case } from './case.ts'
import { equal, isPattern, joined, ok, pattern, rejection, sleep, text, utf8 } from './check.ts'

const group = 'fetch'
let ids = 0
/** A name for a request that no other run of any runtime has. */
const newId = (): string => `${Math.random().toString(36).slice(2)}-${ids++}`

/** What the server has noted about a request. */
const seen = async (session: OriginSession, id: string): Promise<unknown> =>
  (await session.fetch(`/seen?id=${id}`)).json()

/** A request body of chunks that are made when they are asked for. */
function upload(chunks: number, size: number, made: { count: number }): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(pattern(size, made.count * size))
        if (++made.count === chunks) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

const fields = (session: OriginSession, method: string, path: string) => [
  { name: ':method', value: method },
  { name: ':scheme', value: new URL(session.origin).protocol.slice(0, -1) },
  { name: ':authority', value: new URL(session.origin).host },
  { name: ':path', value: path },
]

export const fetchCases: readonly Case[] = [
  {
    group,
    name: 'a GET, its status, headers, text and url',
    async run(session) {
      const response = await session.fetch('/hello#part')
      equal([response.status, response.ok, response.headers.get('x-method')], [200, true, 'GET'])
      equal(response.url, `${session.origin}/hello`)
      equal(await response.text(), 'hello')
    },
  },
  {
    group,
    name: 'a POST of 1 MB comes back byte for byte',
    async run(session) {
      const response = await session.fetch('/echo', { method: 'POST', body: pattern(1_000_000) })
      isPattern(new Uint8Array(await response.arrayBuffer()), 1_000_000)
    },
  },
  {
    group,
    name: 'bodies stream both ways at once',
    async run(session) {
      let controller!: ReadableStreamDefaultController<Uint8Array>
      const body = new ReadableStream<Uint8Array>({
        start(own) {
          controller = own
        },
      })
      const response = await session.fetch('/echo', { method: 'POST', body, duplex: 'half' })
      const reader = response.body!.getReader()
      for (const word of ['one', 'two', 'three']) {
        controller.enqueue(utf8(word))
        equal(text((await reader.read()).value!), word)
      }
      controller.close()
      equal((await reader.read()).done, true)
    },
  },
  {
    group,
    name: 'a response nobody reads holds its producer back',
    async run(session) {
      const id = newId()
      const length = 8_000_000
      const response = await session.fetch(`/count?id=${id}&length=${length}`)
      let made = -1
      for (let now = 0; now !== made; now = (await seen(session, id)) as number) {
        made = now
        await sleep(30)
      }
      ok(made > 0 && made < length / 2, `${made} of ${length} bytes were made`)
      isPattern(await joined(response.body!), length)
      equal(await seen(session, id), length)
    },
  },
  {
    group,
    name: 'a request nobody reads holds its producer back',
    async run(session) {
      const made = { count: 0 }
      const body = upload(300, 20_000, made)
      const answer = session.fetch('/take', { method: 'POST', body, duplex: 'half' })
      await sleep(75)
      ok(made.count < 150, `${made.count} of 300 chunks were taken`)
      equal(await (await answer).text(), '6000000')
    },
  },
  {
    group,
    name: 'a cancelled response stops its producer',
    async run(session) {
      const id = newId()
      const response = await session.fetch(`/count?id=${id}&length=8000000`)
      const reader = response.body!.getReader()
      await reader.read()
      await reader.cancel()
      equal(await seen(session, `${id}-cancelled`), true)
    },
  },
  {
    group,
    name: 'an AbortSignal is RST_STREAM with CANCEL, and harms nothing else',
    async run(session) {
      const id = newId()
      const controller = new AbortController()
      const answer = rejection(session.fetch(`/hang?id=${id}`, { signal: controller.signal }))
      await sleep(20)
      controller.abort(new Error('no longer wanted'))
      equal((await answer).message, 'no longer wanted')
      equal(await seen(session, id), 8)
    },
  },
  {
    group,
    name: 'a reset of the server fails the body that is being read',
    async run(session) {
      const response = await session.fetch('/reset')
      const error = await rejection(joined(response.body!))
      equal([error instanceof TypeError, (error.cause as { code?: number }).code], [true, 2])
      equal((await session.fetch('/hello')).status, 200)
    },
  },
  {
    group,
    name: 'HEAD has headers and no body',
    async run(session) {
      const response = await session.fetch('/hello', { method: 'HEAD' })
      equal([response.headers.get('content-length'), response.headers.get('x-method')], ['5', 'HEAD'])
      equal(await response.text(), '')
    },
  },
  ...[204, 304].map(
    (status): Case => ({
      group,
      name: `${status} has no body`,
      async run(session) {
        const response = await session.fetch(`/status?id=${status}`)
        equal([response.status, response.body === null], [status, true])
      },
    }),
  ),
  {
    group,
    name: 'repeated and sensitive headers go both ways',
    async run(session) {
      const response = await session.fetch('/headers', { headers: { 'x-one': 'a, b', authorization: 'secret' } })
      equal(response.headers.get('x-two'), 'a, b')
      const received = new Map((await response.json()) as [string, string][])
      equal([received.get('x-one'), received.get('authorization')], ['a, b', 'secret'])
    },
  },
  {
    group,
    name: 'each cookie has a line of its own in the field section',
    async run(session) {
      const stream = await session.session.request(fields(session, 'GET', '/cookies'), { endStream: true })
      const section = await stream.response()
      equal(
        section.filter(({ name }) => name === 'set-cookie').map(({ value }) => value),
        ['a=1', 'b=2'],
      )
    },
  },
  {
    group,
    name: 'a redirect is handed on, not followed',
    async run(session) {
      const response = await session.fetch('/redirect')
      equal([response.status, response.headers.get('location')], [302, '/hello'])
    },
  },
  {
    group,
    name: 'a handler that throws is a 500',
    run: async (session) => equal((await session.fetch('/throw')).status, 500),
  },
  {
    group,
    name: 'Expect: 100-continue is answered before the body is sent',
    async run(session) {
      const request = [...fields(session, 'POST', '/echo'), { name: 'expect', value: '100-continue' }]
      const stream = await session.session.request(request)
      const interim = await new Promise<string>((resolve) => {
        stream.onInformational = ([status]) => resolve(status!.value)
      })
      equal(interim, '100')
      stream.end(utf8('now'))
      equal(text(await joined(stream)), 'now')
    },
  },
  {
    group,
    name: 'an informational response comes before the final one',
    async run(session) {
      const stream = await session.session.request(fields(session, 'GET', '/hints'), { endStream: true })
      const hints: string[] = []
      stream.onInformational = (section) => void hints.push(...section.map(({ value }) => value))
      await stream.response()
      equal([hints, text(await joined(stream))], [['103', '</style.css>; rel=preload'], 'hinted'])
    },
  },
  {
    group,
    name: 'trailers go both ways',
    async run(session) {
      const stream = await session.session.request(fields(session, 'POST', '/trailers'))
      stream.write(utf8('12345'))
      stream.sendTrailers([{ name: 'x-sum', value: '15' }])
      await stream.response()
      equal(text(await joined(stream)), '5 bytes')
      equal(
        stream.trailers?.map(({ name, value }) => [name, value]),
        [['x-sum', '15']],
      )
    },
  },
  {
    group,
    name: 'fifty requests at once',
    async run(session) {
      const one = async (i: number): Promise<string> =>
        (await session.fetch('/echo', { method: 'POST', body: `number ${i}` })).text()
      const numbers = Array.from({ length: 50 }, (_, i) => i)
      equal(
        await Promise.all(numbers.map(one)),
        numbers.map((i) => `number ${i}`),
      )
    },
  },
  {
    group: 'applications',
    name: 'a Hono app answers JSON for a path with a parameter',
    async run(session) {
      const response = await session.fetch('/hono/users/7', { headers: { 'x-client': 'contract' } })
      equal(await response.json(), { id: '7', ua: 'contract' })
    },
  },
  {
    group: 'applications',
    name: 'a Hono app reads a form, and says 404 itself',
    async run(session) {
      const body = new URLSearchParams({ name: 'ada' })
      const response = await session.fetch('/hono/form', { method: 'POST', body })
      equal([response.status, await response.text()], [201, 'ada'])
      equal(await (await session.fetch('/hono/none')).text(), 'no such page')
    },
  },
]
