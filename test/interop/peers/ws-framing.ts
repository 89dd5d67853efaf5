import type { Duplex } from 'node:stream'
import * as ws from 'ws'

// `ws` exports its two halves, a parser and a serializer, but its type declarations leave them out.
interface WsReceiver {
  readonly writable: boolean
  write(chunk: Uint8Array): boolean
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): this
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'drain', listener: () => void): this
}
interface WsSender {
  send(data: string | Uint8Array, options: { binary: boolean; mask: boolean; fin: boolean; compress: boolean }): void
  pong(data: Uint8Array, mask: boolean): void
  close(code: number | undefined, reason: string | Uint8Array, mask: boolean): void
}
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => WsReceiver
  Sender: new (stream: Duplex, extensions: Record<string, never>) => WsSender
}

/** A Close frame without a code is reported as this one, which never goes over the wire. RFC 6455 §7.1.5. */
const noStatus = 1005

/**
 * WebSocket frames by `ws`, on a stream that is open already: the HTTP/2 stream of an accepted extended CONNECT.
 * The role decides on masking, as over HTTP/1.1. RFC 8441 §5.
 */
export class WsFraming {
  onMessage: (data: Buffer, isBinary: boolean) => void = () => {}
  /** The peer's Close arrived. It has been answered, and our side of the stream has ended. */
  onClose: (code: number, reason: string) => void = () => {}
  readonly #sender: WsSender
  readonly #stream: Duplex
  readonly #mask: boolean
  #closeSent = false

  constructor(stream: Duplex, role: 'client' | 'server') {
    this.#stream = stream
    this.#mask = role === 'client'
    this.#sender = new Sender(stream, {})
    const receiver = new Receiver({ isServer: role === 'server', maxPayload: 16 * 1024 * 1024 })
    receiver.on('message', (data, isBinary) => this.onMessage(data, isBinary))
    receiver.on('ping', (data) => this.#sender.pong(data, this.#mask))
    receiver.on('conclude', (code, reason) => {
      this.#close(code === noStatus ? undefined : code, reason)
      stream.end()
      this.onClose(code, reason.toString())
    })
    receiver.on('error', (error) => stream.destroy(error))
    // The receiver ends itself at the Close frame; what a peer sends after it is of no interest. RFC 6455 §5.5.1.
    receiver.on('drain', () => stream.resume())
    stream.on('data', (chunk: Buffer) => {
      if (receiver.writable && !receiver.write(chunk)) stream.pause()
    })
  }

  /** Sends one message in one frame. Binary data stays the caller's: masking works on a copy. */
  send(data: string | Uint8Array): void {
    const binary = typeof data !== 'string'
    this.#sender.send(binary && this.#mask ? Uint8Array.from(data) : data, {
      binary,
      mask: this.#mask,
      fin: true,
      compress: false,
    })
  }

  /** Begins the close handshake; the stream ends when the peer's Close has come. RFC 6455 §7.1.2. */
  close(code: number, reason: string): void {
    this.#close(code, reason)
  }

  #close(code: number | undefined, reason: string | Uint8Array): void {
    if (this.#closeSent || !this.#stream.writable) return
    this.#closeSent = true
    this.#sender.close(code, reason, this.#mask)
  }
}
