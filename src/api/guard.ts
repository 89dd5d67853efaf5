import { onRejection } from '../session/index.ts'

/** Runs a callback of the user's with what it takes; `threw` hears what it throws, or rejects with if it is `async`. */
export function guarded<A, B>(callback: (a: A, b: B) => unknown, a: A, b: B, threw: (error: unknown) => void): void {
  try {
    onRejection(callback(a, b), threw)
  } catch (error) {
    threw(error)
  }
}
