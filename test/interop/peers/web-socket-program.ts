/**
 * A program of its own for runtimes that bring a WebSocket along: every message there and back, then the Close, reported as a
 * line of JSON. Node 26 and Deno run it as it stands, so it sees the language, the web's globals and the payloads alone.
 * Arguments: the URL of the demo, the path of the echo, and undici's file where its WebSocket is to take the place of the
 * runtime's own.
 */
import { binaryOf, closing, messages, textOf } from '../support/payloads.ts'

/** What one run saw. `place` is what the server says about where the socket lives: version, stream, `:protocol`. */
export interface Report {
  readonly echoes: { kind: string; length: number; exact: boolean }[]
  readonly close: { code: number; reason: string; clean: boolean }
  readonly extensions: string
  readonly place: { version: string; protocol: string; stream: number | null }
}

type MakeSocket = (url: URL) => WebSocket

/** A socket and its messages, kept until they are asked for: the first may come right behind the opening. */
class Inbox {
  readonly socket: WebSocket
  readonly opened: Promise<unknown>
  readonly closed: Promise<CloseEvent>
  readonly #messages: (string | ArrayBuffer)[] = []
  #arrived: () => void = () => {}

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.binaryType = 'arraybuffer'
    this.closed = new Promise((resolve) => {
      socket.onclose = resolve
    })
    this.opened = new Promise<unknown>((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = (event) => reject((event as ErrorEvent).error ?? new Error(`${socket.url} does not open`))
    })
    socket.onmessage = ({ data }) => {
      this.#messages.push(data)
      this.#arrived()
    }
  }

  async next(): Promise<string | ArrayBuffer> {
    const early = this.closed.then(({ code, reason }): never => {
      throw new Error(`closed with ${code} '${reason}' where more was to come`)
    })
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    if (this.#messages.length === 0) await Promise.race([arrived, early])
    early.catch(() => {})
    return this.#messages.shift() as string | ArrayBuffer
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i])
}

async function exchange(make: MakeSocket, path: string, origin: URL): Promise<Report> {
  // The chat greets with what it knows of the stream below.
  const chat = new Inbox(make(new URL('/chat', origin)))
  await chat.opened
  const place = JSON.parse((await chat.next()) as string)
  chat.socket.close()
  await chat.closed
  const echo = new Inbox(make(new URL(path, origin)))
  await echo.opened
  const echoes: Report['echoes'] = []
  for (const { kind, length } of messages) {
    const sent = kind === 'text' ? textOf(length) : binaryOf(length)
    echo.socket.send(sent as Uint8Array<ArrayBuffer>)
    const got = await echo.next()
    const bytes = typeof got === 'string' ? new TextEncoder().encode(got) : new Uint8Array(got)
    const wanted = typeof sent === 'string' ? new TextEncoder().encode(sent) : sent
    const exact = isSame(bytes, wanted)
    echoes.push({ kind: typeof got === 'string' ? 'text' : 'binary', length: bytes.length, exact })
  }
  const { extensions } = echo.socket
  echo.socket.close(closing.code, closing.reason)
  const { code, reason, wasClean } = await echo.closed
  return { echoes, close: { code, reason, clean: wasClean }, extensions, place }
}

async function undiciSocket(file: string): Promise<MakeSocket> {
  const { Agent, WebSocket } = await import(file)
  const dispatcher = new Agent({ allowH2: true })
  return (url) => new WebSocket(url, { dispatcher })
}

declare const Deno: { readonly args: readonly string[]; exit(code: number): never } | undefined
declare const process: { readonly argv: readonly string[]; exit(code: number): never }
const [origin = '', path = '', undici] = typeof Deno === 'undefined' ? process.argv.slice(2) : Deno.args
// Node's second socket on a connection does not keep the program: without a timer it ends in the middle.
setInterval(() => {}, 1000)
const make: MakeSocket = undici === undefined ? (url) => new WebSocket(url) : await undiciSocket(undici)
try {
  console.log(JSON.stringify(await exchange(make, path, new URL(origin.replace('http', 'ws')))))
} catch (error) {
  console.log(JSON.stringify({ failed: String(error), cause: String((error as Error).cause) }))
}
// What keeps a connection for later would keep the program.
if (typeof Deno === 'undefined') process.exit(0)
else Deno.exit(0)
