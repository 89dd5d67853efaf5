import { type EventListener, guardedListener } from './guarded-listener.ts'
import type { WebSocketCloseEvent, WebSocketErrorEvent, WebSocketMessageEvent } from './web-socket-events.ts'

type EventName = 'open' | 'message' | 'error' | 'close'
type Listener = (event: Event) => void

/** An `on…` property: its place in the list of listeners, and what stands there. */
interface Handler {
  callback: Listener
  readonly listener: Listener
}

/** Whether the runtime's EventTarget calls `on…` properties by itself; found out at the first event. */
let runtimeCallsHandlers: boolean | undefined

/** workerd's looks for a property `on` + type on every target, ahead of the list of listeners; no other does. */
function findOut(): boolean {
  let asked = false
  class Probe extends EventTarget {
    get onprobe(): null {
      asked = true
      return null
    }
  }
  new Probe().dispatchEvent(new Event('probe'))
  return asked
}

/**
 * The listeners of a WHATWG `WebSocket`, added by name or by `on…` property. What one throws, or rejects with if it is
 * `async`, goes to `listenerThrew`; a runtime's own EventTarget would hand it to the process, which Node then ends.
 */
export abstract class WebSocketEventTarget extends EventTarget {
  static readonly #threw = (target: EventTarget, error: unknown): void =>
    (target as WebSocketEventTarget).listenerThrew(error)
  readonly #handlers = new Map<EventName, Handler>()
  /** The type of an event whose handler the runtime is about to look for, and must not find: it is in the list. */
  #hidden: string | undefined

  /** Must not throw. */
  protected abstract listenerThrew(error: unknown): void

  override addEventListener(
    type: string,
    listener: EventListener,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void {
    super.addEventListener(type, guardedListener(listener, WebSocketEventTarget.#threw), options)
  }

  override removeEventListener(
    type: string,
    listener: EventListener,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void {
    super.removeEventListener(type, guardedListener(listener, WebSocketEventTarget.#threw), options)
  }

  override dispatchEvent(event: Event): boolean {
    runtimeCallsHandlers ??= findOut()
    if (runtimeCallsHandlers) this.#hidden = event.type
    return super.dispatchEvent(event)
  }

  get onopen(): ((event: Event) => void) | null {
    return this.#handler('open')
  }

  set onopen(callback: ((event: Event) => void) | null) {
    this.#setHandler('open', callback)
  }

  get onmessage(): ((event: WebSocketMessageEvent) => void) | null {
    return this.#handler('message')
  }

  set onmessage(callback: ((event: WebSocketMessageEvent) => void) | null) {
    this.#setHandler('message', callback as Listener | null)
  }

  get onerror(): ((event: WebSocketErrorEvent) => void) | null {
    return this.#handler('error')
  }

  set onerror(callback: ((event: WebSocketErrorEvent) => void) | null) {
    this.#setHandler('error', callback as Listener | null)
  }

  get onclose(): ((event: WebSocketCloseEvent) => void) | null {
    return this.#handler('close')
  }

  set onclose(callback: ((event: WebSocketCloseEvent) => void) | null) {
    this.#setHandler('close', callback as Listener | null)
  }

  #handler(type: EventName): Listener | null {
    if (this.#hidden === type) {
      this.#hidden = undefined
      return null
    }
    return this.#handlers.get(type)?.callback ?? null
  }

  /**
   * HTML Standard §8.1.8.1: an event handler takes its place among the listeners when it is first set and keeps it when
   * it is replaced; set to null, it gives the place up.
   */
  #setHandler(type: EventName, callback: Listener | null): void {
    const handler = this.#handlers.get(type)
    if (typeof callback !== 'function') {
      if (handler === undefined) return
      this.removeEventListener(type, handler.listener)
      this.#handlers.delete(type)
    } else if (handler !== undefined) {
      handler.callback = callback
    } else {
      const added: Handler = { callback, listener: (event) => added.callback.call(this, event) }
      this.#handlers.set(type, added)
      this.addEventListener(type, added.listener)
    }
  }
}
