import { startChat } from './chat.js'
import { DownloadLane, pageLanes, SocketLane } from './lanes.js'
import { nameOf, scaleFor, verdict } from './stats.js'

/** The page: opens the WebSockets, keeps the lanes in the order of their streams, draws them, sums them up. */

const at = (id) => document.getElementById(id)
const MOST_OPEN = 12
const MOST_SHOWN = 18
const hues = [24, 200, 145, 268, 330, 48, 175, 235, 300, 95, 12, 220]
const protocol = performance.getEntriesByType('navigation')[0]?.nextHopProtocol ?? ''
const sizes = [16, 1024, 16_384, 256]

let lanes = []
let opened = 0
let paused = false
let page

function add(lane) {
  lanes.push(lane)
  lane.onChange = refresh
  at('lanes').append(lane.view.root)
  refresh()
  return lane
}

function openSocket(name, bytes, interval) {
  opened += 1
  const lane = add(new SocketLane(name, bytes, interval, hues[(opened - 1) % hues.length]))
  lane.paused = paused
  return lane
}

/** Lanes stand in the order in which their streams were opened; the oldest finished ones make room. */
function arrange() {
  const finished = lanes.filter((lane) => lane.finished)
  for (const lane of finished.slice(0, Math.max(0, lanes.length - MOST_SHOWN))) {
    lane.view.root.remove()
    lanes = lanes.filter((other) => other !== lane)
  }
  const sorted = [...lanes].sort((a, b) => (a.streamId ?? Infinity) - (b.streamId ?? Infinity))
  if (sorted.some((lane, i) => lane !== lanes[i])) {
    lanes = sorted
    at('lanes').append(...lanes.map((lane) => lane.view.root))
  }
}

function refresh() {
  arrange()
  const sockets = lanes.filter((lane) => lane instanceof SocketLane)
  const open = sockets.filter((lane) => lane.open)
  const { mood, text } = verdict(
    protocol,
    page,
    open.map((lane) => lane.connection),
    {
      opening: sockets.filter((lane) => lane.opening).length,
      ended: sockets.filter((lane) => lane.finished && lane.version !== undefined).length,
      upgraded: open.filter((lane) => lane.version === '1.1').length,
      secure: location.protocol === 'https:',
    },
  )
  const told = at('verdict')
  if (told.textContent !== text) told.textContent = text
  told.dataset.mood = mood
  at('protocol').textContent = protocol || 'not told'
  at('connection').textContent = page === undefined ? 'not told' : `no. ${page}`
  at('duct-title').textContent = title()
  at('streams').textContent = String(lanes.filter((lane) => lane.open).length)
  at('open').disabled = open.length >= MOST_OPEN
}

/** Over HTTP/1.1 the duct is none: each socket has its own connection. */
function title() {
  const secured = location.protocol === 'https:' ? ' · TLS' : ''
  if (protocol !== 'h2') return `several connections · ${nameOf(protocol)}${secured}`
  return page === undefined ? 'one connection' : `connection ${page} · HTTP/2${secured}`
}

function draw(now) {
  const scale = scaleFor(Math.max(1, ...lanes.map((lane) => lane.trips?.most ?? 0)))
  const named = `${scale} ms`
  if (at('scale').textContent !== named) at('scale').textContent = named
  for (const lane of lanes) lane.draw(now, scale)
  requestAnimationFrame(draw)
}

function count() {
  const total = lanes.reduce((sum, lane) => sum + (lane.trips?.count ?? 0) * 2, 0)
  at('messages').textContent = total.toLocaleString('en')
}

at('open').addEventListener('click', () =>
  openSocket(`WebSocket · no. ${opened + 1}`, sizes[opened % sizes.length], 300 + 60 * opened),
)
at('download').addEventListener('click', () => add(new DownloadLane(8_000_000, 48)))
at('pause').addEventListener('click', () => {
  paused = !paused
  at('pause').setAttribute('aria-pressed', String(paused))
  at('pause').textContent = paused ? 'Go on' : 'Pause'
  for (const lane of lanes) if (lane instanceof SocketLane) lane.paused = paused
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const lane of lanes) lane.view.recolour()
})

function start() {
  const files = pageLanes()
  page = files[0]?.connection
  for (const lane of files) add(lane)
  const chatLane = openSocket('WebSocket · chat', 16, 500)
  const chat = startChat(chatLane)
  openSocket('WebSocket · small', 64, 320)
  openSocket('WebSocket · middling', 2048, 450)
  openSocket('WebSocket · large', 32_768, 700)
  chatLane.onChange = () => {
    if (chatLane.finished) chat.end()
    refresh()
  }
  setInterval(count, 500)
  requestAnimationFrame(draw)
}

// The entry of the page's own file is complete only after `load`.
if (document.readyState === 'complete') start()
else addEventListener('load', () => setTimeout(start))
