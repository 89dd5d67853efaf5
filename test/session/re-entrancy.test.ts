import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ClientStream, ServerSessionOptions, ServerStream } from '../../src/session/index.ts'
import { commands, endsSession, throws } from './support/commands.ts'
import { settle } from './support/fake-clock.ts'
import { bytes, get, OK, type Pair, type PairOptions, post, readText, sessionPair } from './support/pair.ts'
import { PushingServer } from './support/pushing-server.ts'

/*
 * RFC 9113 says nothing of it, but many stacks fell by it: any command inside any callback, on either side. Whatever is
 * done where, each stream closes once, the sessions end, no timer stays, and nothing reaches the process.
 */

const uncaught: unknown[] = []
const note = (error: unknown) => void uncaught.push(error)
beforeAll(() => {
  process.on('unhandledRejection', note)
})
afterEach(() => expect(uncaught.splice(0)).toEqual([]))
afterAll(() => {
  process.off('unhandledRejection', note)
})

const INTERIM = [{ name: ':status', value: '103' }]
const TRAILERS = [{ name: 'x', value: 'y' }]
const fill = (stream: ClientStream | ServerStream): void => {
  while (stream.write(new Uint8Array(20_000))) {}
}

/** A place where a callback runs: how it is set on the two ends of one stream. */
interface Place {
  readonly server?: (stream: ServerStream, act: () => void) => void
  readonly client?: (stream: ClientStream, act: () => void, pair: Pair) => void
  /** Options of the server's session that make `act` run. */
  readonly options?: (act: () => void) => Partial<ServerSessionOptions>
}

const respond = (stream: ServerStream): void => stream.respond(OK)
/** Answers with all that an answer can have. */
const answer = (stream: ServerStream): void => {
  stream.respond(INTERIM)
  stream.respond(OK)
  stream.write(bytes('body'))
  stream.onData = (_, endStream) => {
    if (endStream && !stream.outputEnded) stream.sendTrailers(TRAILERS)
  }
}

const serverPlaces: Readonly<Record<string, Place>> = {
  onStream: { server: (_, act) => act() },
  'onStream after respond': {
    server: (stream, act) => {
      respond(stream)
      act()
    },
  },
  onData: {
    server: (stream, act) => {
      respond(stream)
      stream.onData = act
    },
  },
  onTrailers: {
    server: (stream, act) => {
      respond(stream)
      stream.onData = () => {}
      stream.onTrailers = act
    },
  },
  onWritable: {
    server: (stream, act) => {
      respond(stream)
      stream.onWritable = act
      fill(stream)
    },
  },
  onReset: {
    server: (stream, act) => {
      stream.onReset = act
      stream.reset(2)
    },
  },
  onClose: {
    server: (stream, act) => {
      const { onClose } = stream
      stream.onClose = () => {
        onClose?.()
        act()
      }
      respond(stream)
      stream.onData = (_, endStream) => endStream && !stream.outputEnded && stream.end()
    },
  },
  onEvent: {
    server: answer,
    options: (act) => ({ onEvent: ({ type }) => void (type === 'DataReceived' && act()) }),
  },
  onError: {
    server: (stream) => {
      respond(stream)
      stream.onData = () => {
        throw new Error('for onError')
      }
    },
    options: (act) => ({ onError: (error) => void ((error as Error).message === 'for onError' && act()) }),
  },
}

const clientPlaces: Readonly<Record<string, Place>> = {
  onInformational: {
    server: answer,
    client: (stream, act) => {
      stream.onInformational = act
    },
  },
  onResponse: {
    server: answer,
    client: (stream, act) => {
      stream.onResponse = act
    },
  },
  'onData of a client': {
    server: answer,
    client: (stream, act) => {
      stream.onData = act
    },
  },
  'onTrailers of a client': {
    server: answer,
    client: (stream, act) => {
      stream.onTrailers = act
    },
  },
  'onWritable of a client': {
    server: answer,
    client: (stream, act) => {
      stream.onWritable = act
      fill(stream)
    },
  },
  'onReset of a client': {
    server: (stream) => stream.reset(),
    client: (stream, act) => {
      stream.onReset = act
    },
  },
  'onClose of a client': {
    server: answer,
    client: (stream, act) => {
      const { onClose } = stream
      stream.onClose = () => {
        onClose?.()
        act()
      }
    },
  },
  whenDraining: {
    server: answer,
    client: (_, act, { client }) => {
      client.whenDraining(act)
      void client.close({ drain: 10 })
    },
  },
}

/** Lets an exchange run through a place where a command is given, and sees that everything comes to its end. */
async function runThrough(name: string, where: string, place: Place): Promise<void> {
  const command = commands[name]!
  let closes = 0
  let streams = 0
  let arrived: ServerStream | undefined
  let asked: ClientStream | undefined
  let once = false
  const act = (): void => {
    const stream = place.client === undefined ? arrived : asked
    if (once || stream === undefined) return
    once = true
    const [session, other] = place.client === undefined ? [pair.server, pair.client] : [pair.client, pair.server]
    command({ stream, session, other, client: pair.client })
  }
  const options: PairOptions = place.options === undefined ? {} : { server: place.options(act) }
  const pair: Pair = sessionPair((stream) => {
    if (stream.fields.find((field) => field.name === ':path')!.value === '/other') {
      stream.respond(OK, { endStream: true })
      return
    }
    streams++
    arrived = stream
    stream.onClose = () => closes++
    place.server?.(stream, act)
  }, options)
  const stream = await pair.client.request(post())
  asked = stream
  let clientCloses = 0
  stream.onClose = () => clientCloses++
  stream.onData = () => {}
  stream.onTrailers = () => {}
  place.client?.(stream, act, pair)
  if (!stream.outputEnded) stream.write(bytes('one'))
  await settle()
  if (!stream.outputEnded) {
    stream.write(bytes('two'))
    stream.sendTrailers(TRAILERS)
  }
  await settle()
  await settle()
  expect(once).toBe(true)
  // the connection has survived, unless the command was to end it: other requests are answered
  if (!endsSession(name) && where !== 'whenDraining') {
    expect(pair.client.state).toBe('open')
    const other = pair.client.open(get('/other'), { endStream: true })!
    expect(await readText(other)).toBe('')
  }
  // what the command has left half done is ended from this side
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
  // what `onError` throws itself is nobody's, and its session in this test hears of the other faults in its place
  const thrown = pair.errors.filter((error) => (error as Error).message === 'thrown by a callback')
  expect(thrown).toHaveLength(throws(name) && where !== 'onError' ? 1 : 0)
}

describe('any command inside any callback', () => {
  for (const [where, place] of Object.entries({ ...serverPlaces, ...clientPlaces })) {
    for (const name of Object.keys(commands)) {
      it(`${name} inside ${where}: every stream still closes once, and the sessions end`, () =>
        runThrough(name, where, place))
    }
  }
})

describe('any command inside onPush', () => {
  for (const [name, command] of Object.entries(commands)) {
    it(`${name} inside onPush: the pushed stream and its request still close once, and the session ends`, async () => {
      const server = new PushingServer({})
      const page = await server.ask('/page')
      let closes = 0
      page.onClose = () => closes++
      page.onPush = (stream) => {
        stream.onClose = () => closes++
        stream.onData ??= () => {}
        command({ stream, session: server.client, client: server.client })
      }
      server.wire.promise(1, 2, get('/style.css')).headers(2, OK).data(2, 'css').end(2).headers(1, OK).end(1, 'page')
      await server.send()
      if (!endsSession(name)) expect(server.client.state).toBe('open')
      page.reset()
      await settle()
      void server.client.close({ drain: 10 })
      server.end()
      await server.clock.advance(5_000)
      await server.client.closed
      expect(closes).toBe(2)
      expect(server.client.streamCount).toBe(0)
      expect(server.clock.pendingTimers).toBe(0)
      const thrown = server.errors.filter((error) => (error as Error).message === 'thrown by a callback')
      expect(thrown).toHaveLength(throws(name) ? 1 : 0)
    })
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
