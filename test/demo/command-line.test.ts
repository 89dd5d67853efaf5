import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../src/demo/certificate.ts'
import { connect } from '../../src/runtime/node/index.ts'
import { Program } from './program.ts'

let folder: string
const started: Program[] = []

function run(...args: string[]): Program {
  const program = new Program(...args)
  started.push(program)
  return program
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
})

afterAll(async () => {
  for (const program of started) program.signal('SIGKILL')
  await Promise.all(started.map((program) => program.ended))
  await rm(folder, { recursive: true, force: true })
})

/** One line on stderr that names the trouble, nothing on stdout, and a failure. */
async function expectRefusal(program: Program, message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await program.ended
  expect(stderr).toMatch(message)
  expect(stderr).toMatch(/^hyperduct demo: [^\n]+\n$/)
  expect(stdout).toBe('')
  expect(code).toBe(1)
}

describe.concurrent('demo: what it refuses', () => {
  test('an unknown flag', () => expectRefusal(run('--prot', '1'), /--prot.*--help/))

  test('a port that is no number', () => expectRefusal(run('--port', 'http'), /--port wants a whole number/))

  test('a certificate without its key', () => expectRefusal(run('--cert', 'c.pem'), /--cert needs --key/))

  test('a certificate file that is not there', async () => {
    const missing = join(folder, 'missing.pem')
    await expectRefusal(run('--cert', missing, '--key', missing), /--cert: can't read .*missing\.pem \(ENOENT\)/)
  })

  test('a certificate file that is none', async () => {
    const file = join(folder, 'none.pem')
    await writeFile(file, 'not a certificate\n')
    await expectRefusal(run('--port', '0', '--cert', file, '--key', file), /not a certificate and its key/)
  })

  test('a place for the authority that cannot be written', () =>
    expectRefusal(run('--port', '0', '--ca-out', join(folder, 'no', 'ca.pem')), /--ca-out: can't write .*ENOENT/))

  test('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => other.once('listening', listening))
    const address = other.address()
    const port = String(typeof address === 'object' && address !== null ? address.port : 0)
    await expectRefusal(run('--h2c', '--port', port), new RegExp(`port ${port} is in use`))
    other.close()
  })

  test('a host that is not of this machine', () =>
    expectRefusal(run('--h2c', '--port', '0', '--host', '192.0.2.1'), /no address 192\.0\.2\.1/))
})

describe.concurrent('demo: how it starts and ends', () => {
  test('--help prints the flags and ends', async () => {
    const { code, stdout } = await run('--help').ended
    expect(code).toBe(0)
    for (const flag of ['--port', '--host', '--h2c', '--max-streams', '--cert', '--key', '--ca-out']) {
      expect(stdout).toContain(flag)
    }
  })

  test('RFC 9113 §3.2: over TLS, with an authority that a client can be told to trust', async () => {
    const file = join(folder, 'ca.pem')
    const url = await run('--port', '0', '--ca-out', file).url()
    expect(url).toMatch(/^https:\/\/localhost:\d+\/$/)
    const session = await connect(url, { tls: { ca: await readFile(file) } })
    expect(await (await session.fetch('/hello')).text()).toBe('hello world')
    await session.close()
    await expect(connect(url)).rejects.toThrow()
  })

  test('with a certificate of its own', async () => {
    const { key, cert, ca } = await makeCertificate('localhost')
    await writeFile(join(folder, 'key.pem'), key)
    await writeFile(join(folder, 'cert.pem'), cert)
    const program = run('--port', '0', '--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem'))
    const session = await connect(await program.url(), { tls: { ca } })
    expect((await session.fetch('/hello')).status).toBe(200)
    await session.close()
  })

  test('RFC 9113 §3.3: --h2c speaks HTTP/2 in clear, on the host it is given', async () => {
    const url = await run('--h2c', '--port', '0', '--host', '127.0.0.1').url()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const session = await connect(url)
    expect((await session.fetch('/hello')).status).toBe(200)
    await session.close()
  })

  test('RFC 9113 §5.1.2: --max-streams is what the server tells its clients', async () => {
    const session = await connect(await run('--h2c', '--port', '0', '--max-streams', '7').url())
    await session.session.ready()
    expect(session.peerSettings.maxConcurrentStreams).toBe(7)
    await session.close()
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s sends idle clients and sockets home and ends well', async (signal) => {
    const program = run('--h2c', '--port', '0')
    const session = await connect(await program.url())
    const closed = ['/echo', '/chat', '/echo-whatwg'].map(async (path) => {
      const socket = await session.webSocket(path)
      return new Promise<number>((done) => {
        socket.onclose = (event) => done(event.code)
      })
    })
    await Promise.race([Promise.all(closed), session.ping()])
    program.signal(signal)
    expect(await Promise.all(closed)).toEqual([1001, 1001, 1000])
    expect((await program.ended).code).toBe(0)
    await session.closed
  })

  test('RFC 9113 §6.8: what is under way when Ctrl-C comes is finished', async () => {
    const program = run('--h2c', '--port', '0')
    const session = await connect(await program.url())
    const response = await session.fetch('/bytes/3000000')
    program.signal('SIGINT')
    await program.printed(/once more/)
    expect((await response.arrayBuffer()).byteLength).toBe(3_000_000)
    expect((await program.ended).code).toBe(0)
  })

  test('a second Ctrl-C ends it at once', async () => {
    const program = run('--h2c', '--port', '0')
    const session = await connect(await program.url())
    const response = await session.fetch('/bytes/100000000000')
    program.signal('SIGINT')
    await program.printed(/once more/)
    program.signal('SIGINT')
    expect((await program.ended).code).toBe(130)
    await expect(response.arrayBuffer()).rejects.toThrow()
  })
})
