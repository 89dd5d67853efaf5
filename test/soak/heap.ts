import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes in use after a collection, inside the heap and beside it. The memory of array buffers is given back beside the program, and is gone for sure by the second. */
export function bytesInUse(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
