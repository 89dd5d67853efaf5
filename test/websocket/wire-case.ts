import { expect } from 'vitest'
import { type FrameSpec, frame, join, replay } from './frames.ts'

/** What a server gets is masked; the key is fixed, so that a case is the same bytes each time. */
export const KEY = [0x37, 0xfa, 0x21, 0x3d]

export interface WireCase {
  readonly title: string
  /** As the client sends them to a server; a client gets the same without the mask. */
  readonly frames: readonly FrameSpec[]
  readonly events: readonly string[]
  /** What is written meanwhile, by the server. */
  readonly answers?: readonly FrameSpec[]
  readonly limits?: { maxMessageSize?: number; maxEmptyFragments?: number }
}

export const text = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 1,
  payload,
  ...more,
})
export const binary = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 2,
  payload,
  ...more,
})
export const continuation = (payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({
  opcode: 0,
  payload,
  ...more,
})
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** Runs a case in both roles at every chunk size. */
export function verify({ frames, events, answers = [], limits }: WireCase): void {
  const forServer = join(...frames.map((spec) => frame({ ...spec, key: KEY })))
  const forClient = join(...frames.map(frame))
  const answer = join(...answers.map(frame))
  for (let size = 1; size <= forServer.length; size++) {
    const server = replay(forServer, size, 'server', limits)
    expect(server.events, `server, chunks of ${size}`).toEqual(events)
    expect(server.output, `server, chunks of ${size}`).toEqual(answer)
    const client = replay(forClient, size, 'client', limits)
    expect(client.events, `client, chunks of ${size}`).toEqual(events)
    // A client masks its answers: every frame is four bytes longer, and says the same to the other side.
    expect(client.output.length).toBe(answer.length + 4 * answers.length)
    expect(replay(client.output, 200, 'server').events).toEqual(replay(answer, 200, 'client').events)
  }
}
