import { once } from 'node:events'
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  sensitiveHeaders,
} from 'node:http2'
import { type AddressInfo, connect as connectSocket, createServer as createSocketServer, type Socket } from 'node:net'
import { ByteWriter } from '../../../src/bytes/index.ts'
import {
  CONNECTION_PREFACE,
  decodeFrame,
  Flag,
  type Frame,
  FrameReader,
  ReadStatus,
  Setting,
  writeFrame,
} from '../../../src/frames/index.ts'
import type { Line } from './python-hpack.ts'

/** What the table's size becomes before the section with this number, told by SETTINGS_HEADER_TABLE_SIZE. */
export type Resize = (section: number) => number | undefined

/** A field section on the wire, or the moment from which a table size counts. */
export type Recorded = { readonly block: Uint8Array } | { readonly tableSize: number }

const write = (socket: Socket, ...frames: Frame[]): void => {
  const writer = new ByteWriter()
  for (const frame of frames) writeFrame(writer, frame)
  socket.write(writer.take())
}
const settings = (...entries: (readonly [number, number])[]): Frame => ({
  kind: 'SETTINGS',
  streamId: 0,
  flags: 0,
  settings: entries,
})
const acknowledgement: Frame = { kind: 'SETTINGS', streamId: 0, flags: Flag.ACK, settings: [] }

/** Reads the frames that come in on a socket; `each` answers true when it has seen enough. */
function readFrames(socket: Socket, skip: number, each: (frame: Frame) => boolean): Promise<void> {
  const reader = new FrameReader()
  let prefaceLeft = skip
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the peer closed the connection too early')))
    socket.on('data', (chunk) => {
      const skipped = Math.min(prefaceLeft, chunk.length)
      prefaceLeft -= skipped
      reader.push(new Uint8Array(chunk.subarray(skipped)))
      for (let status = reader.next(); status !== ReadStatus.NEED_MORE; status = reader.next()) {
        if (status === ReadStatus.FAULT) return reject(reader.fault)
        const frame = decodeFrame(reader)
        if (frame.kind === 'GOAWAY') return reject(new Error(`GOAWAY ${frame.errorCode}`))
        try {
          if (each(frame)) return resolve()
        } catch (error) {
          return reject(error)
        }
      }
    })
  })
}

/** Field lines as `node:http2` takes them; a name that comes more than once has an array. */
function headersOf(lines: readonly Line[]): IncomingHttpHeaders & { [sensitiveHeaders]: string[] } {
  const headers: Record<string, string | string[]> = {}
  const sensitive: string[] = []
  for (const [name, value, isSensitive] of lines) {
    const before = headers[name]
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
    if (isSensitive) sensitive.push(name)
  }
  return { ...headers, [sensitiveHeaders]: sensitive }
}

/**
 * Has a `node:http2` client send the sections, all on one connection, to a server that only listens: the blocks it put on
 * the wire, and where our SETTINGS_HEADER_TABLE_SIZE came into force between them.
 */
export async function recordBlocks(sections: readonly (readonly Line[])[], resize: Resize): Promise<Recorded[]> {
  const recorded: Recorded[] = []
  const server = createSocketServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // It makes its own table no larger than this, whatever we allow.
  const client = connect(url, { maxDeflateDynamicTableSize: 16_384 })
  const [socket] = (await once(server, 'connection')) as [Socket]
  let received = 0
  let pending: number[] = []
  let fragments: Uint8Array[] = []
  write(socket, settings(), acknowledgement)

  /** The next request goes out when the last one has come in, so that a change of size has its place among them. */
  const send = (): void => {
    const size = resize(received)
    if (size !== undefined) {
      pending.push(size)
      write(socket, settings([Setting.HEADER_TABLE_SIZE, size]))
    } else client.request(headersOf(sections[received]!), { endStream: true }).on('error', () => {})
  }
  const all = readFrames(socket, CONNECTION_PREFACE.length, (frame) => {
    if (frame.kind === 'SETTINGS' && (frame.flags & Flag.ACK) !== 0) {
      const size = pending[0]
      if (size === undefined) return false
      pending = pending.slice(1)
      recorded.push({ tableSize: size })
      client.request(headersOf(sections[received]!), { endStream: true }).on('error', () => {})
    }
    if (frame.kind !== 'HEADERS' && frame.kind !== 'CONTINUATION') return false
    fragments.push(frame.fragment.slice())
    if ((frame.flags & Flag.END_HEADERS) === 0) return false
    recorded.push({ block: Buffer.concat(fragments) })
    fragments = []
    received++
    write(socket, {
      kind: 'HEADERS',
      streamId: frame.streamId,
      flags: Flag.END_HEADERS | Flag.END_STREAM,
      fragment: Uint8Array.of(0x88),
    })
    if (received === sections.length) return true
    send()
    return false
  })
  send()
  try {
    await all
  } finally {
    client.destroy()
    socket.destroy()
    server.close()
  }
  return recorded
}

/** What sends blocks to a `node:http2` server: told the table size that the server allows, asked for one block after another. */
export interface BlockSource {
  setTableSizeLimit(size: number): void
  next(section: number): Uint8Array
}

/** Sends `count` blocks to a `node:http2` server on one connection and answers the field lines that it reports. */
export async function reportSections(count: number, source: BlockSource, resize: Resize): Promise<Line[][]> {
  const reported: Line[][] = []
  const server = createServer({ settings: { maxConcurrentStreams: 1000 } })
  let session: ServerHttp2Session | undefined
  let fault: unknown
  server.on('session', (opened) => {
    session = opened
    opened.on('error', (error) => {
      fault = error
    })
  })
  type Headers = IncomingHttpHeaders & { readonly [sensitiveHeaders]: readonly string[] }
  server.on('stream', (stream: ServerHttp2Stream, headers: Headers, _flags: number, raw: readonly string[]) => {
    const sensitive = new Set(headers[sensitiveHeaders])
    const lines: Line[] = []
    for (let i = 0; i < raw.length; i += 2) lines.push([raw[i]!, raw[i + 1]!, sensitive.has(raw[i]!)])
    reported.push(lines)
    stream.on('error', () => {})
    stream.respond({ ':status': 204 }, { endStream: true })
    advance(stream.session as ServerHttp2Session)
  })
  /** A change of size is told before the section with its number is asked for. */
  const advance = (opened: ServerHttp2Session): void => {
    const size = resize(reported.length)
    if (size !== undefined) opened.settings({ headerTableSize: size })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connectSocket((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(CONNECTION_PREFACE)
  write(socket, settings())

  let sent = 0
  let answered = 0
  const send = (): void => {
    const fragment = source.next(sent)
    write(socket, { kind: 'HEADERS', streamId: 2 * sent + 1, flags: Flag.END_HEADERS | Flag.END_STREAM, fragment })
    sent++
  }
  try {
    await readFrames(socket, 0, (frame) => {
      if (frame.kind === 'SETTINGS' && (frame.flags & Flag.ACK) === 0) {
        for (const [id, value] of frame.settings) if (id === Setting.HEADER_TABLE_SIZE) source.setTableSizeLimit(value)
        write(socket, acknowledgement)
        if (sent === 0) send()
      }
      if (frame.kind === 'RST_STREAM') throw new Error(`section ${answered} was refused: RST_STREAM ${frame.errorCode}`)
      if (frame.kind !== 'HEADERS') return false
      if (++answered === count) return true
      send()
      return false
    })
  } catch (error) {
    throw fault ?? error
  } finally {
    socket.destroy()
    session?.destroy()
    server.close()
  }
  return reported
}
