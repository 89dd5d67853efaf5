import type { Exchange } from '../exchange.ts'

/**
 * A `Request` that makes its native one when more is asked of it than method, URL and signal. Both must be what the
 * native one would answer: `method` in capitals already, `url` one that can be parsed.
 */
export type LateRequests = new (method: string, url: string, stream: Exchange, make: () => Request) => Request

let found: { readonly class: LateRequests | undefined } | undefined

/**
 * The class of requests that are made late, where there can be one; found out when the first request comes.
 *
 * Some runtimes, Node 20 and 22 among them, keep all that a native `Request` is under symbols of its own. There an object
 * with the same prototype, whose symbols lead to a native request, is as good as that: its methods work, and so do
 * `new Request(request)` and `fetch(request)`. Others have private fields, which cannot be had without the constructor.
 *
 * Measured on Node 20: a native `Request` costs 7 µs of the 30 that a small response takes, most of it for the signal
 * that it always makes; on Node 26, where there are private fields, 2 of 9.
 */
export function lateRequests(): LateRequests | undefined {
  found ??= { class: symbolRequests() }
  return found.class
}

function symbolRequests(): LateRequests | undefined {
  const keys = Reflect.ownKeys(new Request('http://localhost'))
  if (keys.length === 0 || keys.some((key) => typeof key !== 'symbol')) return undefined

  class LateRequest {
    readonly #method: string
    readonly #url: string
    readonly #stream: Exchange
    readonly #make: () => Request
    #native: Request | undefined

    constructor(method: string, url: string, stream: Exchange, make: () => Request) {
      this.#method = method
      this.#url = url
      this.#stream = stream
      this.#make = make
    }

    get method(): string {
      return this.#method
    }

    get url(): string {
      return new URL(this.#url).href
    }

    get signal(): AbortSignal {
      return this.#stream.signal
    }

    static {
      Object.setPrototypeOf(LateRequest.prototype, Request.prototype)
      for (const key of keys) {
        Object.defineProperty(LateRequest.prototype, key, {
          get(this: LateRequest) {
            return Reflect.get(this.#now(), key)
          },
          set(this: LateRequest, value: unknown) {
            Reflect.set(this.#now(), key, value)
          },
        })
      }
    }

    #now(): Request {
      this.#native ??= this.#make()
      return this.#native
    }
  }
  return LateRequest as unknown as LateRequests
}
