/** The WebSocket URL of a request's target: wss for https and ws for http, without a fragment. RFC 8441 §5. */
export function webSocketUrl(target: URL): string {
  const url = new URL(target)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return url.href
}

/**
 * The URL that a program gives to `new WebSocket`, http and https turned into ws and wss. WebSockets Standard §3.1.
 * `base` is what a relative one is taken against, where there is such a thing.
 * @throws DOMException `SyntaxError` for what is no URL, has another scheme, or a fragment, be it an empty one.
 */
export function parseWebSocketUrl(input: string | URL, base?: string | URL): URL {
  const text = String(input)
  if (!URL.canParse(text, base)) throw new DOMException(`${text} is not a URL`, 'SyntaxError')
  const url = new URL(text, base)
  if (url.protocol === 'http:') url.protocol = 'ws:'
  else if (url.protocol === 'https:') url.protocol = 'wss:'
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    throw new DOMException(`${url.protocol} is not the scheme of a WebSocket`, 'SyntaxError')
  }
  // Everywhere else in a URL that was parsed this character is percent-encoded; `hash` hides an empty fragment.
  if (url.href.includes('#')) throw new DOMException('a WebSocket URL has no fragment', 'SyntaxError')
  return url
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * The subprotocols that a program gives to `new WebSocket`, as a list. WebSockets Standard §3.1, RFC 6455 §4.1.
 * @throws DOMException `SyntaxError` for one that is no token, or that stands there twice, in whatever case: two names
 * that differ in nothing else are taken for one by too many servers.
 */
export function parseSubprotocols(protocols: string | readonly string[]): string[] {
  const list = (typeof protocols === 'string' ? [protocols] : Array.from(protocols)).map(String)
  const seen = new Set<string>()
  for (const protocol of list) {
    if (!TOKEN.test(protocol)) throw new DOMException(`"${protocol}" cannot be a subprotocol`, 'SyntaxError')
    const name = protocol.toLowerCase()
    if (seen.has(name)) throw new DOMException(`the subprotocol ${protocol} is given twice`, 'SyntaxError')
    seen.add(name)
  }
  return list
}
