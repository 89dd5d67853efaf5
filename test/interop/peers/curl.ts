import { type Peer, printedVersion } from '../support/presence.ts'
import { run } from '../support/processes.ts'

export const curl: Peer = {
  name: 'curl',
  version: () => printedVersion('curl', ['--version']),
  install: 'apt-get install curl',
}

export interface CurlAnswer {
  readonly status: number
  /** '2' when HTTP/2 was spoken. */
  readonly httpVersion: string
  readonly contentType: string
  readonly body: Buffer
}

/**
 * Fetches a URL: over cleartext by prior knowledge, over TLS with the given certificate authority; `version` takes the
 * place of curl's own flag for HTTP/2.
 */
export async function fetchWithCurl(
  url: URL,
  ca: string | undefined,
  body?: Uint8Array,
  version: string = ca === undefined ? '--http2-prior-knowledge' : '--http2',
): Promise<CurlAnswer> {
  const transport = ca === undefined ? [version] : [version, '--cacert', ca]
  const post = body === undefined ? [] : ['--data-binary', '@-', '--header', 'content-type: application/octet-stream']
  const report = '%{stderr}%{http_code}\n%{http_version}\n%{content_type}'
  const args = ['--silent', '--show-error', '--noproxy', '*', ...transport, ...post, '--write-out', report, url.href]
  const { code, stdout, stderr } = await run('curl', args, body === undefined ? {} : { input: body })
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`)
  const [status = '', httpVersion = '', contentType = ''] = stderr.split('\n')
  return { status: Number(status), httpVersion, contentType, body: stdout }
}
