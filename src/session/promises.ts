/** The two ends of a promise that somebody asked for. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
}

/**
 * A promise with its ends outside. Its rejection counts as heard: whoever awaits it still gets it, and whoever lost
 * interest doesn't bring the process down by what a peer did.
 */
export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}

/** Rejects `wait` with the signal's reason when it aborts, after `cancelled` has been told. The listener never outlives the wait. */
export function abandonOn<T>(signal: AbortSignal | undefined, wait: Deferred<T>, cancelled: () => void): void {
  if (signal === undefined) return
  const abort = () => {
    cancelled()
    wait.reject(signal.reason)
  }
  if (signal.aborted) {
    abort()
    return
  }
  signal.addEventListener('abort', abort, { once: true })
  const forget = () => signal.removeEventListener('abort', abort)
  wait.promise.then(forget, forget)
}

/**
 * Hears of a callback that failed after it returned: an `async` function types as one that returns nothing, and a
 * rejection that nobody hears ends the process on some runtimes. `result` is what the callback returned, whatever it
 * is; `rejected` must not throw. Hot callers look for an object first: what returns nothing or a boolean costs no call.
 */
export function onRejection(result: unknown, rejected: (error: unknown) => void): void {
  const thenable = result as PromiseLike<unknown> | null | undefined
  if (typeof thenable?.then === 'function') thenable.then(undefined, rejected)
}

/** Tells `listener`, who is the last to be told: what it throws, now or later, is nobody's. */
export function tellLast(listener: ((error: unknown) => unknown) | undefined, error: unknown): void {
  try {
    onRejection(listener?.(error), () => {})
  } catch {
    // there is nobody left to tell
  }
}
