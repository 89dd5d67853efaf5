import { describe, expect, it } from 'vitest'
import { ErrorCode, type StreamError } from '../../src/errors/index.ts'
import type { ServerStream, StreamUser } from '../../src/session/index.ts'
import { settle } from './support/fake-clock.ts'
import { bytes, OK, type Pair, post, sessionPair } from './support/pair.ts'

/** Writes down what it is told. */
class Listener implements StreamUser {
  readonly told: string[] = []

  streamData(data: Uint8Array, endStream: boolean): void {
    this.told.push(`${new TextDecoder().decode(data)}${endStream ? ' and the end' : ''}`)
  }

  streamWritable(): void {
    this.told.push('writable')
  }

  streamReset({ code }: StreamError): void {
    this.told.push(`reset ${code}`)
  }

  streamClosed(): void {
    this.told.push('closed')
  }

  streamDraining(): void {
    this.told.push('draining')
  }
}

/** A stream with a user on the server, which has answered. */
async function attached() {
  const user = new Listener()
  let arrived!: ServerStream
  const pair: Pair = sessionPair((stream) => {
    arrived = stream
    stream.attach(user)
    stream.readByUser()
    stream.respond(OK)
  })
  const stream = await pair.client.request(post())
  await settle()
  return { pair, stream, arrived, told: user.told, user }
}

describe('the user of a stream', () => {
  it('RFC 9113 §5.1: is told what arrives, that there is room again, and the end', async () => {
    const { pair, stream, arrived, told } = await attached()
    stream.write(bytes('some'))
    await settle()
    stream.end(bytes('more'))
    await settle()
    expect(told).toEqual(['some', 'more and the end'])
    const size = 100_000
    expect(arrived.write(new Uint8Array(size))).toBe(false)
    for await (const chunk of stream) if (chunk.length > 0) arrived.end()
    await settle()
    expect(told.slice(2)).toEqual(['writable', 'closed'])
    expect(pair.errors).toEqual([])
  })

  it('RFC 9113 §5.4.2: is told of a reset before the end', async () => {
    const { stream, told } = await attached()
    stream.reset(ErrorCode.CANCEL)
    await settle()
    expect(told).toEqual([`reset ${ErrorCode.CANCEL}`, 'closed'])
  })

  it('RFC 9113 §6.8: is told once that the session drains, also when it does already, and not when it has looked away', async () => {
    const streams: ServerStream[] = []
    const users: Listener[] = []
    const pair = sessionPair((stream) => {
      const user = new Listener()
      stream.attach(user)
      streams.push(stream)
      users.push(user)
      stream.respond(OK)
    })
    for (let i = 0; i < 3; i++) await pair.client.request(post())
    await settle()
    const [early, gone, late] = streams
    early!.watchDraining()
    gone!.watchDraining()
    gone!.unwatchDraining()
    const order: string[] = []
    pair.server.whenDraining(() => order.push(`listener after ${users[0]!.told}`))
    void pair.server.close()
    await settle()
    expect(order).toEqual(['listener after '])
    expect(users.map(({ told }) => told)).toEqual([['draining'], [], []])
    late!.watchDraining()
    await settle()
    expect(users.map(({ told }) => told)).toEqual([['draining'], [], ['draining']])
    pair.server.abort()
    await settle()
    for (const stream of streams) stream.watchDraining()
    await settle()
    expect(users.flatMap(({ told }) => told.filter((what) => what === 'draining'))).toHaveLength(2)
    await pair.clock.advance(20_000)
  })

  it('what it throws ends the stream and goes to onError', async () => {
    const { pair, stream, told, user } = await attached()
    user.streamData = () => {
      throw new Error('oops')
    }
    stream.write(bytes('some'))
    await settle()
    expect(told).toEqual([`reset ${ErrorCode.INTERNAL_ERROR}`, 'closed'])
    expect(pair.errors).toMatchObject([{ message: 'oops' }])
  })
})
