import { formatBytes, formatMilliseconds } from './stats.js'

/** One row of the duct: the stream's name, its track with the dots, its figures and bars. */

const still = matchMedia('(prefers-reduced-motion: reduce)')

/** `element('p', 'note', 'text')`: text goes in as text, never as markup. */
export function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

export class LaneView {
  root = element('li', 'lane')
  #number = element('span', 'number', '…')
  #what = element('span', 'what')
  #figure = element('span', 'figure')
  #note = element('span', 'note')
  #track = element('canvas', 'track')
  #bars = element('canvas', 'bars')
  #dots = []
  #progress = 0
  #colour = ''

  /** `onClose`: what the lane's button does; without it there is no button. */
  constructor(what, hue, onClose) {
    this.root.style.setProperty('--hue', String(hue))
    this.#what.textContent = what
    this.#track.setAttribute('aria-hidden', 'true')
    this.#bars.setAttribute('aria-hidden', 'true')
    const label = element('div', 'label')
    label.append(this.#number, this.#what)
    const figures = element('div', 'figures')
    figures.append(this.#figure, this.#note)
    this.root.append(label, this.#track, this.#bars, figures)
    if (onClose) {
      const button = element('button', 'close', '×')
      button.type = 'button'
      button.setAttribute('aria-label', `Close ${what}`)
      button.addEventListener('click', onClose)
      this.root.append(button)
    }
  }

  /** What carries it: a numbered stream of HTTP/2, or a connection of HTTP/1.1. */
  showPlace(streamId, version) {
    this.#number.textContent = streamId === undefined ? version : String(streamId)
    this.#number.title = streamId === undefined ? `HTTP/${version}, no streams` : `stream ${streamId}`
  }

  set figure(text) {
    if (this.#figure.textContent !== text) this.#figure.textContent = text
  }

  set note(text) {
    if (this.#note.textContent !== text) this.#note.textContent = text
  }

  /** 0 to 1: how much of a download is here. */
  set progress(share) {
    this.#progress = share
  }

  /** 'opening' | 'open' | 'ended' | 'failed'. */
  set state(state) {
    this.root.dataset.state = state
    if (state !== 'open' && state !== 'opening') this.root.querySelector('.close')?.remove()
  }

  /** Shows the figures of a lane whose messages are measured. */
  showRoundTrips(trips, bytes) {
    this.figure = formatMilliseconds(trips.median)
    this.note = `${trips.count} × ${formatBytes(bytes)}`
  }

  /** A message came back after `roundTrip` ms: replayed a thousand times slower, within what the eye follows. */
  fly(roundTrip, bytes, now) {
    if (still.matches || document.hidden) return
    const radius = 2.6 + Math.min(6, Math.log2(bytes / 8 + 1) * 0.45)
    this.#dots.push({ start: now, time: Math.min(3200, Math.max(700, roundTrip * 1000)), radius })
    if (this.#dots.length > 40) this.#dots.shift()
  }

  recolour() {
    this.#colour = getComputedStyle(this.root).getPropertyValue('color')
  }

  draw(now, values, scale) {
    if (this.#colour === '') this.recolour()
    this.#drawTrack(now)
    this.#drawBars(values, scale)
  }

  #drawTrack(now) {
    const surface = prepare(this.#track)
    if (surface === undefined) return
    const { pen, width, height } = surface
    const middle = height / 2
    pen.fillStyle = this.#colour
    pen.globalAlpha = 0.16
    round(pen, 0, middle - 1, width, 2)
    if (this.#progress > 0) {
      pen.globalAlpha = 0.55
      round(pen, width * (1 - this.#progress), middle - 3, width * this.#progress, 6)
    }
    this.#dots = this.#dots.filter((dot) => now - dot.start < dot.time)
    for (const dot of this.#dots) {
      // Out in the first half of the time, back in the second; slower at both ends, where work is done.
      const share = (now - dot.start) / dot.time
      const out = share < 0.5
      const way = ease(out ? share * 2 : 2 - share * 2)
      const x = dot.radius + way * (width - 2 * dot.radius)
      pen.globalAlpha = 0.18
      const tail = out ? -1 : 1
      round(
        pen,
        Math.min(x, x + tail * 26 * Math.sin(way * Math.PI)),
        middle - dot.radius / 2,
        26 * Math.sin(way * Math.PI),
        dot.radius,
      )
      pen.globalAlpha = out ? 1 : 0.62
      pen.beginPath()
      pen.arc(x, middle, dot.radius, 0, 2 * Math.PI)
      pen.fill()
    }
  }

  #drawBars(values, scale) {
    const surface = prepare(this.#bars)
    if (surface === undefined) return
    const { pen, width, height } = surface
    const step = 4
    pen.fillStyle = this.#colour
    for (let i = 0; i < values.length; i++) {
      const x = width - (values.length - i) * step
      if (x < 0) continue
      const tall = Math.max(1.5, (Math.min(values[i], scale) / scale) * height)
      pen.globalAlpha = 0.35 + (0.65 * i) / values.length
      round(pen, x, height - tall, step - 1.2, tall)
    }
  }
}

/** A canvas as large as it is shown, in the screen's own pixels, empty. */
function prepare(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas
  const density = devicePixelRatio || 1
  const pen = canvas.getContext('2d')
  if (pen === null || width === 0) return undefined
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density)
    canvas.height = Math.round(height * density)
  }
  pen.setTransform(density, 0, 0, density, 0, 0)
  pen.clearRect(0, 0, width, height)
  return { pen, width, height }
}

function round(pen, x, y, width, height) {
  pen.beginPath()
  pen.roundRect(x, y, width, height, Math.min(width, height) / 2)
  pen.fill()
}

function ease(share) {
  return share * share * (3 - 2 * share)
}
