import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import type { Exchange } from '../support/exchange.ts'
import { binaryOf, closing, messages, textOf } from '../support/payloads.ts'
import type { Peer } from '../support/presence.ts'
import { WsFraming } from './ws-framing.ts'

export const nodeHttp2: Peer = {
  name: 'node:http2',
  version: () => `of Node ${process.versions.node}`,
  install: 'nothing: it comes with Node',
}

/** Opens a connection and waits for the server's first SETTINGS, as a client of RFC 8441 §3 has to. */
export async function openSession(url: URL, ca: string | undefined): Promise<ClientHttp2Session> {
  const session = connect(url, ca === undefined ? {} : { ca })
  await once(session, 'remoteSettings')
  return session
}

/** The whole run of messages on one extended CONNECT stream of an open connection. */
export async function exchange(session: ClientHttp2Session, url: URL): Promise<Exchange> {
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': url.protocol.slice(0, -1),
    ':authority': url.host,
    ':path': url.pathname,
    'sec-websocket-version': '13',
  })
  const [headers] = await once(stream, 'response')
  if (headers[':status'] !== 200) throw new Error(`CONNECT ${url} was answered with ${headers[':status']}`)
  const socket = new WsFraming(stream, 'client')
  const closed = once(stream, 'close')
  const echoes: Exchange['echoes'][number][] = []
  for (const { kind, length } of messages) {
    const sent = kind === 'text' ? textOf(length) : binaryOf(length)
    const [data, isBinary] = await new Promise<[Buffer, boolean]>((resolve, reject) => {
      socket.onMessage = (...message) => resolve(message)
      stream.once('close', () => reject(new Error(`the stream closed before the echo of ${length} bytes`)))
      socket.send(sent)
    })
    const exact = isBinary === (kind === 'binary') && data.equals(typeof sent === 'string' ? Buffer.from(sent) : sent)
    echoes.push({ kind: isBinary ? 'binary' : 'text', length: data.length, exact })
  }
  const answer = new Promise<{ code: number; reason: string }>((resolve, reject) => {
    socket.onClose = (code, reason) => resolve({ code, reason })
    stream.once('close', () => reject(new Error('the stream closed before the answer to our Close')))
  })
  socket.close(closing.code, closing.reason)
  const close = await answer
  // After the close handshake both sides end the stream: a reset would tell a client of an error. RFC 8441 §5.
  await closed
  return { echoes, close: { ...close, clean: stream.rstCode === constants.NGHTTP2_NO_ERROR } }
}
