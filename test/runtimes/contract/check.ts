/** What a case needs to say what it expects, where no test runner is at hand. */

/** @throws Error unless both are the same as JSON. */
export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`)
}

export function ok(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

/** What the promise rejects with. @throws Error when it doesn't. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly [key: string]: unknown }> {
  try {
    await promise
  } catch (error) {
    return error as Error & { readonly [key: string]: unknown }
  }
  throw new Error('expected a rejection')
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Bytes that differ in each place, so that none can be lost, doubled or moved unseen. */
export function pattern(length: number, first = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (first + i) % 251
  return bytes
}

/** @throws Error unless `bytes` are `pattern(length, first)`. */
export function isPattern(bytes: Uint8Array, length: number, first = 0): void {
  equal(bytes.length, length, 'length')
  for (let i = 0; i < length; i++) if (bytes[i] !== (first + i) % 251) throw new Error(`byte ${i} differs`)
}

/** Joins what a stream of bytes yields. */
export async function joined(stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const take = (chunk: Uint8Array): void => {
    chunks.push(chunk.slice())
    length += chunk.length
  }
  if ('getReader' in stream) {
    const reader = stream.getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read()) take(next.value)
  } else for await (const chunk of stream) take(chunk)
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
