import { concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent, type ConnectionOptions } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { told } from './pair.ts'
import { merged } from './support.ts'

/** One call of a connection: octets with their time, or a command. */
export interface Step {
  readonly call: string
  readonly args: readonly unknown[]
}

/** The life of a connection: all that came in from outside, in order. It is plain JSON but for its octets. */
export interface Recording {
  readonly options: ConnectionOptions
  readonly steps: Step[]
}

/** All that came out of it. */
export interface Outcome {
  /** Each event with all that it says; DATA that follows DATA of its stream is one. */
  readonly events: readonly string[]
  readonly output: Uint8Array
}

/** A connection that notes what is asked of it, and what it answers. */
export class Recorder {
  readonly connection: Connection
  readonly recording: Recording
  readonly #events: ConnectionEvent[] = []
  readonly #output: Uint8Array[] = []

  constructor(options: ConnectionOptions) {
    const connection = new Connection(options)
    this.recording = { options, steps: [] }
    this.connection = new Proxy(connection, {
      get: (_, name) => {
        const member: unknown = Reflect.get(connection, name, connection)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          // Taking an event changes nothing; all else is a step, be it refused.
          if (name !== 'nextEvent') this.recording.steps.push({ call: String(name), args: structuredClone(args) })
          return this.#noted(name, member.apply(connection, args))
        }
      },
    })
  }

  get outcome(): Outcome {
    return { events: merged(this.#events).map(told), output: concat(this.#output) }
  }

  #noted<T>(name: string | symbol, result: T): T {
    if (name === 'nextEvent' && result !== undefined) this.#events.push(kept(result as ConnectionEvent))
    if (name === 'takeOutput') for (const chunk of result as Uint8Array[]) this.#output.push(chunk.slice())
    return result
  }
}

/** What is borrowed is kept as a copy. */
function kept(event: ConnectionEvent): ConnectionEvent {
  return event.type === 'DataReceived' ? { ...event, data: event.data.slice() } : event
}

/** Lives a recorded life again, with all that was received in pieces of `size` octets. */
export function replay({ options, steps }: Recording, size: number = Number.POSITIVE_INFINITY): Outcome {
  const connection = new Connection(options)
  const events: ConnectionEvent[] = []
  const output: Uint8Array[] = []
  const drain = (): void => {
    for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent())
      events.push(kept(event))
  }
  for (const { call, args } of steps) {
    for (const each of call === 'receive' ? cut(args, size) : [args]) {
      try {
        const method = Reflect.get(connection, call, connection) as (...args: unknown[]) => unknown
        const result = method.apply(connection, [...each])
        if (call === 'takeOutput') for (const chunk of result as Uint8Array[]) output.push(chunk.slice())
      } catch (error) {
        if (!(error instanceof UsageError)) throw error // what was refused is refused again
      }
      drain()
    }
  }
  return { events: merged(events).map(told), output: concat(output) }
}

/** The arguments of one `receive` as those of several. */
function cut([chunk, now]: readonly unknown[], size: number): unknown[][] {
  const bytes = chunk as Uint8Array
  const pieces: unknown[][] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push([bytes.slice(at, at + size), now])
  return pieces
}

/** A recording as text, for a file: a line of JSON for the options, then one for each step. */
export function toText({ options, steps }: Recording): string {
  const octets = (_: string, value: unknown): unknown =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
  return `${[options, ...steps].map((each) => JSON.stringify(each, octets)).join('\n')}\n`
}

export function fromText(text: string): Recording {
  const [options, ...steps] = text
    .trimEnd()
    .split('\n')
    .map((each): unknown => JSON.parse(each, octetsOf))
  return { options: options as ConnectionOptions, steps: steps as Step[] }
}

function octetsOf(_: string, value: unknown): unknown {
  const encoded = (value as { base64?: unknown } | null)?.base64
  return typeof encoded === 'string' ? Uint8Array.from(Buffer.from(encoded, 'base64')) : value
}
