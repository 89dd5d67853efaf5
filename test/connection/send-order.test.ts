import { describe, expect, it } from 'vitest'
import { SendOrder } from '../../src/connection/send-order.ts'
import { Stream } from '../../src/connection/stream.ts'
import { Bench, fields, GET, OK } from './support.ts'
import { END_STREAM, SERVER } from './wire-case.ts'

const stream = (id: number, urgency: number, shares: boolean): Stream => {
  const made = new Stream(id, 65_535)
  made.urgency = urgency
  made.shares = shares
  return made
}

const shiftAll = (order: SendOrder): number[] => {
  const ids: number[] = []
  for (let next = order.shift(); next !== undefined; next = order.shift()) ids.push(next.id)
  return ids
}

describe('SendOrder', () => {
  it('shows who is next without taking it, and takes just the stream that it is told to out of line', () => {
    const order = new SendOrder()
    const streams = [
      stream(1, 3, true),
      stream(3, 3, true),
      stream(5, 3, false),
      stream(7, 3, false),
      stream(9, 0, true),
    ]
    for (const each of streams) order.push(each)
    expect(order.peek()?.id).toBe(9)
    order.remove(streams[4]!)
    order.remove(streams[1]!)
    order.remove(streams[3]!)
    order.remove(stream(11, 7, true)) // stands in no line
    expect(order.peek()?.id).toBe(order.shift()?.id)
    expect(shiftAll(order)).toHaveLength(1)
    expect(order.peek()).toBeUndefined()
  })
  it('RFC 9218 §10: streams served whole are taken in the order of their ids, whenever they came', () => {
    const order = new SendOrder()
    for (const id of [7, 1, 5, 3]) order.push(stream(id, 3, false))
    expect(shiftAll(order)).toEqual([1, 3, 5, 7])
  })
})

it('RFC 9113 §5.4.2: a stream that is reset leaves the line, also while the connection window is used up', () => {
  const bench = new Bench(SERVER)
  const blocker = new Uint8Array(65_535)
  bench.wire.headers(1, GET, END_STREAM)
  bench.deliver()
  bench.connection.sendHeaders(1, OK, false)
  bench.connection.sendData(1, blocker, false)
  bench.answers()
  for (let id = 3; id < 203; id += 2) {
    bench.wire.headers(id, [...GET, ...fields({ priority: 'i' })], END_STREAM)
    bench.deliver()
    bench.connection.sendHeaders(id, OK, false)
    bench.connection.sendData(id, new Uint8Array(10), false)
    bench.wire.reset(id, 8)
    bench.deliver()
  }
  bench.wire.headers(203, GET, END_STREAM).windowUpdate(0, 10)
  bench.deliver()
  bench.connection.sendHeaders(203, OK, false)
  bench.connection.sendData(203, new Uint8Array(10), true)
  expect(bench.answers().filter((text) => text.startsWith('DATA'))).toEqual(['DATA 203 10 END_STREAM'])
})
