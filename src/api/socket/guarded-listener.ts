import { onRejection } from '../../session/index.ts'

/** What `addEventListener` takes. */
export type EventListener = Parameters<EventTarget['addEventListener']>[1]
type Guarded = (this: EventTarget, event: Event) => void

/** One for each listener, so that EventTarget still knows the same one when it is added twice or removed. */
const made = new WeakMap<object, Guarded>()

/**
 * A listener that calls `listener` and tells `threw` when it throws, or when the promise it returns is rejected.
 * The EventTarget of a runtime reports such things to the process, which Node then ends. HTML Standard §8.1.8.2.
 *
 * `threw` is the same for all targets and must not throw; `once`, `signal` and the like stay with the EventTarget.
 */
export function guardedListener(
  listener: EventListener,
  threw: (target: EventTarget, error: unknown) => void,
): EventListener {
  // What is no listener at all is left to the EventTarget to refuse or to ignore.
  if (listener === null || (typeof listener !== 'function' && typeof listener !== 'object')) return listener
  const known = made.get(listener)
  if (known !== undefined) return known
  const guarded: Guarded = function (event) {
    try {
      // Web IDL: `handleEvent` is looked up at each event.
      const result: unknown = typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event)
      if (typeof result === 'object') onRejection(result, (error) => threw(this, error))
    } catch (error) {
      threw(this, error)
    }
  }
  made.set(listener, guarded)
  return guarded
}
