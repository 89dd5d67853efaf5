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
