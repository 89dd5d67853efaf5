/// <reference lib="esnext.disposable" preserve="true" />

/** The key of `await using`: the runtime's own, or the one that Node's polyfill agrees on. */
const key: symbol = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')

/** Lets `await using` close what a class with `close()` holds. */
export function disposeByClose(prototype: { close(): Promise<void> }): void {
  Object.defineProperty(prototype, key, {
    value(this: { close(): Promise<void> }): Promise<void> {
      return this.close()
    },
    configurable: true,
    writable: true,
  })
}
