import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerStream, Stream } from '../../src/session/index.ts'
import { settle } from './support/fake-clock.ts'
import { bytes, get, OK, type Pair, post, readText, sessionPair } from './support/pair.ts'

/** What a callback may do in the middle of everything. */
const actions: Record<string, (stream: Stream, pair: Pair) => void> = {
  reset: (stream) => stream.reset(),
  'reset twice': (stream) => {
    stream.reset()
    stream.reset(2)
  },
  write: (stream) => void stream.write(bytes('more')),
  end: (stream) => stream.end(),
  pause: (stream) => {
    stream.pause()
    queueMicrotask(() => stream.resume())
  },
  throw: () => {
    throw new Error('thrown by a callback')
  },
  'reset and throw': (stream) => {
    stream.reset()
    throw new Error('thrown by a callback')
  },
  'close the session': (_, pair) => void pair.server.close({ drain: 10 }),
  'abort the session': (_, pair) => pair.server.abort(),
  'close the other session': (_, pair) => void pair.client.close({ drain: 10 }),
  'abort the other session': (_, pair) => pair.client.abort(2),
  'ping and open': (_, pair) => {
    void pair.server.ping()
    pair.client.open(get('/other'), { endStream: true })
  },
}

/** Where it may happen, on the server's side. */
const places: Record<string, (stream: ServerStream, act: () => void) => void> = {
  onStream: (_, act) => act(),
  'onStream after respond': (stream, act) => {
    stream.respond(OK)
    act()
  },
  onData: (stream, act) => {
    stream.respond(OK)
    stream.onData = act
  },
  onTrailers: (stream, act) => {
    stream.respond(OK)
    stream.onData = () => {}
    stream.onTrailers = act
  },
  onWritable: (stream, act) => {
    stream.respond(OK)
    stream.onWritable = act
    while (stream.write(new Uint8Array(20_000))) {}
  },
  onReset: (stream, act) => {
    stream.onReset = act
    stream.reset(2)
  },
  onClose: (stream, act) => {
    const { onClose } = stream
    stream.onClose = () => {
      onClose?.()
      act()
    }
    stream.respond(OK)
    stream.onData = (_, endStream) => endStream && stream.end()
  },
}

const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)

describe('any command inside any callback', () => {
  beforeAll(() => {
    process.on('unhandledRejection', note)
  })
  afterAll(() => {
    process.off('unhandledRejection', note)
  })

  for (const [place, arrange] of Object.entries(places)) {
    for (const [name, action] of Object.entries(actions)) {
      it(`${name} inside ${place}: every stream still closes once, and the sessions end`, async () => {
        let closes = 0
        let streams = 0
        const pair: Pair = sessionPair((stream) => {
          const path = stream.fields.find((field) => field.name === ':path')!.value
          if (path === '/other') {
            stream.respond(OK, { endStream: true })
            return
          }
          streams++
          stream.onClose = () => closes++
          let once = false
          arrange(stream, () => {
            if (once) return
            once = true
            action(stream, pair)
          })
        })
        const stream = await pair.client.request(post())
        let clientCloses = 0
        stream.onClose = () => clientCloses++
        stream.onData = () => {}
        stream.write(bytes('one'))
        await settle()
        stream.write(bytes('two'))
        stream.sendTrailers([{ name: 'x', value: 'y' }])
        await settle()
        await settle()
        // the connection has survived, unless the action was to end it: other requests are answered
        if (!name.includes('session')) {
          expect(pair.client.state).toBe('open')
          const other = pair.client.open(get('/other'), { endStream: true })!
          expect(await readText(other)).toBe('')
        }
        // what the action has left half done is ended from this side
        stream.reset()
        await settle()
        void pair.client.close({ drain: 10 })
        void pair.server.close({ drain: 10 })
        await pair.clock.advance(5_000)
        await Promise.all([pair.client.closed, pair.server.closed])
        expect(closes).toBe(streams)
        expect(clientCloses).toBe(1)
        expect([pair.client.streamCount, pair.server.streamCount]).toEqual([0, 0])
        expect(pair.clock.pendingTimers).toBe(0)
        expect(uncaught).toEqual([])
        const thrown = pair.errors.filter((error) => (error as Error).message === 'thrown by a callback')
        expect(thrown).toHaveLength(name.includes('throw') ? 1 : 0)
      })
    }
  }
})

describe('a callback that throws', () => {
  it('gives 500 when no response has begun', async () => {
    const { client, errors } = sessionPair(() => {
      throw new Error('oops')
    })
    const stream = await client.request(get(), { endStream: true })
    expect((await stream.response())[0]).toMatchObject({ name: ':status', value: '500' })
    expect(errors).toMatchObject([{ message: 'oops' }])
  })

  it('RFC 9113 §7: gives INTERNAL_ERROR once the response has begun', async () => {
    const { client } = sessionPair((stream) => {
      stream.respond(OK)
      throw new Error('oops')
    })
    const stream = await client.request(get(), { endStream: true })
    await stream.response()
    await expect(readText(stream)).rejects.toMatchObject({ code: 2, initiator: 'remote' })
  })

  it('harms nothing when it is onError or onEvent itself', async () => {
    const fail = () => {
      throw new Error('oops')
    }
    const { client } = sessionPair(fail, { server: { onError: fail, onEvent: fail } })
    const stream = await client.request(get(), { endStream: true })
    expect((await stream.response())[0]).toMatchObject({ value: '500' })
    await client.close()
  })
})
