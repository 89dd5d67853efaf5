import {
  type Closed,
  WebSocketConnection as Connection,
  type WebSocketConnection,
  type WebSocketEvent,
  type WebSocketLimits,
} from '../../src/websocket/index.ts'

/** A frame as a test writes it; every field can be wrong. */
export interface FrameSpec {
  readonly opcode: number
  readonly payload?: Uint8Array | string
  /** True when absent. */
  readonly fin?: boolean
  readonly rsv?: number
  /** Four bytes; unmasked when absent. */
  readonly key?: readonly number[]
  /** What the header announces, where it isn't the payload's length. */
  readonly length?: bigint
  /** 0, 2 or 8 bytes of extended length, where it isn't the smallest. */
  readonly extended?: 0 | 2 | 8
}

/** Builds one frame, octet by octet, the slow and obvious way. RFC 6455 §5.2. */
export function frame(spec: FrameSpec): Uint8Array {
  const payload = utf8(spec.payload ?? '')
  const length = spec.length ?? BigInt(payload.length)
  const extended = spec.extended ?? (length < 126n ? 0 : length < 65_536n ? 2 : 8)
  const bytes = [((spec.fin ?? true) ? 0x80 : 0) | ((spec.rsv ?? 0) << 4) | spec.opcode]
  bytes.push((spec.key ? 0x80 : 0) | (extended === 0 ? Number(length) : extended === 2 ? 126 : 127))
  for (let i = extended - 1; i >= 0; i--) bytes.push(Number((length >> BigInt(8 * i)) & 0xffn))
  if (spec.key) bytes.push(...spec.key)
  const whole = new Uint8Array(bytes.length + payload.length)
  whole.set(bytes)
  for (let i = 0; i < payload.length; i++) whole[bytes.length + i] = payload[i] ^ (spec.key ? spec.key[i % 4] : 0)
  return whole
}

export function utf8(text: Uint8Array | string): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason: Uint8Array | string = ''): Uint8Array {
  return join(Uint8Array.of(code >> 8, code & 0xff), utf8(reason))
}

/** A foreseeable key source: a test knows every byte on the wire. */
export function countingRandom(): (bytes: Uint8Array) => void {
  let next = 1
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = next++ * 37
  }
}

export function connection(role: 'client' | 'server', limits: Partial<WebSocketLimits> = {}): WebSocketConnection {
  return new Connection({ role, random: countingRandom(), limits })
}

export function drain(socket: WebSocketConnection): WebSocketEvent[] {
  const events: WebSocketEvent[] = []
  for (let event = socket.nextEvent(); event !== undefined; event = socket.nextEvent()) events.push(event)
  return events
}

/** An event as a short line: what two runs are compared by, and what a test expects. */
export function show(event: WebSocketEvent): string {
  switch (event.type) {
    case 'MessageReceived':
      return `${event.text ? 'text' : 'binary'} ${printable(event.data)}`
    case 'PingReceived':
      return `ping ${printable(event.data)}`
    case 'PongReceived':
      return `pong ${printable(event.data)}`
    case 'CloseReceived':
      return `close ${event.code} ${printable(event.reason)}`
    case 'Closed':
      return `closed ${event.code} ${event.wasClean ? 'clean' : 'unclean'}${shownError(event)}`
  }
}

function shownError({ error }: Closed): string {
  return error === undefined ? '' : ` ${error.code} ${error.section}`
}

function printable(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'))
}

/** Everything that comes of `wire` in pieces of `size` bytes, then what is written. */
export function replay(
  wire: Uint8Array,
  size: number,
  role: 'client' | 'server',
  limits: Partial<WebSocketLimits> = {},
): { events: string[]; output: Uint8Array; socket: WebSocketConnection } {
  const socket = connection(role, limits)
  const events: WebSocketEvent[] = []
  for (let at = 0; at < wire.length; at += size) {
    socket.receive(wire.slice(at, at + size))
    events.push(...drain(socket))
  }
  // Shown at the very end: what was handed out early must still be what it was.
  return { events: events.map(show), output: join(...socket.takeOutput()), socket }
}
