import { browser } from '../../bench/corpus/field-sections.ts'
import { concat } from '../../src/bytes/index.ts'
import { echoBed, helloSession, MESSAGES_IN_CHUNK } from './operations.ts'

interface BytePrototype {
  set(this: Uint8Array, source: ArrayLike<number>, offset?: number): void
  slice(this: Uint8Array, start?: number, end?: number): Uint8Array
  copyWithin(this: Uint8Array, target: number, start: number, end?: number): Uint8Array
}
const prototype: BytePrototype = Object.getPrototypeOf(Uint8Array.prototype)

/** How many bytes are copied from array to array while `run` runs. */
function copiedBytes(run: () => void): number {
  const { set, slice, copyWithin } = prototype
  let bytes = 0
  prototype.set = function (source, offset) {
    bytes += source.length
    set.call(this, source, offset)
  }
  prototype.slice = function (start, end) {
    const copy = slice.call(this, start, end)
    bytes += copy.length
    return copy
  }
  prototype.copyWithin = function (target, start, end) {
    bytes += (end ?? this.length) - start
    return copyWithin.call(this, target, start, end)
  }
  try {
    run()
  } finally {
    Object.assign(prototype, { set, slice, copyWithin })
  }
  return bytes
}

const TURN = 32

/** Figures that are the same in every run on every machine. */
export async function counts(): Promise<Record<string, number>> {
  const { transport, client } = await helloSession()
  const turn = (): Uint8Array => {
    for (let i = 0; i < TURN; i++) client.openStream(browser[1]!, true)
    return concat(client.takeOutput(1e9))
  }
  transport.receiver?.data(turn())
  const chunk = turn()
  transport.writes = 0
  transport.chunks = 0
  const copiedByRequests = copiedBytes(() => transport.receiver?.data(chunk))

  const { bed, chunk: messages } = await echoBed(false)
  const bytes = messages()
  const before = bed.writes
  const copiedByMessages = copiedBytes(() => bed.feed(bytes))
  return {
    'writes for a turn of 32 requests': transport.writes,
    'chunks in that write': transport.chunks,
    'bytes copied for each of those requests': Math.round(copiedByRequests / TURN),
    'writes for a chunk of 10 WebSocket messages': bed.writes - before,
    'bytes copied for each of those messages': Math.round(copiedByMessages / MESSAGES_IN_CHUNK),
  }
}
