import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type Connected,
  type Connector,
  type DialOptions,
  HandshakeError,
  type HttpVersion,
  router,
  WebSocketDialer,
  webSocket,
} from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import { ServerSession, type ServerStream } from '../../src/session/index.ts'
import { type ByteTransport, memoryPair } from '../../src/transport/index.ts'
import { FakeTime, settle, until } from './pair.ts'

/** A connection that was asked for: the test says when it stands, and as what. */
interface Asked {
  readonly url: string
  readonly versions: readonly HttpVersion[]
  readonly signal: AbortSignal
  /** Resolves the attempt; the far end accepts what comes, or is silent. */
  stand(version: HttpVersion, silent?: boolean): void
  fail(error: unknown): void
  /** What `setBusy` was told. */
  readonly busy: boolean[]
  /** Our side has given the transport up. */
  aborted: boolean
  server: ServerSession | undefined
}

const echo = router({ connect: { websocket: webSocket({}) }, onError: () => {} })

/** Answers whatever request of HTTP/1.1 comes with a 101. */
function acceptUpgrade(transport: ByteTransport): void {
  let head = ''
  transport.start({
    data(chunk) {
      head += Buffer.from(chunk).toString('latin1')
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(head)?.[1]
      if (!head.endsWith('\r\n\r\n') || key === undefined) return
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const lines = ['HTTP/1.1 101 Yes', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
      transport.write([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)])
    },
    end() {},
    drained() {},
    closed() {},
  })
}

/** A dialer in a world of its own, where nothing happens unless the test does it. */
function world(onStream: (stream: ServerStream, count: number) => boolean = () => false, maxConcurrentStreams = 100) {
  const time = new FakeTime()
  const asked: Asked[] = []
  let count = 0
  const connector: Connector<DialOptions> = {
    connect: ({ url }, versions, _, signal) =>
      new Promise<Connected>((resolve, reject) => {
        const [near, far] = memoryPair()
        const busy: boolean[] = []
        const one: Asked = {
          url: url.href,
          versions,
          signal,
          busy,
          aborted: false,
          server: undefined,
          fail: reject,
          stand(version, silent = false) {
            if (silent) far.start({ data() {}, end() {}, drained() {}, closed() {} })
            else if (version === '2') one.server = serverOn(far)
            else acceptUpgrade(far)
            const abort = near.abort.bind(near)
            near.abort = () => {
              one.aborted = true
              abort()
            }
            resolve({ version, transport: near, setBusy: (value) => void busy.push(value) })
          },
        }
        asked.push(one)
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    identity: () => '',
  }
  const serverOn = (transport: ByteTransport): ServerSession =>
    new ServerSession(transport, {
      platform: new FakeTime().platform,
      extendedConnect: 'advertise',
      limits: { maxConcurrentStreams },
      onStream: (stream) => {
        if (!onStream(stream, ++count)) echo(stream)
      },
    })
  const dialer = new WebSocketDialer(connector, { platform: time.platform, idleTimeout: 1000, memoryAge: 5000 })
  const dial = (options: DialOptions = {}) => dialer.dial('wss://example.test/chat', options)
  return { time, asked, dialer, dial }
}

const failure = (dialing: Promise<unknown>): Promise<HandshakeError> =>
  dialing.then(
    () => undefined as never,
    (error) => error,
  )

describe('WebSocketDialer', () => {
  it('RFC 7301 §3.1: over TLS both versions are offered, in clear one of them', async () => {
    const { asked, dialer } = world()
    const dials: [url: string, DialOptions][] = [
      ['wss://a.test/x?y', {}],
      ['wss://b.test', { http2: 'only' }],
      ['https://c.test', { http2: 'off' }],
      ['ws://d.test', {}],
      ['http://e.test:8080/', { http2: 'prior-knowledge' }],
      ['ws://f.test', { http2: 'only' }],
    ]
    for (const [url, options] of dials) void failure(dialer.dial(url, options))
    await settle()
    expect(Object.fromEntries(asked.map(({ url, versions }) => [url, versions.join()]))).toEqual({
      'https://a.test/x?y': '2,1.1',
      'https://b.test/': '2',
      'https://c.test/': '1.1',
      'http://d.test/': '1.1',
      'http://e.test:8080/': '2',
      'http://f.test/': '2',
    })
  })

  it('a connection is busy while it has sockets, and closed when it had none for a while', async () => {
    const { time, asked, dial } = world()
    const dialing = dial()
    asked[0]!.stand('2')
    const socket = await dialing
    expect(asked[0]!.busy).toEqual([true])
    socket.close()
    await until(() => asked[0]!.busy.length === 2)
    expect(asked[0]!.busy).toEqual([true, false])
    time.advance(999)
    await settle()
    expect(asked[0]!.server!.state).toBe('open')
    const again = await dial()
    expect([again.streamId, asked.length]).toEqual([3, 1])
    expect(asked[0]!.busy).toEqual([true, false, true])
    time.advance(1000)
    await settle()
    expect(asked[0]!.server!.state).toBe('open')
    again.close()
    await until(() => asked[0]!.busy.length === 4)
    time.advance(1000)
    await until(() => asked[0]!.server!.state === 'closed')
  })

  it('RFC 9113 §8.7: what was refused is sent again after 50 and 250 ms, and the connection stays busy meanwhile', async () => {
    let requests = 0
    const { time, asked, dial } = world((stream, count) => {
      requests = count
      stream.reset(ErrorCode.REFUSED_STREAM)
      return true
    })
    const failed = failure(dial())
    asked[0]!.stand('2')
    for (const [sent, wait] of [
      [1, 50],
      [2, 250],
    ] as const) {
      await until(() => requests === sent)
      await settle()
      time.advance(wait - 1)
      await settle()
      expect([requests, asked[0]!.busy]).toEqual([
        sent,
        [true, ...Array.from({ length: sent - 1 }, () => [false, true]).flat()],
      ])
      time.advance(1)
    }
    const error = await failed
    expect([error.reason, error.code, requests]).toEqual(['reset', ErrorCode.REFUSED_STREAM, 3])
    expect(error.attempts.map(({ milliseconds }) => milliseconds)).toEqual([0, 0, 0])
  })

  it('RFC 9113 §3.4: a server without SETTINGS is left after settingsTimeout, and its connection ended', async () => {
    const { time, asked, dial } = world()
    const failed = failure(dial({ settingsTimeout: 400, http2: 'only' }))
    asked[0]!.stand('2', true)
    await settle()
    time.advance(399)
    await settle()
    expect(await Promise.race([failed, Promise.resolve('waiting')])).toBe('waiting')
    time.advance(1)
    expect(await failed).toMatchObject({
      reason: 'timeout',
      message: expect.stringContaining('no SETTINGS within 400 ms'),
    })
    time.advance(1000)
    await until(() => asked[0]!.aborted)
  })

  it('what was the way out is remembered for memoryAge', async () => {
    let requests = 0
    const { time, asked, dial } = world((stream, count) => {
      requests = count
      stream.reset(ErrorCode.HTTP_1_1_REQUIRED)
      return true
    })
    const first = dial()
    asked[0]!.stand('2')
    await until(() => asked.length === 2)
    expect(asked[1]!.versions).toEqual(['1.1'])
    asked[1]!.stand('1.1')
    await first
    const second = dial()
    await until(() => asked.length === 3)
    expect([asked[2]!.versions, requests]).toEqual([['1.1'], 1])
    asked[2]!.stand('1.1')
    await second
    time.advance(5000)
    void failure(dial())
    await until(() => asked.length === 4)
    asked[3]!.stand('2')
    await until(() => requests === 2)
  })

  it('RFC 6455 §4.1: over HTTP/1.1 one socket to a host and port is opened at a time', async () => {
    const { asked, dialer } = world()
    const urls = [
      'ws://a.test/1',
      'ws://a.test:80/2',
      'ws://a.test:81/',
      'ws://b.test/',
      'ws://a.test/3',
      'ws://a.test/4',
    ]
    const aborter = new AbortController()
    const dials = urls.map((url) => dialer.dial(url, url.endsWith('3') ? { signal: aborter.signal } : {}))
    const given = failure(dials[4]!)
    await settle()
    const paths = (): string[] => asked.map(({ url }) => url.slice('http://'.length))
    expect(paths()).toEqual(['a.test/1', 'a.test:81/', 'b.test/'])
    asked[0]!.stand('1.1')
    await dials[0]
    await until(() => asked.length === 4)
    expect(paths()[3]).toBe('a.test/2')
    // Who gives up gives up the place in the line; a failure is an end too.
    aborter.abort()
    expect((await given).reason).toBe('aborted')
    const failed = failure(dials[1]!)
    asked[3]!.fail(new HandshakeError('unreachable', 'nobody there'))
    expect((await failed).reason).toBe('unreachable')
    await until(() => asked.length === 5)
    expect(paths()[4]).toBe('a.test/4')
    for (const one of [1, 2, 4]) asked[one]!.stand('1.1')
    await Promise.all([dials[2], dials[3], dials[5]])
  })

  it('RFC 6455 §4.1: a connection that ALPN made HTTP/1.1 waits for its turn as well', async () => {
    const { asked, dial } = world()
    const first = dial({ http2: 'off' })
    await settle()
    const aborter = new AbortController()
    const second = failure(dial({ signal: aborter.signal }))
    asked[1]!.stand('1.1')
    await settle()
    aborter.abort()
    expect((await second).reason).toBe('aborted')
    await until(() => asked[1]!.aborted)
    const third = dial()
    asked[2]!.stand('1.1')
    asked[0]!.stand('1.1')
    expect([(await first).readyState, (await third).readyState]).toEqual([1, 1])
  })

  it('several who wait for one connection share its failure', async () => {
    const { asked, dial } = world()
    const failed = [failure(dial()), failure(dial())]
    expect(asked).toHaveLength(1)
    asked[0]!.fail(new HandshakeError('unreachable', 'nobody there'))
    expect((await Promise.all(failed)).map(({ reason }) => reason)).toEqual(['unreachable', 'unreachable'])
    expect(asked).toHaveLength(1)
  })

  it('a connection that nobody waits for any more is given up; one that comes all the same is not lost', async () => {
    const { asked, dial } = world()
    const aborters = [new AbortController(), new AbortController()]
    const failed = aborters.map(({ signal }) => failure(dial({ signal })))
    aborters[0]!.abort()
    expect(asked[0]!.signal.aborted).toBe(false)
    aborters[1]!.abort()
    expect(asked[0]!.signal.aborted).toBe(true)
    expect((await Promise.all(failed)).map(({ reason }) => reason)).toEqual(['aborted', 'aborted'])
    // The next one asks anew.
    void failure(dial())
    await settle()
    expect(asked).toHaveLength(2)
  })

  it('an HTTP/1.1 connection that came too late is ended', async () => {
    const { asked, dial } = world()
    const aborter = new AbortController()
    const failed = failure(dial({ signal: aborter.signal }))
    asked[0]!.stand('1.1')
    aborter.abort()
    expect((await failed).reason).toBe('aborted')
    await until(() => asked[0]!.aborted)
  })

  it('an HTTP/2 connection that came too late rests until somebody wants it', async () => {
    const { time, asked, dial } = world()
    const aborter = new AbortController()
    const failed = failure(dial({ signal: aborter.signal }))
    asked[0]!.stand('2')
    aborter.abort()
    expect((await failed).reason).toBe('aborted')
    await until(() => asked[0]!.busy.length > 0)
    expect(asked[0]!.busy.at(-1)).toBe(false)
    time.advance(1000)
    await until(() => asked[0]!.server!.state === 'closed')
  })

  it('RFC 9113 §5.1.2: a server that allows no stream at all is waited for, not dialed again and again', async () => {
    const { time, asked, dial } = world(undefined, 0)
    const failed = failure(dial({ timeout: 700 }))
    asked[0]!.stand('2')
    await settle()
    expect(asked).toHaveLength(1)
    time.advance(700)
    expect(await failed).toMatchObject({ reason: 'timeout' })
  })
})
