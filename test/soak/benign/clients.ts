import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectNode, constants } from 'node:http2'
import { connect } from 'node:net'
import { ClientSession, type ClientStream, nodePlatform, nodeTransport } from '../../../src/runtime/node/index.ts'

/** One exchange on a stream, in the words of either library. */
export interface Exchange {
  write(bytes: Uint8Array): void
  end(): void
  cancel(): void
  /** Each piece that comes back. */
  onData: (data: Uint8Array) => void
  /** Resolves with the status once all is over; rejects when the stream was reset or the connection ended. */
  readonly done: Promise<number>
}

export interface Client {
  readonly name: string
  /** A request that has room for one more stream; `fields` come as pairs. */
  exchange(method: 'GET' | 'POST', fields?: readonly (readonly [string, string])[]): Promise<Exchange>
  /** Whether the connection stands. */
  readonly isOpen: boolean
  close(): void
}

const nothing = (): void => {}

export async function ours(port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform })
  await session.ready()
  return {
    name: 'ours',
    exchange: async (method, fields = []) => {
      const head = Object.entries({ ':method': method, ':scheme': 'http', ':authority': 'localhost', ':path': '/' })
      const lines = [...head, ...fields].map(([name, value]) => ({ name, value }))
      return exchangeOf(await session.request(lines, { endStream: method === 'GET' }))
    },
    get isOpen() {
      return session.state === 'open'
    },
    close: () => void session.close(),
  }
}

function exchangeOf(stream: ClientStream): Exchange {
  const exchange: Exchange = {
    write: (bytes) => void stream.write(bytes),
    end: () => stream.end(),
    cancel: () => stream.reset(),
    onData: nothing,
    done: new Promise((resolve, reject) => {
      stream.onData = (data) => exchange.onData(data)
      stream.onReset = reject
      stream.onClose = () => resolve(Number(stream.fields[0]?.value))
    }),
  }
  return exchange
}

/** `isPadded`: every frame gets as much padding as fits. */
export async function nodes(port: number, isPadded = false): Promise<Client> {
  const { PADDING_STRATEGY_MAX, PADDING_STRATEGY_NONE } = constants
  const paddingStrategy = isPadded ? PADDING_STRATEGY_MAX : PADDING_STRATEGY_NONE
  const session = connectNode(`http://127.0.0.1:${port}`, { paddingStrategy })
  session.on('error', nothing)
  await once(session, 'remoteSettings')
  return {
    name: 'node:http2',
    exchange: async (method, fields = []) => exchangeOfNode(requestOf(session, method, fields)),
    get isOpen() {
      return !session.destroyed && !session.closed
    },
    close: () => session.close(),
  }
}

function requestOf(
  session: ClientHttp2Session,
  method: string,
  fields: readonly (readonly [string, string])[],
): ClientHttp2Stream {
  const headers: Record<string, string | string[]> = { ':method': method, ':path': '/' }
  for (const [name, value] of fields) headers[name] = [...(headers[name] ?? []), value]
  return session.request(headers, { endStream: method === 'GET' })
}

function exchangeOfNode(stream: ClientHttp2Stream): Exchange {
  let status = 0
  stream.on('response', (headers) => {
    status = Number(headers[':status'])
  })
  const exchange: Exchange = {
    write: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    cancel: () => stream.close(constants.NGHTTP2_CANCEL),
    onData: nothing,
    done: new Promise((resolve, reject) => {
      stream.on('data', (data: Uint8Array) => exchange.onData(data))
      stream.on('error', reject)
      stream.on('close', () => {
        if (stream.rstCode === 0) resolve(status)
        else reject(new Error(`reset with ${stream.rstCode}`))
      })
    }),
  }
  return exchange
}
