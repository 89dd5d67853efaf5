import type { TransportReceiver } from '../../src/transport/index.ts'

/** Writes down what a transport tells. */
export class Recorder implements TransportReceiver {
  readonly log: string[] = []
  readonly chunks: Uint8Array[] = []

  get bytes(): Uint8Array {
    return Uint8Array.from(this.chunks.flatMap((chunk) => [...chunk]))
  }

  data(chunk: Uint8Array): void {
    this.log.push(`data ${chunk.length}`)
    this.chunks.push(chunk)
  }

  end(): void {
    this.log.push('end')
  }

  drained(): void {
    this.log.push('drained')
  }

  closed(error: Error | undefined): void {
    this.log.push(error === undefined ? 'closed' : `closed ${error.message}`)
  }
}

/** Until the microtasks that were queued, and those they queued, have run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
