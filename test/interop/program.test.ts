import { connect as connectTcp } from 'node:net'
import { expect, test } from 'vitest'
import { exchange, openSession } from './peers/node-http2-client.ts'
import { startDemo } from './support/demo.ts'
import { flawless } from './support/exchange.ts'
import { run } from './support/processes.ts'

// The program as a whole, seen by somebody else's HTTP/2: it starts, refuses what it cannot do, drains, ends.
const program = (process.env.HYPERDUCT_PROGRAM ?? 'dist/demo.js').split(' ')

test('Ctrl-C ends an idle program with 0', async () => {
  const demo = await startDemo({ h2c: true })
  try {
    expect(await demo.interrupt()).toMatchObject({ code: 0, signal: null })
  } finally {
    await demo.stop()
  }
})

test('RFC 9113 §6.8: Ctrl-C announces the end with GOAWAY and lets the answer under way finish', async () => {
  const demo = await startDemo({ h2c: true })
  try {
    const session = await openSession(demo.url, undefined)
    const goaway = new Promise<number>((resolve) => session.once('goaway', resolve))
    // A body that has no end until we say so holds its stream open.
    const stream = session.request({ ':method': 'POST', ':path': '/echo' })
    stream.write('before ')
    const received: Buffer[] = []
    const arrived = new Promise<void>((resolve) => stream.once('data', () => resolve()))
    stream.on('data', (chunk: Buffer) => received.push(chunk))
    const ended = new Promise((resolve) => stream.once('close', resolve))
    await arrived
    const exit = demo.interrupt()
    expect(await goaway).toBe(0)
    stream.end('after')
    await ended
    expect(Buffer.concat(received).toString()).toBe('before after')
    expect(await exit).toMatchObject({ code: 0, signal: null })
  } finally {
    await demo.stop()
  }
})

test('RFC 8441 §4: an unknown :protocol is answered with 501, and WebSockets go on', async () => {
  const demo = await startDemo({ h2c: true })
  const session = await openSession(demo.url, undefined)
  try {
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'carrier-pigeon',
      ':scheme': 'http',
      ':authority': demo.url.host,
      ':path': '/echo',
    })
    const status = await new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])))
    expect(status).toBe(501)
    expect(await exchange(session, new URL('/echo', demo.url))).toEqual(flawless)
  } finally {
    session.destroy()
    await demo.stop()
  }
})

test('RFC 9113 §5.1.2: --max-streams is what a client hears of', async () => {
  const demo = await startDemo({ h2c: true, flags: ['--max-streams', '7'] })
  const session = await openSession(demo.url, undefined)
  try {
    expect(session.remoteSettings.maxConcurrentStreams).toBe(7)
  } finally {
    session.destroy()
    await demo.stop()
  }
})

test('RFC 9113 §3.4: a client that speaks something else is told so and let go, and the server stays', async () => {
  const demo = await startDemo({ h2c: true, flags: ['--no-http1'] })
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const received: Buffer[] = []
      const socket = connectTcp(Number(demo.url.port), 'localhost')
      socket.on('data', (chunk) => received.push(chunk))
      socket.on('close', () => resolve(Buffer.concat(received)))
      socket.on('error', reject)
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    })
    // A GOAWAY frame: its type and no flags, stream 0, no stream begun, PROTOCOL_ERROR. RFC 9113 §6.8.
    expect(answer.toString('hex')).toContain(['0700', '00000000', '00000000', '00000001'].join(''))
    const session = await openSession(demo.url, undefined)
    session.destroy()
  } finally {
    await demo.stop()
  }
})

test('a port in use is one clear line and an exit that is not 0', async () => {
  const demo = await startDemo({ h2c: true })
  try {
    const second = await run('node', [...program, '--h2c', '--port', demo.url.port])
    expect(second.code).not.toBe(0)
    expect(second.stderr.trim().split('\n')).toHaveLength(1)
    expect(second.stderr).toContain(demo.url.port)
  } finally {
    await demo.stop()
  }
})
