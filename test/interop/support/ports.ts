import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Running } from './processes.ts'

/** A port of 127.0.0.1 that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Resolves when somebody listens there; fails when the program has ended, or after a while. */
export async function listening(port: number, running: Running): Promise<void> {
  for (const end = Date.now() + 15_000; ; ) {
    const socket = connect(port, '127.0.0.1')
    const stands = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (stands) return
    if (Date.now() > end) throw new Error(`nobody listens on ${port}: ${running.output()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
