/** What can be read at a pace: a stream of either side. */
export interface Readable {
  onData: ((data: Uint8Array, endStream: boolean) => void) | undefined
  pause(): void
  resume(): void
}

const TICK = 10

/** Reads so many bytes a second: 0 is to stand still, Infinity as fast as they come. */
export class Pacer {
  #rate: number
  #budget = 0
  #paused = false
  readonly #source: Readable
  readonly #timer: NodeJS.Timeout
  read = 0

  constructor(source: Readable, rate: number, heard: (read: number, endStream: boolean) => void) {
    this.#source = source
    this.#rate = rate
    this.#timer = setInterval(() => this.#tick(), TICK)
    source.onData = (data, endStream) => {
      this.read += data.length
      this.#budget -= data.length
      if (this.#budget <= 0 && this.#rate !== Number.POSITIVE_INFINITY && !this.#paused) {
        this.#paused = true
        source.pause()
      }
      if (endStream) this.stop()
      heard(this.read, endStream)
    }
  }

  set rate(rate: number) {
    this.#rate = rate
    this.#budget = 0
    this.#tick()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    // No more than a tenth of a second is made up for.
    this.#budget = Math.min(this.#budget + (this.#rate * TICK) / 1000, this.#rate / 10)
    if (!this.#paused || !(this.#budget > 0)) return
    this.#paused = false
    this.#source.resume()
  }
}
