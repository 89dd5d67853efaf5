import { WebSocket as AnyWebSocket } from '../../api/index.ts'
import { type NodeDialOptions, sharedDialer } from './dialer.ts'

/**
 * The WHATWG `WebSocket`, to take the place of the global one: `new` dials, over HTTP/2 where the server can and over
 * HTTP/1.1 where it can't. Every socket of this library is an instance of it, however it was opened.
 *
 * The third argument is ours: headers, TLS options, everything that `dial` takes.
 *
 * @throws DOMException `SyntaxError` for a URL or subprotocol that a WebSocket can't have. WebSockets Standard §3.1.
 *
 * @example
 * globalThis.WebSocket = WebSocket
 * const socket = new WebSocket('wss://localhost:8443/chat', 'chat')
 * socket.onopen = () => socket.send('hello')
 */
export class WebSocket extends AnyWebSocket {
  static {
    // Bundlers rename one of two classes with the same name. WebSockets Standard §3.1, Web IDL §3.7.1.
    Object.defineProperty(WebSocket, 'name', { value: 'WebSocket', configurable: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(AnyWebSocket, value)
  }

  constructor(url: string | URL, protocols: string | readonly string[] = [], options: NodeDialOptions = {}) {
    super(sharedDialer.opening(url, { ...options, protocols }))
  }
}
