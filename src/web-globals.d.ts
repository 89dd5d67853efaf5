/**
 * The web globals that platform, transport, session and api may see: what Node 20, Bun, Deno, workerd and browsers all
 * have, and of it only what is used. It is listed in their tsconfig files and never imported or published; users'
 * programs resolve the same names to DOM's or Node's own declarations, with which these agree. Node's lack the aliases
 * `HeadersInit` and `BodyInit`: an exported type that names one fails to compile in `runtime/node`.
 */

declare function queueMicrotask(callback: () => void): void

// DOM Standard, §2 Events

interface EventInit {
  bubbles?: boolean
  cancelable?: boolean
  composed?: boolean
}

interface Event {
  readonly type: string
  readonly target: EventTarget | null
  readonly currentTarget: EventTarget | null
  readonly bubbles: boolean
  readonly cancelable: boolean
  readonly defaultPrevented: boolean
  readonly timeStamp: number
  preventDefault(): void
  stopPropagation(): void
  stopImmediatePropagation(): void
  readonly eventPhase: number
  initEvent(type: string, bubbles?: boolean, cancelable?: boolean): void
}
declare var Event: { prototype: Event; new (type: string, init?: EventInit): Event }

interface AddEventListenerOptions {
  capture?: boolean
  once?: boolean
  passive?: boolean
  signal?: AbortSignal
}

interface EventListenerObject {
  handleEvent(event: Event): void
}

interface EventTarget {
  addEventListener(
    type: string,
    listener: ((event: Event) => void) | EventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void
  removeEventListener(
    type: string,
    listener: ((event: Event) => void) | EventListenerObject | null,
    options?: { capture?: boolean } | boolean,
  ): void
  dispatchEvent(event: Event): boolean
}
declare var EventTarget: { prototype: EventTarget; new (): EventTarget }

// HTML Standard, §9.1 and §8.1.4.6; WebSockets Standard, §6. Not all of them exist everywhere: Node 20 has no CloseEvent.

interface MessageEvent extends Event {
  readonly data: unknown
  readonly origin: string
  readonly lastEventId: string
}
declare var MessageEvent: { prototype: MessageEvent } | undefined

interface CloseEventInit extends EventInit {
  code?: number
  reason?: string
  wasClean?: boolean
}

interface CloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}
declare var CloseEvent: { prototype: CloseEvent; new (type: string, init?: CloseEventInit): CloseEvent } | undefined

interface ErrorEventInit extends EventInit {
  message?: string
  error?: unknown
}

interface ErrorEvent extends Event {
  readonly message: string
  readonly error: unknown
}
declare var ErrorEvent: { prototype: ErrorEvent; new (type: string, init?: ErrorEventInit): ErrorEvent } | undefined

// DOM Standard, §3 Aborting ongoing activities

interface AbortSignal extends EventTarget {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
}
declare var AbortSignal: {
  prototype: AbortSignal
  new (): AbortSignal
  abort(reason?: unknown): AbortSignal
  timeout(milliseconds: number): AbortSignal
}

interface AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare var AbortController: { prototype: AbortController; new (): AbortController }

interface DOMException extends Error {
  readonly code: number
}
declare var DOMException: { prototype: DOMException; new (message?: string, name?: string): DOMException }

// URL Standard

interface URLSearchParams {
  get(name: string): string | null
  has(name: string): boolean
  toString(): string
}

interface URL {
  hash: string
  host: string
  hostname: string
  href: string
  readonly origin: string
  password: string
  pathname: string
  port: string
  protocol: string
  search: string
  readonly searchParams: URLSearchParams
  username: string
  toString(): string
  toJSON(): string
}
declare var URLSearchParams: {
  prototype: URLSearchParams
  new (init?: string | Record<string, string>): URLSearchParams
}
declare var URL: {
  prototype: URL
  new (url: string | URL, base?: string | URL): URL
  canParse(url: string | URL, base?: string | URL): boolean
}

// Encoding Standard

interface TextEncoder {
  readonly encoding: string
  encode(input?: string): Uint8Array
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number }
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder }

interface TextDecoder {
  readonly encoding: string
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string
}
declare var TextDecoder: {
  prototype: TextDecoder
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder
}

// Streams Standard

interface ReadableStreamDefaultController<R = unknown> {
  readonly desiredSize: number | null
  enqueue(chunk: R): void
  close(): void
  error(reason?: unknown): void
}

interface UnderlyingSource<R = unknown> {
  type?: undefined
  start?(controller: ReadableStreamDefaultController<R>): unknown
  pull?(controller: ReadableStreamDefaultController<R>): void | PromiseLike<void>
  cancel?(reason?: unknown): void | PromiseLike<void>
}

interface ReadableStreamBYOBRequest {
  respond(bytesWritten: number): void
}

interface ReadableByteStreamController {
  readonly byobRequest: ReadableStreamBYOBRequest | null
  readonly desiredSize: number | null
  enqueue(chunk: ArrayBufferView): void
  close(): void
  error(reason?: unknown): void
}

interface UnderlyingByteSource {
  readonly type: 'bytes'
  start?(controller: ReadableByteStreamController): unknown
  pull?(controller: ReadableByteStreamController): void | PromiseLike<void>
  cancel?(reason?: unknown): void | PromiseLike<void>
}

interface QueuingStrategy<T = unknown> {
  highWaterMark?: number
  size?(chunk: T): number
}

interface ReadableStreamDefaultReader<R = unknown> {
  readonly closed: Promise<unknown>
  read(): Promise<{ done: false; value: R } | { done: true; value: R | undefined }>
  cancel(reason?: unknown): Promise<void>
  releaseLock(): void
}

interface ReadableStream<R = unknown> {
  readonly locked: boolean
  cancel(reason?: unknown): Promise<void>
  getReader(): ReadableStreamDefaultReader<R>
}
declare var ReadableStream: {
  prototype: ReadableStream
  new (source: UnderlyingByteSource, strategy?: { highWaterMark?: number }): ReadableStream<Uint8Array>
  new <R = unknown>(source?: UnderlyingSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>
}

interface WritableStreamDefaultController {
  readonly signal: AbortSignal
  error(reason?: unknown): void
}

interface UnderlyingSink<W = unknown> {
  start?(controller: WritableStreamDefaultController): unknown
  write?(chunk: W, controller: WritableStreamDefaultController): void | PromiseLike<void>
  close?(): void | PromiseLike<void>
  abort?(reason?: unknown): void | PromiseLike<void>
}

interface WritableStreamDefaultWriter<W = unknown> {
  readonly closed: Promise<unknown>
  readonly ready: Promise<unknown>
  readonly desiredSize: number | null
  write(chunk: W): Promise<void>
  close(): Promise<void>
  abort(reason?: unknown): Promise<void>
  releaseLock(): void
}

interface WritableStream<W = unknown> {
  readonly locked: boolean
  abort(reason?: unknown): Promise<void>
  close(): Promise<void>
  getWriter(): WritableStreamDefaultWriter<W>
}
declare var WritableStream: {
  prototype: WritableStream
  new <W = unknown>(sink?: UnderlyingSink<W>, strategy?: QueuingStrategy<W>): WritableStream<W>
}

// File API

interface Blob {
  readonly size: number
  readonly type: string
  arrayBuffer(): Promise<ArrayBuffer>
  slice(start?: number, end?: number, contentType?: string): Blob
  text(): Promise<string>
}
declare var Blob: {
  prototype: Blob
  new (parts?: (ArrayBuffer | ArrayBufferView | Blob | string)[], options?: { type?: string }): Blob
}

// Fetch Standard

type HeadersInit = Headers | readonly (readonly [string, string])[] | Record<string, string>

interface Headers {
  append(name: string, value: string): void
  delete(name: string): void
  get(name: string): string | null
  getSetCookie(): string[]
  has(name: string): boolean
  set(name: string, value: string): void
  forEach(callback: (value: string, name: string, parent: Headers) => void): void
  [Symbol.iterator](): IterableIterator<[string, string]>
}
declare var Headers: { prototype: Headers; new (init?: HeadersInit): Headers }

interface FormData {
  append(name: string, value: string | Blob, fileName?: string): void
}

type BodyInit = ReadableStream | Blob | ArrayBufferView | ArrayBuffer | FormData | URLSearchParams | string

interface RequestInit {
  method?: string
  headers?: HeadersInit
  body?: BodyInit | null
  signal?: AbortSignal | null
  redirect?: 'error' | 'follow' | 'manual'
  duplex?: 'half'
}

interface Request {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly signal: AbortSignal
  readonly redirect: 'error' | 'follow' | 'manual'
  readonly body: ReadableStream<Uint8Array> | null
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
  blob(): Promise<Blob>
  json(): Promise<unknown>
  text(): Promise<string>
  clone(): Request
}
declare var Request: { prototype: Request; new (input: string | URL | Request, init?: RequestInit): Request }

interface ResponseInit {
  status?: number
  statusText?: string
  headers?: HeadersInit
}

interface Response {
  readonly status: number
  readonly statusText: string
  readonly ok: boolean
  readonly url: string
  readonly type: string
  readonly redirected: boolean
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array> | null
  readonly bodyUsed: boolean
  arrayBuffer(): Promise<ArrayBuffer>
  blob(): Promise<Blob>
  json(): Promise<unknown>
  text(): Promise<string>
  clone(): Response
}
declare var Response: {
  prototype: Response
  new (body?: BodyInit | null, init?: ResponseInit): Response
  error(): Response
}
