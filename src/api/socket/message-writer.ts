import type { Platform } from '../../platform/index.ts'
import { type Deferred, deferred } from '../../session/promises.ts'
import { bytesOf } from '../message-bytes.ts'
import type { WebSocketLink } from './web-socket-link.ts'

export type OutgoingMessage = string | ArrayBuffer | ArrayBufferView

/** Messages one by one, for who waits until there is room for the next. */
export class MessageWriter {
  readonly #link: WebSocketLink
  readonly #platform: Platform
  #room: Deferred<void> | undefined

  constructor(link: WebSocketLink, platform: Platform) {
    this.#link = link
    this.#platform = platform
  }

  /**
   * Sends one message. The promise, where there is one, resolves when there is room for another; it rejects when the socket
   * is over before that. Buffers are copied.
   * @throws DOMException `InvalidStateError` on a socket that is closing or closed.
   */
  write(message: OutgoingMessage): Promise<void> | undefined {
    const link = this.#link
    if (!link.open) throw closed()
    const room = this.#send(message)
    if (room) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  /** There is room again. */
  drained(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  /** The socket is over. */
  end(error: Error | undefined): void {
    this.#room?.reject(error ?? closed())
    this.#room = undefined
  }

  #send(message: OutgoingMessage): boolean {
    if (!(message instanceof ArrayBuffer || ArrayBuffer.isView(message))) {
      return this.#link.sendUtf8(this.#platform.encodeText(String(message)))
    }
    return this.#link.sendBinary(this.#link.ownBytes(bytesOf(message)))
  }
}

function closed(): Error {
  return new DOMException('the WebSocket is closed', 'InvalidStateError')
}
