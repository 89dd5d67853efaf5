import {
  type ByteTransport,
  type MessagePortLike,
  messagePortTransport,
  type StreamPair,
  webStreamsTransport,
} from '../../transport/index.ts'
import { type SocketPipe, webSocketTransport } from './web-socket-transport.ts'

/** Anything that carries bytes both ways: see the transport that is made of each. */
export type Pipe = ByteTransport | StreamPair | MessagePortLike | SocketPipe

/** The transport over `pipe`, by its shape; one that is a transport already is given back. */
export function pipeTransport(pipe: Pipe): ByteTransport {
  if ('readable' in pipe) return webStreamsTransport(pipe)
  if ('postMessage' in pipe) return messagePortTransport(pipe)
  return 'bufferedAmount' in pipe ? webSocketTransport(pipe) : pipe
}
