import { describe, expect, it } from 'vitest'
import { type ConnectRequest, fetchOver, openTunnel, router } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { pair, rawPair } from './closed-pair.ts'
import { gate, origin, type Pair, settle, until } from './pair.ts'

/** The status with which an extended CONNECT is answered; 0 for none. */
async function connectStatus(both: Pair, protocol: string, authority = 'example.test'): Promise<number> {
  return openTunnel(both.client, { protocol, path: '/p?q', authority }).then(
    (stream) => Number(stream.fields[0].value),
    (error) => error.status ?? 0,
  )
}

const accept = ({ stream }: ConnectRequest) => stream.respond([{ name: ':status', value: '200' }])
const boom = new Error('boom')

describe('the router', () => {
  it('takes no handler object that went past webSocket()', () => {
    const connect = { websocket: { message() {} } as never }
    expect(() => router({ connect, onError() {} })).toThrow(
      'connect.websocket must be a function: webSocket() makes one',
    )
  })

  it('RFC 9110 §15.5.5: without a fetch handler is 404', async () => {
    const both = pair({})
    expect((await fetchOver(both.client, origin, '/')).status).toBe(404)
  })

  it('RFC 9110 §9.3.6: a plain CONNECT makes no tunnel and is 501', async () => {
    const both = pair({})
    const fields = [
      { name: ':method', value: 'CONNECT' },
      { name: ':authority', value: 'example.test:22' },
    ]
    const stream = await both.client.request(fields)
    expect((await stream.response())[0].value).toBe('501')
  })

  it.each(['unknown', 'constructor', '__proto__'])('RFC 9110 §15.6.2: the :protocol %s is 501', async (protocol) => {
    const both = pair({ connect: { known: accept }, fetch: () => new Response('not for CONNECT') })
    expect(await connectStatus(both, protocol)).toBe(501)
    expect(both.errors).toEqual([])
  })

  it('RFC 9110 §7.8: protocols are compared without regard to case', async () => {
    const both = pair({ connect: { 'Connect-UDP': accept } })
    expect(await connectStatus(both, 'connect-udp')).toBe(200)
    expect(await connectStatus(both, 'CONNECT-UDP')).toBe(200)
  })

  it('RFC 8441 §4: a handler gets protocol, URL, headers, signal and stream', async () => {
    const seen = gate<ConnectRequest>()
    const both = pair({
      connect: {
        x: (request) => {
          seen.open(request)
          accept(request)
        },
      },
    })
    const headers = { cookie: 'a=1', 'sec-fetch-mode': 'x', origin: 'https://o.test' }
    const tunnel = await openTunnel(both.client, { protocol: 'x', path: '/p?q', authority: 'example.test', headers })
    const request = await seen.promise
    expect(request.protocol).toBe('x')
    expect(request.url).toBe(request.url)
    expect(request.url.href).toBe('https://example.test/p?q')
    expect(Object.fromEntries(request.headers)).toEqual(headers)
    expect(request.signal.aborted).toBe(false)
    tunnel.reset()
    await until(() => request.signal.aborted)
    expect(request.stream.id).toBe(tunnel.id)
  })

  it('RFC 9113 §8.3.1: a target that is no URL is 400', async () => {
    const both = pair({ connect: { x: accept } })
    expect(await connectStatus(both, 'x', 'example.test:99999')).toBe(400)
    expect(both.errors).toEqual([])
  })

  it.each([
    [
      'throws',
      () => {
        throw boom
      },
    ],
    [
      'rejects',
      async () => {
        throw boom
      },
    ],
  ])('RFC 9110 §15.6.1: a connect handler that %s is 500, and onError hears of it', async (_, handler) => {
    const both = pair({ connect: { x: handler } })
    expect(await connectStatus(both, 'x')).toBe(500)
    expect(both.errors).toEqual([boom])
  })

  it('RFC 9113 §5.4.2: one that throws after its answer resets with INTERNAL_ERROR', async () => {
    const both = pair({
      connect: {
        x: async (request) => {
          accept(request)
          await settle()
          throw boom
        },
      },
    })
    const tunnel = await openTunnel(both.client, { protocol: 'x', path: '/', authority: 'example.test' })
    const codes: number[] = []
    tunnel.onReset = ({ code }) => codes.push(code)
    await until(() => codes.length > 0)
    expect(codes).toEqual([ErrorCode.INTERNAL_ERROR])
    expect(both.errors).toEqual([boom])
  })

  it('an onError that throws itself harms nothing', async () => {
    let told = 0
    const onStream = router({
      fetch: () => Promise.reject(boom),
      connect: { x: () => Promise.reject(boom) },
      onError() {
        told++
        throw new Error('and onError too')
      },
    })
    const both = { ...rawPair(onStream), errors: [] }
    expect((await fetchOver(both.client, origin, '/')).status).toBe(500)
    expect(await connectStatus(both, 'x')).toBe(500)
    await settle()
    expect(told).toBe(2)
  })

  it('a handler may tell of a later error', async () => {
    const both = pair({
      connect: {
        x: (request) => {
          accept(request)
          request.reportError(boom)
        },
      },
    })
    expect(await connectStatus(both, 'x')).toBe(200)
    expect(both.errors).toEqual([boom])
  })

  it('onStream sees every stream first, and takes those for which it returns true', async () => {
    const paths: string[] = []
    const both = pair({
      onStream(stream) {
        const path = stream.fields.find(({ name }) => name === ':path')?.value ?? ''
        paths.push(path)
        if (path !== '/taken') return false
        stream.respond([{ name: ':status', value: '202' }], { endStream: true })
        return true
      },
      fetch: () => new Response('fetched'),
      connect: { x: accept },
    })
    expect((await fetchOver(both.client, origin, '/taken')).status).toBe(202)
    expect(await (await fetchOver(both.client, origin, '/left')).text()).toBe('fetched')
    expect(await connectStatus(both, 'x')).toBe(200)
    expect(paths).toEqual(['/taken', '/left', '/p?q'])
  })

  it('an async onStream that passes a request on has lost nothing of its body', async () => {
    const both = pair({
      onStream: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return false
      },
      fetch: async (request) => new Response(`${request.method} ${request.body === null} ${await request.text()}`),
    })
    const posted = await fetchOver(both.client, origin, '/', { method: 'POST', body: 'all of it' })
    expect(await posted.text()).toBe('POST false all of it')
    expect(await (await fetchOver(both.client, origin, '/')).text()).toBe('GET true ')
  })

  it('an onStream that throws is 500, and the handlers behind it are not asked', async () => {
    let asked = 0
    const both = pair({
      onStream() {
        throw boom
      },
      fetch: () => {
        asked++
        return new Response()
      },
    })
    expect((await fetchOver(both.client, origin, '/')).status).toBe(500)
    expect(both.errors).toEqual([boom])
    expect(asked).toBe(0)
  })
})
