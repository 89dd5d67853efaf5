/** The WebSocket URL of a request's target: wss for https and ws for http, without a fragment. RFC 8441 §5. */
export function webSocketUrl(target: URL): string {
  const url = new URL(target)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return url.href
}
