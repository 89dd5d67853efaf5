import { type HandledWebSocket, type WebSocketHandler, webSocket } from '../../src/api/index.ts'
import { pair } from './closed-pair.ts'
import type { PairOptions } from './pair.ts'

/** A server with one handler whose calls are written down. */
export function serve(handler: WebSocketHandler = {}, options?: PairOptions) {
  const log: unknown[] = []
  const sockets: HandledWebSocket[] = []
  const both = pair(
    {
      connect: {
        websocket: webSocket({
          ...handler,
          open(socket, request) {
            sockets.push(socket)
            handler.open?.(socket, request)
          },
          message(socket, data) {
            log.push(['message', typeof data === 'string' ? data : [...data]])
            handler.message?.(socket, data)
          },
          close(socket, code, reason, end) {
            log.push(['close', code, reason, socket.readyState])
            handler.close?.(socket, code, reason, end)
          },
        }),
      },
    },
    options,
  )
  return { ...both, log, sockets }
}
