import { describe, expect, it } from 'vitest'
import { Budget } from '../../src/connection/budget.ts'
import { ClosedStreams } from '../../src/connection/closed-streams.ts'
import { Fifo } from '../../src/connection/fifo.ts'
import { ReceiveWindow } from '../../src/connection/flow-control.ts'
import { StreamState } from '../../src/connection/stream-state.ts'

describe('Fifo', () => {
  it('gives out in the order it took in, through every length', () => {
    const fifo = new Fifo<number>()
    let put = 0
    let got = 0
    for (let round = 0; round < 300; round++) {
      for (let i = 0; i < (round * 7) % 40; i++) fifo.push(put++)
      for (let i = 0; i < (round * 11) % 41 && fifo.length > 0; i++) {
        expect(fifo.peek()).toBe(got)
        expect(fifo.shift()).toBe(got++)
      }
      expect(fifo.length).toBe(put - got)
    }
    fifo.clear()
    expect([fifo.length, fifo.shift(), fifo.peek()]).toEqual([0, undefined, undefined])
  })
  it('keeps no places of what has passed, though it is never empty', () => {
    const fifo = new Fifo<object>()
    fifo.push({})
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 5_000_000; i++) {
      fifo.push(fifo)
      fifo.shift()
    }
    // 5,000,000 places would be 20 MB and more.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(15_000_000)
    expect(fifo.length).toBe(1)
  })
})

describe('Budget', () => {
  const spent = (budget: Budget, now: number, tries: number): number => {
    let n = 0
    for (let i = 0; i < tries; i++) if (budget.spend(now)) n++
    return n
  }
  it('gives the burst at once and the rate for ever after', () => {
    const budget = new Budget(10, 5)
    expect(spent(budget, 1e6, 20)).toBe(10)
    expect(spent(budget, 1e6 + 199, 5)).toBe(0)
    expect(spent(budget, 1e6 + 400, 5)).toBe(2)
    expect(spent(budget, 1e6 + 1400, 20)).toBe(5)
    expect(spent(budget, 9e6, 20)).toBe(10)
  })
  it('of nothing gives nothing', () => {
    expect(spent(new Budget(0, 0), 1000, 3)).toBe(0)
  })
})

describe('ReceiveWindow', () => {
  it('RFC 9113 §6.9.1: gives credit from half a window on, and all of it', () => {
    const window = new ReceiveWindow(100)
    expect(window.charge(100)).toBe(true)
    expect(window.charge(1)).toBe(false)
    expect(window.consume(49)).toBe(0)
    expect(window.consume(1)).toBe(50)
    expect(window.charge(51)).toBe(false)
    expect(window.charge(50)).toBe(true)
    expect(window.consume(100)).toBe(100)
  })
  it('of one octet works', () => {
    const window = new ReceiveWindow(1)
    for (let i = 0; i < 3; i++) {
      expect(window.charge(1)).toBe(true)
      expect(window.consume(1)).toBe(1)
    }
  })
})

describe('ClosedStreams', () => {
  it('RFC 9113 §5.1: remembers how streams closed, our resets longest, and forgets the oldest', () => {
    const closed = new ClosedStreams()
    for (let id = 1; id <= 65; id += 2) closed.add(id, StreamState.CLOSED)
    expect([1, 3, 65, 67].map((id) => closed.stateOf(id))).toEqual([
      StreamState.FORGOTTEN,
      StreamState.CLOSED,
      StreamState.CLOSED,
      StreamState.FORGOTTEN,
    ])
    for (let id = 101; id <= 101 + 2 * 64; id += 2) closed.add(id, StreamState.RESET_RECEIVED)
    expect([101, 103, 229].map((id) => closed.stateOf(id))).toEqual([
      StreamState.FORGOTTEN,
      StreamState.RESET_RECEIVED,
      StreamState.RESET_RECEIVED,
    ])
    for (let id = 1001; id <= 1001 + 2 * 512; id += 2) closed.add(id, StreamState.RESET_SENT)
    expect([1001, 1003, 2025].map((id) => closed.stateOf(id))).toEqual([
      StreamState.FORGOTTEN,
      StreamState.RESET_SENT,
      StreamState.RESET_SENT,
    ])
  })
})
