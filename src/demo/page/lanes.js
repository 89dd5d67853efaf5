import { LaneView } from './lane-view.js'
import { formatBytes, RoundTrips } from './stats.js'

/** The three kinds of lanes: a WebSocket that measures, a download, and a file the page itself came with. */

/** A WebSocket on `/chat`: the server greets it with its stream id, and returns each binary message unchanged. */
export class SocketLane {
  trips = new RoundTrips()
  /** None over HTTP/1.1. */
  streamId
  connection
  /** The version of HTTP that carries it, once the server has told: '2' or '1.1'. */
  version
  /** Called with each JSON message but the greeting, which the lane keeps. */
  onMessage
  /** Called when any of the above has changed. */
  onChange
  view
  #socket
  #bytes
  #interval
  #sentAt
  #timer = 0
  #paused = false

  constructor(name, bytes, interval, hue) {
    this.#bytes = bytes
    this.#interval = interval
    this.view = new LaneView(name, hue, () => this.#socket.close(1000, 'closed in the page'))
    this.view.state = 'opening'
    this.#socket = new WebSocket(`${location.protocol === 'http:' ? 'ws' : 'wss'}://${location.host}/chat`)
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.onmessage = (event) => this.#recv(event.data)
    this.#socket.onclose = (event) => this.#ended(event)
  }

  get open() {
    return this.#socket.readyState === WebSocket.OPEN && this.version !== undefined
  }

  get opening() {
    return this.#socket.readyState <= WebSocket.OPEN && this.version === undefined
  }

  get finished() {
    return this.#socket.readyState >= WebSocket.CLOSING
  }

  send(message) {
    if (this.open) this.#socket.send(JSON.stringify(message))
  }

  set paused(paused) {
    this.#paused = paused
    clearTimeout(this.#timer)
    if (this.open && !paused && this.#sentAt === undefined) this.#probe()
  }

  draw(now, scale) {
    this.view.draw(now, this.trips.values, scale)
  }

  #recv(data) {
    if (typeof data !== 'string') {
      this.#returned()
      return
    }
    const message = JSON.parse(data)
    if (message.type === 'welcome') {
      this.streamId = message.stream
      this.connection = message.connection
      this.version = message.version
      this.view.showPlace(this.streamId, this.version)
      this.view.state = 'open'
      this.#probe()
      this.onChange?.()
    } else this.onMessage?.(message)
  }

  /** One message is on its way at a time, so its time is not another's waiting. */
  #probe() {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#paused) return
    this.#sentAt = performance.now()
    this.#socket.send(new Uint8Array(this.#bytes))
  }

  #returned() {
    const now = performance.now()
    const roundTrip = now - this.#sentAt
    this.#sentAt = undefined
    this.trips.add(roundTrip)
    this.view.showRoundTrips(this.trips, this.#bytes)
    this.view.fly(roundTrip, this.#bytes, now)
    this.#timer = setTimeout(() => this.#probe(), this.#interval)
  }

  #ended(event) {
    clearTimeout(this.#timer)
    this.view.state = event.wasClean ? 'ended' : 'failed'
    this.view.note = this.version === undefined ? 'did not open' : `code ${event.code}`
    this.onChange?.()
  }
}

/** The stream and connection a response came on, which the server tells in `server-timing`. */
function wireNumbers(timing) {
  const find = (name) => Number(timing?.serverTiming?.find((metric) => metric.name === name)?.description) || undefined
  return { streamId: find('stream'), connection: find('connection') }
}

/** A body being read, beside everything else. */
export class DownloadLane {
  streamId
  open = true
  opening = false
  finished = false
  onChange
  view

  constructor(bytes, hue) {
    this.view = new LaneView(`GET /bytes/${bytes}`, hue)
    this.view.state = 'open'
    this.#read(bytes)
  }

  draw(now) {
    this.view.draw(now, [], 1)
  }

  async #read(bytes) {
    const begun = performance.now()
    let got = 0
    try {
      const response = await fetch(`/bytes/${bytes}`, { cache: 'no-store' })
      const wire = response.headers.get('server-timing')
      this.streamId = Number(wire?.match(/stream;desc="(\d+)"/)?.[1]) || undefined
      if (wire !== null) this.view.showPlace(this.streamId, this.streamId === undefined ? '1.1' : '2')
      this.onChange?.()
      const reader = response.body.getReader()
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        got += part.value.length
        this.view.progress = got / bytes
        this.view.figure = formatBytes(got)
        this.view.note = 'flowing'
      }
      const seconds = (performance.now() - begun) / 1000
      this.view.note = `${formatBytes(got / seconds)}/s`
      this.view.state = got === bytes ? 'ended' : 'failed'
    } catch {
      this.view.note = 'broke off'
      this.view.state = 'failed'
    }
    this.open = false
    this.finished = true
    this.onChange?.()
  }
}

/** The files this page is made of: over HTTP/2 they were the first streams of the connection. */
export function pageLanes() {
  const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  const lanes = []
  for (const entry of entries) {
    const { streamId, connection } = wireNumbers(entry)
    if (connection === undefined) continue
    const view = new LaneView(`GET ${new URL(entry.name).pathname}`, 220)
    view.state = 'ended'
    view.showPlace(streamId, entry.nextHopProtocol === 'h2' ? '2' : '1.1')
    view.progress = 1
    view.figure = formatBytes(entry.encodedBodySize)
    view.note = entry.nextHopProtocol ? `sent, ${entry.nextHopProtocol}` : 'sent'
    lanes.push({
      streamId,
      connection,
      open: false,
      opening: false,
      finished: true,
      view,
      draw: (now) => view.draw(now, [], 1),
    })
  }
  return lanes
}
