import { WebSocketStream as AnyWebSocketStream } from '../../api/index.ts'
import { type NodeDialOptions, sharedDialer } from './dialer.ts'

/**
 * The web's `WebSocketStream`: `new` dials, over HTTP/2 where the server can and over HTTP/1.1 where it can't, and
 * `opened` resolves with a pair of streams. Every one of this library is an instance of it, however it was opened.
 *
 * @throws DOMException `SyntaxError` for a URL or subprotocol that a WebSocket can't have. WebSockets Standard §3.1.
 *
 * @example
 * const socket = new WebSocketStream('wss://localhost:8443/chat', { protocols: ['chat'] })
 * const { readable, writable } = await socket.opened
 */
export class WebSocketStream extends AnyWebSocketStream {
  static {
    // Bundlers rename one of two classes with the same name.
    Object.defineProperty(WebSocketStream, 'name', { value: 'WebSocketStream', configurable: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(AnyWebSocketStream, value)
  }

  constructor(url: string | URL, options: NodeDialOptions = {}) {
    super(sharedDialer.opening(url, options))
  }
}
