import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Peer, printedVersion } from '../support/presence.ts'
import { run } from '../support/processes.ts'

export const nghttp: Peer = {
  name: 'nghttp',
  version: () => printedVersion('nghttp', ['--version']),
  install: 'apt-get install nghttp2-client',
}

/** Gets a URL, or posts to it, over HTTP/2 by prior knowledge or ALPN; returns the body. The folder takes the upload. */
export async function fetchWithNghttp(url: URL, folder: string, body?: Uint8Array): Promise<Buffer> {
  const post: string[] = []
  if (body !== undefined) {
    const file = join(folder, 'upload')
    writeFileSync(file, body)
    post.push(`--data=${file}`)
  }
  const { code, stdout, stderr } = await run('nghttp', ['--no-verify-peer', ...post, url.href])
  // nghttp ends with 0 whatever came; on trouble it says so and leaves the body short.
  if (code !== 0 || stderr !== '') throw new Error(`nghttp ended with ${code}: ${stderr}`)
  return stdout
}

/** The server's first SETTINGS as nghttp understood them, by number. RFC 9113 §6.5. */
export async function settingsSeenByNghttp(url: URL): Promise<ReadonlyMap<number, number>> {
  const { stdout } = await run('nghttp', ['--no-verify-peer', '--null-out', '--verbose', url.href])
  const frame = /recv SETTINGS frame <.*flags=0x00.*>\n((?:\s+[([].*\n)+)/.exec(stdout.toString())
  const settings = new Map<number, number>()
  for (const [, id = '', value] of frame?.[1]?.matchAll(/\[\w+\(0x(\w+)\):(\d+)\]/g) ?? []) {
    settings.set(Number.parseInt(id, 16), Number(value))
  }
  return settings
}
