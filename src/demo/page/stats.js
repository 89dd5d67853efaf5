/** The newest values of a lane, for its bars and figures. Nothing here knows the page, so that it can be tested alone. */

/** How many round trips a lane remembers, and shows as bars. */
export const REMEMBERED = 36

/** A window over the newest round-trip times, in milliseconds. */
export class RoundTrips {
  #values = []
  #count = 0

  add(milliseconds) {
    this.#count += 1
    this.#values.push(milliseconds)
    if (this.#values.length > REMEMBERED) this.#values.shift()
  }

  /** Of all time, not only of those remembered. */
  get count() {
    return this.#count
  }

  /** Oldest first. */
  get values() {
    return this.#values
  }

  /** What nine in ten of them stay below: one hiccup must not flatten all bars. */
  get most() {
    const sorted = [...this.#values].sort((a, b) => a - b)
    return sorted[Math.max(0, Math.ceil(sorted.length * 0.9) - 1)] ?? 0
  }

  /** The middle one of those remembered: one hiccup does not move it. */
  get median() {
    if (this.#values.length === 0) return undefined
    const sorted = [...this.#values].sort((a, b) => a - b)
    const middle = sorted.length >> 1
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/** The top of the common scale: the next of 1, 2, 5, 10, 20, 50, … milliseconds that holds `value`. */
export function scaleFor(value) {
  let step = 1
  for (;;) {
    for (const factor of [1, 2, 5]) if (value <= factor * step) return factor * step
    step *= 10
  }
}

/** Milliseconds with as many digits as mean something. */
export function formatMilliseconds(value) {
  if (value === undefined) return '–'
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}

/** Bytes in the units of RFC 9113's numbers: 16 KiB are 16,384 bytes. */
export function formatBytes(value) {
  if (value < 1024) return `${value} B`
  if (value < 1_048_576) return `${Math.round(value / 102.4) / 10} KiB`
  return `${Math.round(value / 104_857.6) / 10} MiB`
}

/**
 * What the figures say, in a sentence. `page` is the number of the connection that brought the page, `sockets` those
 * of the open WebSockets, as the server counts them; `others` counts those that are `opening`, those that `ended`, and
 * how many of the open ones were `upgraded` from HTTP/1.1. `secure`: the page came over TLS.
 */
export function verdict(protocol, page, sockets, others) {
  const many = sockets.length === 1 ? 'The WebSocket travels' : `All ${sockets.length} WebSockets travel`
  if (protocol !== 'h2') {
    const came =
      protocol === ''
        ? 'The browser does not say which protocol brought this page'
        : `This page came over ${nameOf(protocol)}`
    return { mood: 'bad', text: `${came}, not HTTP/2: its WebSockets have a connection each. ${why(others.secure)}` }
  }
  if (others.upgraded > 0) {
    const some = others.upgraded === sockets.length ? 'its WebSockets' : `${others.upgraded} of its WebSockets`
    return {
      mood: 'fair',
      text:
        `This page came over HTTP/2, ${some} over HTTP/1.1, with a connection each: ` +
        'this browser has no WebSockets over HTTP/2 (RFC 8441), or may not use them.',
    }
  }
  if (sockets.length === 0) {
    if (others.opening > 0)
      return { mood: 'wait', text: 'Opening WebSockets on the connection that brought this page…' }
    if (others.ended > 0) return { mood: 'wait', text: 'All WebSockets are closed. Open one, or reload the page.' }
    return {
      mood: 'bad',
      text: 'No WebSocket opened: this browser has none over HTTP/2 (RFC 8441), or may not use them.',
    }
  }
  const used = new Set(sockets)
  if (used.size === 1 && used.has(page)) {
    const { opening } = others
    if (opening > 0) {
      const some = `${sockets.length} of ${sockets.length + opening} WebSockets`
      return { mood: 'wait', text: `${some} are open on connection ${page}, the others wait for a free stream.` }
    }
    return { mood: 'good', text: `${many} on connection ${page}, the one that brought this page.` }
  }
  return {
    mood: 'fair',
    text: `The WebSockets travel on ${list([...used])}; the page came on connection ${page ?? 'unknown'}.`,
  }
}

/** What most likely took the browser to HTTP/1.1. */
function why(secure) {
  return secure
    ? 'The server prefers HTTP/2, so the browser was told not to ask for it, or something between the two did not.'
    : 'Browsers speak HTTP/2 over TLS alone, and this is http:. Start the demo without --h2c.'
}

/** The protocol's usual name for its ALPN identifier. RFC 7301 §6. */
export function nameOf(protocol) {
  return { 'http/1.1': 'HTTP/1.1', 'http/1.0': 'HTTP/1.0', h3: 'HTTP/3', h2: 'HTTP/2' }[protocol] ?? protocol
}

function list(numbers) {
  return `connection${numbers.length === 1 ? '' : 's'} ${numbers.sort((a, b) => a - b).join(', ')}`
}
