import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DemoCertificate, makeCertificate } from '../../src/demo/certificate.ts'
import { readEchoFlags } from '../../src/demo/echo-flags.ts'
import { Problem } from '../../src/demo/problem.ts'
import { type HandledWebSocket, type Server, serve, webSocket } from '../../src/runtime/node/index.ts'

const program = fileURLToPath(new URL('../../dist/echo-client.js', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The client as people run it, once it has ended. */
function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece
  })
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece
  })
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })))
}

let certificate: DemoCertificate
let ca: string
let clear: Server
let secure: Server
/** What came back, by path, and over which version of HTTP. */
let heard: unknown[] = []

/** The server is the one that tries: it sends two messages at once and closes when both are back. */
const tester = webSocket({
  perMessageDeflate: true,
  open(socket: HandledWebSocket, request) {
    heard.push(request.stream.httpVersion, request.headers.get('sec-websocket-extensions') === null)
    const { pathname } = request.url
    if (pathname === '/reset') request.stream.reset()
    else if (pathname === '/wrong') request.stream.write(new Uint8Array([0xf0, 0]))
    else {
      socket.send('grüße')
      socket.send(new Uint8Array([1, 2, 3]))
    }
  },
  message(socket, data) {
    heard.push(data)
    if (typeof data !== 'string') socket.close(4000, 'thanks')
  },
})

beforeAll(async () => {
  certificate = await makeCertificate('localhost')
  ca = join(tmpdir(), `hyperduct-echo-client-${process.pid}.pem`)
  writeFileSync(ca, certificate.ca)
  const connect = { websocket: tester }
  clear = await serve({ host: '127.0.0.1', connect })
  secure = await serve({ host: '127.0.0.1', connect, tls: { key: certificate.key, cert: certificate.cert } })
})

afterAll(async () => {
  await Promise.all([clear.close({ drain: 0 }), secure.close({ drain: 0 })])
})

const urlOf = (server: Server, path: string) => server.url.replace('http', 'ws') + path

describe('echo-client', () => {
  test.each([
    ['over HTTP/2, by prior knowledge', () => [urlOf(clear, 'test')], '2', false],
    ['over HTTP/1.1', () => [urlOf(clear, 'test'), '--http1', '--no-deflate'], '1.1', true],
    ['over HTTP/2 in TLS', () => [urlOf(secure, 'test'), '--ca', ca], '2', false],
    ['over HTTP/1.1 in TLS', () => [urlOf(secure, 'test'), '--http1', '--insecure'], '1.1', false],
  ])('RFC 6455 §5.6: echoes text as text and binary as binary %s', async (_name, args, version, bare) => {
    heard = []
    expect(await run(...args())).toEqual({
      code: 0,
      stdout: 'closed with 4000 (thanks) after 2 messages\n',
      stderr: '',
    })
    expect(heard).toEqual([version, bare, 'grüße', new Uint8Array([1, 2, 3])])
  })

  test.each([
    ['reset', /^hyperduct echo-client: closed with 1006 after 0 messages.*\n$/],
    ['wrong', /^hyperduct echo-client: closed with \d+.* after 0 messages: .*reserved bit.*\n$/],
  ])('RFC 6455 §7.1.7: an end that was not clean is one line and status 1: %s', async (path, message) => {
    const url = urlOf(clear, path)
    for (const { code, stdout, stderr } of await Promise.all([run(url), run(url, '--http1')])) {
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(message)
    }
  })

  test.each([
    [[], /one URL is wanted/],
    [['ws://a/', 'ws://b/'], /one URL is wanted/],
    [['ws://a/', '--http3'], /--http3/],
    [['ws://a/', '--ca', '/nowhere'], /--ca: can't read \/nowhere \(ENOENT\)/],
  ])('%j is refused in one line', (args, message) => {
    expect(() => readEchoFlags(args)).toThrow(Problem)
    expect(() => readEchoFlags(args)).toThrow(message)
  })

  test('its flags become options of dial', () => {
    const options = { http2: 'only', perMessageDeflate: true, tls: {} }
    expect(readEchoFlags(['ws://a/'])).toEqual({ url: 'ws://a/', options })
    expect(readEchoFlags(['ws://a/', '--http1', '--no-deflate', '--insecure'])!.options).toEqual({
      http2: 'off',
      perMessageDeflate: false,
      tls: { rejectUnauthorized: false },
    })
    expect(readEchoFlags(['-h'])).toBeUndefined()
  })

  test('where no server is, and for what is no WebSocket URL, there is one line too', async () => {
    const ends = await Promise.all([run('ws://127.0.0.1:1/'), run('ftp://a/')])
    for (const { code, stderr } of ends) expect([code, stderr.split('\n').length]).toEqual([1, 2])
    expect(ends[0].stderr).toMatch(/^hyperduct echo-client: .*ECONNREFUSED/)
    expect(ends[1].stderr).toMatch(/ftp/)
  })
})
