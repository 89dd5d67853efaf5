import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start } from '../../interop/support/processes.ts'
import { moduleOf } from './bundle.ts'
import { freePort, type Identity } from './peer.ts'
import type { Runtime } from './runtimes.ts'

/** Starts workerd with a program: a door for requests, and a port for HTTP/2 that its `connect` handler takes. */
export async function startWorkerd(
  runtime: Runtime,
  folder: string,
  { ca }: Identity,
  name = 'workerd',
): Promise<{ readonly door: string; readonly tcp: string; output(): string; stop(): Promise<void> }> {
  writeFileSync(join(folder, 'worker.mjs'), await moduleOf(name))
  const [door, tcp] = [await freePort(), await freePort()]
  writeFileSync(join(folder, 'config.capnp'), workerdConfig({ door, tcp, ca }))
  const program = start(runtime.command[0], ['serve', '--experimental', join(folder, 'config.capnp')])
  const url = `http://127.0.0.1:${door}/`
  await answering(url, program.output)
  return { door: url, tcp: `http://127.0.0.1:${tcp}/`, output: program.output, stop: () => program.stop() }
}

export interface WorkerdOptions {
  /** The port for requests. */
  readonly door: number
  /** The port whose sockets the `connect` handler gets; none when absent. */
  readonly tcp?: number
  /** PEM of an authority that it trusts. */
  readonly ca?: string
  /** What the program is given as its environment. */
  readonly variables?: Readonly<Record<string, string>>
}

/** The text of a configuration for `worker.mjs` beside it, which may connect to whom it likes. */
export function workerdConfig({ door, tcp, ca, variables = {} }: WorkerdOptions): string {
  const bindings = Object.entries(variables).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`)
  const http2 = tcp === undefined ? '' : `(name = "http2", address = "127.0.0.1:${tcp}", tcp = (), service = "main"),`
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "everything", network = (
      allow = ["public", "private", "local"],
      tlsOptions = (trustedCertificates = [${ca === undefined ? '' : JSON.stringify(ca)}]),
    )),
  ],
  sockets = [
    (name = "door", address = "127.0.0.1:${door}", http = (), service = "main"),
    ${http2}
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  bindings = [${bindings.join(', ')}],
  compatibilityDate = "2026-11-01",
  globalOutbound = "everything",
);
`
}

/** Resolves when somebody answers there, whatever it is. */
export async function answering(url: string, output: () => string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    try {
      await (await fetch(url)).arrayBuffer()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error(`workerd doesn't answer:\n${output()}`)
}
