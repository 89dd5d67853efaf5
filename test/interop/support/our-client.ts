import type { WebSocket } from 'hyperduct/node'
import type { Exchange } from './exchange.ts'
import { binaryOf, closing, messages, textOf } from './payloads.ts'

/** The whole run of messages on one open WebSocket of our own class. */
export async function exchange(socket: WebSocket): Promise<Exchange> {
  socket.binaryType = 'arraybuffer'
  const closed = new Promise<{ code: number; reason: string; wasClean: boolean }>((resolve) => {
    socket.onclose = resolve
  })
  const early = closed.then(({ code, reason }): never => {
    throw new Error(`closed with ${code} '${reason}' where the run was not over`)
  })
  early.catch(() => {})
  const echoes: Exchange['echoes'][number][] = []
  for (const { kind, length } of messages) {
    const sent = kind === 'text' ? textOf(length) : binaryOf(length)
    const echo = new Promise<unknown>((resolve) => {
      socket.onmessage = (event) => resolve(event.data)
    })
    // The class may take the bytes over: the copy stays ours to compare with.
    socket.send(typeof sent === 'string' ? sent : Uint8Array.from(sent))
    const got = await Promise.race([early, echo])
    const bytes = typeof got === 'string' ? Buffer.from(got) : Buffer.from(got as ArrayBuffer)
    const exact = typeof got === typeof sent && bytes.equals(typeof sent === 'string' ? Buffer.from(sent) : sent)
    echoes.push({ kind: typeof got === 'string' ? 'text' : 'binary', length: bytes.length, exact })
  }
  socket.close(closing.code, closing.reason)
  const { code, reason, wasClean } = await closed
  return { echoes, close: { code, reason, clean: wasClean } }
}
