// The ways of workerd's `connect` that don't end in a session, and the one by HTTP/1.1: a POST of the URLs.
import { connect, openWebSocketHttp1, socketTransport, webPlatform } from '../../../src/runtime/workerd/index.ts'

interface Urls {
  /** Nobody listens there. */
  readonly closed: string
  /** A server with TLS that speaks HTTP/1.1 to those without ALPN. */
  readonly tls: string
  /** One in clear that listens and never answers. */
  readonly silent: string
}

const reason = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt
    return 'none'
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error)
  }
}

async function byHttp1(url: string): Promise<string> {
  const transport = await socketTransport(new URL(url))
  const socket = await openWebSocketHttp1({ transport, platform: webPlatform, report: () => undefined }, url, '/')
  const message = await new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve(data)
  })
  return `${message}`
}

export default {
  async fetch(request: Request): Promise<Response> {
    if (request.method !== 'POST') return new Response('ready')
    const { closed, tls, silent } = (await request.json()) as Urls
    return Response.json({
      closed: await reason(connect(closed)),
      tls: await reason(connect(tls)),
      silent: await reason(connect(silent, { connectTimeout: 300 })),
      aborted: await reason(connect(silent, { signal: AbortSignal.abort(new Error('no longer wanted')) })),
      scheme: await reason(connect('ftp://localhost/')),
      http1: await byHttp1(tls).catch(String),
    })
  },
}
