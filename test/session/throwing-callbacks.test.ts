import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ConnectionError, ErrorCode } from '../../src/errors/index.ts'
import type { ServerStream } from '../../src/session/index.ts'
import { settle } from './support/fake-clock.ts'
import { bytes, get, OK, post, sessionPair } from './support/pair.ts'

/** What would have ended the process. */
const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)

beforeAll(() => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  await settle()
  expect(uncaught.splice(0)).toEqual([])
})
afterAll(() => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
})

const boom = (): never => {
  throw new Error('boom')
}
const failing: [string, () => void][] = [
  ['throws', boom],
  ['is async and throws', async () => boom()],
  [
    'rejects later',
    async () => {
      await settle()
      boom()
    },
  ],
]
const heard = [{ message: 'boom' }]

describe.each(failing)('a callback that %s', (_, fail) => {
  it('as onStream is answered with 500, and onError hears', async () => {
    const { client, errors } = sessionPair(fail)
    const stream = await client.request(get(), { endStream: true })
    expect((await stream.response())[0]?.value).toBe('500')
    expect(errors).toMatchObject(heard)
  })

  it.each(['onData', 'onTrailers', 'onWritable'] as const)(
    'RFC 9113 §5.4.2: as %s resets the stream with INTERNAL_ERROR once the response has begun, and onError hears',
    async (callback) => {
      const { client, errors } = sessionPair((stream) => {
        stream.respond(OK)
        if (callback === 'onWritable') while (stream.write(new Uint8Array(16_384))) {}
        if (callback === 'onTrailers') stream.onData = () => {}
        stream[callback] = fail
      })
      const stream = await client.request(post())
      const codes: number[] = []
      stream.onData = () => {}
      stream.onReset = ({ code }) => codes.push(code)
      stream.write(bytes('one'))
      if (callback === 'onTrailers') stream.sendTrailers([{ name: 'x', value: 'y' }])
      while (codes.length === 0) await settle()
      expect(codes).toEqual([ErrorCode.INTERNAL_ERROR])
      expect(errors).toMatchObject(heard)
      expect(client.state).toBe('open')
    },
  )

  it.each(['onResponse', 'onInformational'] as const)(
    'RFC 9113 §5.4.2: as %s resets the stream of a client',
    async (callback) => {
      const codes: number[] = []
      const { client, errors } = sessionPair((stream) => {
        stream.onReset = ({ code }) => codes.push(code)
        stream.respond([{ name: ':status', value: '103' }])
        stream.respond(OK)
      })
      const stream = await client.request(get(), { endStream: true })
      stream[callback] = fail
      while (codes.length === 0) await settle()
      expect(codes).toEqual([ErrorCode.INTERNAL_ERROR])
      expect(errors).toMatchObject(heard)
    },
  )

  it.each(['onReset', 'onClose'] as const)('as %s, with the stream over, is told to onError', async (callback) => {
    const { client, errors } = sessionPair((stream) => {
      stream[callback] = fail
    })
    const stream = await client.request(post())
    await settle()
    stream.reset()
    while (errors.length === 0) await settle()
    expect(errors).toMatchObject(heard)
    expect(client.state).toBe('open')
  })

  it('as onEvent is told to onError, and the connection goes on', async () => {
    let calls = 0
    const { client, errors } = sessionPair((stream) => stream.respond(OK, { endStream: true }), {
      server: {
        onEvent: (event) => {
          if (event.type !== 'HeadersReceived') return
          calls++
          return fail()
        },
      },
    })
    const stream = await client.request(get(), { endStream: true })
    expect((await stream.response())[0]?.value).toBe('200')
    while (errors.length === 0) await settle()
    expect([calls, errors]).toMatchObject([1, heard])
  })

  it('as onError is heard by nobody, and the connection goes on', async () => {
    let calls = 0
    const onError = () => {
      calls++
      return fail()
    }
    const { client } = sessionPair(boom, { server: { onError } })
    for (let i = 1; i <= 2; i++) {
      const stream = await client.request(get(), { endStream: true })
      expect((await stream.response())[0]?.value).toBe('500')
      expect(calls).toBe(i)
    }
  })

  it.each(['before', 'after'])('harms nothing when the connection is aborted in the turn %s it', async (when) => {
    let arrived: ServerStream | undefined
    const { client, server, errors } = sessionPair((stream) => {
      arrived = stream
      if (when === 'before') server.abort()
      const result: unknown = fail()
      if (when === 'after') server.abort()
      return result as undefined
    })
    const stream = await client.request(get(), { endStream: true })
    await stream.response().catch(() => {})
    await settle()
    await settle()
    expect(arrived?.id).toBe(1)
    expect(errors.filter((error) => !(error instanceof ConnectionError))).toMatchObject(heard)
  })
})

it('Session.reportError tells onError, and never throws', () => {
  const { client, server, errors } = sessionPair(() => {}, {
    server: { onError: boom },
  })
  client.reportError('said')
  server.reportError('lost')
  expect(errors).toEqual(['said'])
})
