import { PerformanceObserver } from 'node:perf_hooks'
import type { Operation } from './operations.ts'

/** Bytes that one operation allocates: on the engine's heap, and as memory of array buffers beside it. */
export interface Allocation {
  readonly heap: number
  readonly buffers: number
}

const COUNT = 5_000
const WARM_UPS = 12
const SAMPLES = 11

let collections = 0
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length
})
observer.observe({ entryTypes: ['gc'] })

/** Until the observer has heard of what was collected. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

/**
 * What grows while nothing is collected is what was allocated. The process must have been started with room enough for
 * young objects that the engine doesn't collect in the midst of a sample; a sample in which it did is thrown away.
 */
export async function allocationOf(operation: Operation): Promise<Allocation> {
  const prepare = await operation.make()
  // Compiled code allocates less than interpreted, and it is what runs nearly all of a program's life.
  for (let i = 0; i < WARM_UPS; i++) prepare(COUNT)()
  const heap: number[] = []
  const buffers: number[] = []
  for (let tries = 0; heap.length < SAMPLES; tries++) {
    if (tries === 5 * SAMPLES) throw new Error(`${operation.name}: garbage was collected in every sample`)
    const run = prepare(COUNT)
    // Compiling takes place beside the program and would be seen in its heap.
    await settled()
    globalThis.gc?.({ type: 'minor' })
    await settled()
    collections = 0
    const before = process.memoryUsage()
    run()
    const after = process.memoryUsage()
    await settled()
    if (collections > 0) continue
    heap.push((after.heapUsed - before.heapUsed) / COUNT)
    buffers.push((after.arrayBuffers - before.arrayBuffers) / COUNT)
  }
  return { heap: Math.round(median(heap)), buffers: Math.round(median(buffers)) }
}
