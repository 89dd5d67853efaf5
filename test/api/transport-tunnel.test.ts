import { describe, expect, test } from 'vitest'
import { TransportTunnel } from '../../src/api/tunnel/transport-tunnel.ts'
import type { StreamError } from '../../src/errors/index.ts'
import { type ByteTransport, memoryPair } from '../../src/transport/index.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)
const turn = () => new Promise((resolve) => setTimeout(resolve, 0))

interface Side {
  readonly tunnel: TransportTunnel
  readonly log: string[]
  readonly thrown: unknown[]
}

function side(transport: ByteTransport, read = true): Side {
  const log: string[] = []
  const thrown: unknown[] = []
  const tunnel = new TransportTunnel(transport, (error) => void thrown.push(error))
  if (read) tunnel.onData = (data, endStream) => void log.push(`${text(data)}${endStream ? '.' : ''}`)
  tunnel.onReset = (error: StreamError) => void log.push(`reset by ${error.initiator}`)
  tunnel.onClose = () => void log.push('closed')
  return { tunnel, log, thrown }
}

describe('an upgraded connection as a tunnel', () => {
  test('RFC 9110 §7.8: each direction ends by itself', async () => {
    const [near, far] = memoryPair()
    const client = side(near)
    const server = side(far)
    client.tunnel.write(bytes('ab'))
    client.tunnel.end(bytes('c'))
    await turn()
    expect(server.log.join('')).toBe('abc.')
    server.tunnel.write(bytes('still here'))
    await turn()
    expect(client.log.join('')).toBe('still here')
    server.tunnel.end()
    await turn()
    expect(client.log.at(-1)).toBe('closed')
    expect(client.log.join(' ')).toBe('still here . closed')
    expect(server.log.at(-1)).toBe('closed')
    expect([client.tunnel.outputEnded, client.tunnel.inputEnded]).toEqual([true, true])
  })

  test('what was written in one turn leaves in one write', async () => {
    const writes: number[] = []
    const [near, far] = memoryPair()
    const write = near.write.bind(near)
    near.write = (chunks) => {
      writes.push(chunks.length)
      return write(chunks)
    }
    const { tunnel } = side(near)
    side(far)
    for (const letter of 'abc') tunnel.write(bytes(letter))
    await turn()
    expect(writes).toEqual([3])
  })

  test('what arrives before somebody reads is kept, and what was read too much of comes again first', async () => {
    const [near, far] = memoryPair()
    const { tunnel } = side(near)
    const reader = side(far, false)
    tunnel.end(bytes('head+rest'))
    await turn()
    expect(reader.log).toEqual([])
    reader.tunnel.onData = () => {
      reader.tunnel.onData = (data, endStream) => void reader.log.push(`${text(data)}${endStream ? '.' : ''}`)
      reader.tunnel.unread(bytes('rest'))
    }
    await turn()
    expect(reader.log.join('')).toBe('rest.')
  })

  test('a reader that pauses holds the writer back, and nothing is lost', async () => {
    const [near, far] = memoryPair({ highWaterMark: 1000 })
    const writer = side(near)
    const reader = side(far, false)
    let length = 0
    reader.tunnel.onData = (data) => {
      length += data.length
      reader.tunnel.pause()
    }
    let sent = 0
    const chunk = new Uint8Array(10_000)
    const send = () => {
      do sent += chunk.length
      while (writer.tunnel.write(chunk))
    }
    writer.tunnel.onWritable = send
    send()
    for (let i = 0; i < 10; i++) await turn()
    expect(length).toBe(10_000)
    expect(sent).toBeLessThan(300_000)
    expect(writer.tunnel.writable).toBe(false)
    const drained = writer.tunnel.drained()
    writer.tunnel.onWritable = undefined
    for (let i = 0; i < 100 && length < sent; i++) {
      reader.tunnel.resume()
      await turn()
    }
    await drained
    expect(length).toBe(sent)
    expect(writer.tunnel.queuedBytes).toBe(0)
  })

  test('a reset drops what waits and is told to both sides', async () => {
    const [near, far] = memoryPair()
    const client = side(near)
    const server = side(far)
    const { signal } = server.tunnel
    client.tunnel.write(bytes('never'))
    client.tunnel.reset()
    expect(client.log).toEqual(['reset by local', 'closed'])
    await turn()
    expect(server.log).toEqual(['reset by transport', 'closed'])
    expect(signal.aborted).toBe(true)
    expect(client.tunnel.write(bytes('late'))).toBe(false)
  })

  test('what a callback throws is reported and resets the tunnel', async () => {
    const [near, far] = memoryPair()
    const client = side(near)
    const server = side(far, false)
    const mistake = new Error('a mistake')
    server.tunnel.onData = () => {
      throw mistake
    }
    client.tunnel.write(bytes('x'))
    await turn()
    await turn()
    expect(server.thrown).toEqual([mistake])
    expect(server.log).toEqual(['reset by local', 'closed'])
    expect(client.log).toEqual(['reset by transport', 'closed'])
  })

  test('a write after the end is refused', () => {
    const [near] = memoryPair()
    const { tunnel } = side(near)
    tunnel.end()
    expect(() => tunnel.write(bytes('x'))).toThrow(/after the end/)
  })
})
