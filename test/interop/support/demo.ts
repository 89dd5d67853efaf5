import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './folders.ts'
import { type Finished, start } from './processes.ts'

/** The demo program, running, on a port of its own. */
export interface Demo {
  readonly url: URL
  /** The certificate authority it made, as PEM and as a file; undefined without TLS. */
  readonly ca: { readonly path: string; readonly pem: string } | undefined
  output(): string
  /** Ctrl-C, once. */
  interrupt(): Promise<Finished>
  stop(): Promise<void>
}

/**
 * Starts the built demo. Another program with the same flags and routes can take its place, to try the tests
 * themselves: `HYPERDUCT_PROGRAM='scripts/run.js bench/node-http2.ts'` runs them against `node:http2`.
 */
export async function startDemo(options: { h2c?: boolean; flags?: readonly string[] } = {}): Promise<Demo> {
  const program = (process.env.HYPERDUCT_PROGRAM ?? 'dist/demo.js').split(' ')
  const folder = temporaryFolder()
  const caPath = join(folder.path, 'ca.pem')
  const transport = options.h2c ? ['--h2c'] : ['--ca-out', caPath]
  const running = start('node', [...program, '--port', '0', ...transport, ...(options.flags ?? [])])
  const stop = async (): Promise<void> => {
    await running.stop()
    folder.remove()
  }
  try {
    const [, url = ''] = await running.waitFor(/ on (https?:\/\/\S+)/)
    const ca = options.h2c ? undefined : { path: caPath, pem: readFileSync(caPath, 'utf8') }
    return { url: new URL(url), ca, output: running.output, interrupt: () => running.interrupt(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
