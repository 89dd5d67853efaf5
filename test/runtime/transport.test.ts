import type { AddressInfo } from 'node:net'
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeTransport } from '../../src/runtime/node/index.ts'
import { Recorder, settle } from '../transport/recorder.ts'

const open: (Socket | Server)[] = []

afterEach(() => {
  for (const one of open.splice(0)) 'destroy' in one ? one.destroy() : one.close()
})

/** Two ends of a TCP connection on this machine. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.on('connection', resolve))
  const near = connectTcp({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const far = await accepted
  open.push(server, near, far)
  return [near, far]
}

/** Waits until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** A stream that counts how its writes arrive. */
class Sink extends Duplex {
  readonly calls: string[] = []

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.calls.push(`write ${chunk.length}`)
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(`writev ${chunks.map(({ chunk }) => chunk.length).join(' ')}`)
    done()
  }

  override _read(): void {}
}

describe('nodeTransport', () => {
  it('hands each flush to the stream as one write', () => {
    const sink = new Sink()
    const transport = nodeTransport(sink)
    transport.write([new Uint8Array(5)])
    transport.write([new Uint8Array(5), new Uint8Array(6)])
    transport.write([new Uint8Array(9), new Uint8Array(50_000), new Uint8Array(7)])
    expect(sink.calls).toEqual(['write 5', 'write 11', 'writev 9 50000 7'])
  })

  it('has room again without delay after little, and only when the event loop came round after much', async () => {
    const sink = new Sink()
    const transport = nodeTransport(sink)
    const recorder = new Recorder()
    transport.start(recorder)
    const ticked = () => new Promise<void>((resolve) => process.nextTick(resolve))
    // the sink takes one chunk within the call, and tells of several with the next tick
    expect(transport.write([new Uint8Array(450_000)])).toBe(true)
    expect(transport.write([new Uint8Array(80_000)])).toBe(false)
    await ticked()
    expect(recorder.log).toEqual([])
    await settle()
    expect(recorder.log).toEqual(['drained'])
    expect(transport.write([new Uint8Array(100_000), new Uint8Array(100_000)])).toBe(false)
    await ticked()
    expect(recorder.log).toEqual(['drained', 'drained'])
    expect(transport.write([new Uint8Array(200_000), new Uint8Array(200_000)])).toBe(false)
    await ticked()
    expect(recorder.log).toEqual(['drained', 'drained'])
    await settle()
    expect(recorder.log).toEqual(['drained', 'drained', 'drained'])
    expect(transport.write([new Uint8Array(200_000)])).toBe(true)
  })

  it('reads after little too where small messages share the connection', async () => {
    const transport = nodeTransport(new Sink())
    const recorder = new Recorder()
    transport.start(recorder)
    for (const chunks of [[new Uint8Array(5)], [new Uint8Array(40_000), new Uint8Array(40_000)]]) {
      recorder.log.length = 0
      expect(transport.write(chunks, true)).toBe(false)
      await new Promise<void>((resolve) => process.nextTick(resolve))
      expect(recorder.log).toEqual([])
      await settle()
      expect(recorder.log).toEqual(['drained'])
    }
    expect(transport.write([new Uint8Array(5)])).toBe(true)
  })

  it('tells of no room after it was closed', async () => {
    const sink = new Sink()
    const transport = nodeTransport(sink)
    const recorder = new Recorder()
    transport.start(recorder)
    transport.write([new Uint8Array(600_000)])
    await new Promise<void>((resolve) => process.nextTick(resolve))
    transport.abort()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(recorder.log).toEqual(['closed'])
  })

  it('carries bytes, half close and the regular end', async () => {
    const [near, far] = await socketPair()
    const left = new Recorder()
    const right = new Recorder()
    const one = nodeTransport(near)
    const other = nodeTransport(far)
    one.start(left)
    other.start(right)
    one.write([new Uint8Array([1, 2]), new Uint8Array([3])])
    one.end()
    await until(() => right.log.includes('end'))
    expect([...right.bytes]).toEqual([1, 2, 3])
    expect(right.chunks[0]?.constructor).toBe(Uint8Array)
    other.write([new Uint8Array([4])])
    other.end()
    await until(() => left.log.includes('closed') && right.log.includes('closed'))
    expect([...left.bytes]).toEqual([4])
    one.write([new Uint8Array([5])]) // after the end: ignored
    one.end()
    one.abort()
  })

  it('RFC 9113 §5.2: pause lets the writer run full, resume lets it drain', async () => {
    const [near, far] = await socketPair()
    const left = new Recorder()
    const right = new Recorder()
    const one = nodeTransport(near)
    const other = nodeTransport(far)
    one.start(left)
    other.start(right)
    other.pause()
    let sent = 0
    let room = true
    while (room && sent < 1 << 28) {
      room = one.write([new Uint8Array(1 << 20)])
      sent += 1 << 20
      if (room) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(room).toBe(false)
    other.resume()
    await until(() => left.log.includes('drained'))
    await until(() => right.chunks.reduce((sum, { length }) => sum + length, 0) === sent)
  })

  it('tells of a reset by the peer once, as the error of closed', async () => {
    const [near, far] = await socketPair()
    const recorder = new Recorder()
    nodeTransport(near).start(recorder)
    far.resetAndDestroy()
    await until(() => recorder.log.length > 0)
    expect(recorder.log).toHaveLength(1)
    expect(recorder.log[0]).toMatch(/^closed .*ECONNRESET/)
  })

  it('tells of no error after its own abort', async () => {
    const [near] = await socketPair()
    const recorder = new Recorder()
    const transport = nodeTransport(near)
    transport.start(recorder)
    transport.abort()
    expect(recorder.log).toEqual([])
    await until(() => recorder.log.length > 0)
    expect(recorder.log).toEqual(['closed'])
  })

  it('an error before start goes unheard by nobody', async () => {
    const [near] = await socketPair()
    const transport = nodeTransport(near)
    near.destroy(new Error('too early'))
    await until(() => near.closed)
    const recorder = new Recorder()
    transport.start(recorder)
    expect(recorder.log).toEqual([])
    await until(() => recorder.log.length > 0)
    expect(recorder.log).toEqual(['closed too early'])
    expect(() => transport.start(recorder)).toThrow('started once')
  })
})
