import type { ByteWriter } from '../../src/bytes/index.ts'
import { ByteWriter as Writer } from '../../src/bytes/index.ts'
import { ConnectionError, type ErrorCode } from '../../src/errors/index.ts'
import { decodeFrame, type Frame, FrameReader, type FrameReaderOptions, ReadStatus } from '../../src/frames/index.ts'

/** The octets of a hex text; blanks and `|` are for the eye. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/[\s|]/g, ''), 'hex'))
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What a writing function wrote. */
export function written(write: (w: ByteWriter) => void): Uint8Array {
  const w = new Writer(16)
  write(w)
  return w.take()
}

/** What reading found: frames with their place, and faults. Byte fields are copies. */
export type Found =
  | { readonly frame: Frame; readonly offset: number; readonly flowControlled: number; readonly complete: boolean }
  | { readonly fault: string; readonly type: number; readonly streamId: number; readonly charged: number }

/** Reads a stream cut at `cuts` (sizes of the chunks, the last of which repeats) with adjacent DATA pieces joined. */
export function readAll(bytes: Uint8Array, cuts: readonly number[], options?: FrameReaderOptions): Found[] {
  const reader = new FrameReader(options)
  const found: Found[] = []
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = cuts[Math.min(i, cuts.length - 1)]
    // A chunk of its own each time, overwritten once it was read: who keeps a view instead of a copy is found out.
    const chunk = bytes.slice(at, at + size)
    at += size
    reader.push(chunk)
    drain(reader, found)
    chunk.fill(0xee)
    if (reader.fault instanceof ConnectionError) break
  }
  return found
}

function drain(reader: FrameReader, found: Found[]): void {
  for (let status = reader.next(); status !== ReadStatus.NEED_MORE; status = reader.next()) {
    if (status === ReadStatus.FRAME) {
      add(found, reader)
      continue
    }
    const { fault, type, streamId, flowControlled } = reader
    if (fault === undefined) throw new Error('FAULT without a fault')
    found.push({ fault: `${fault.name} ${fault.message}`, type, streamId, charged: flowControlled })
    if (fault instanceof ConnectionError) return
  }
}

function add(found: Found[], reader: FrameReader): void {
  const { offset, flowControlled, first, last } = reader
  const frame = copied(decodeFrame(reader))
  const before = found.at(-1)
  if (first) found.push({ frame, offset, flowControlled, complete: last })
  else if (before !== undefined && 'frame' in before)
    found[found.length - 1] = { ...before, ...joined(before.frame, frame), complete: last }
  else throw new Error('a piece of DATA that continues nothing')
}

/** The frame with memory of its own. */
function copied(frame: Frame): Frame {
  const own: Record<string, unknown> = { ...frame }
  for (const name in own) {
    const value = own[name]
    if (value instanceof Uint8Array) own[name] = value.slice()
  }
  return own as unknown as Frame
}

/** Anything as text, to be compared: deep equality of the test runner would be most of a property's time. */
export function text(found: unknown): string {
  return JSON.stringify(found, (_, value) => (value instanceof Uint8Array ? toHex(value) : value))
}

function joined(before: Frame, piece: Frame): { frame: Frame } {
  if (before.kind === 'DATA' && piece.kind === 'DATA')
    return { frame: { ...piece, data: Uint8Array.from([...before.data, ...piece.data]) } }
  if (before.kind === 'RAW' && piece.kind === 'RAW')
    return { frame: { ...piece, payload: Uint8Array.from([...before.payload, ...piece.payload]) } }
  throw new Error('a piece that does not go with the one before')
}

/** The same outcome at every chunk size from one octet to the whole. */
export function readAtEveryCut(bytes: Uint8Array, options?: FrameReaderOptions): Found[] {
  const whole = readAll(bytes, [bytes.length], options)
  for (let size = 1; size < bytes.length; size++) {
    const cut = readAll(bytes, [size], options)
    const a = text(cut)
    const b = text(whole)
    if (a !== b) throw new Error(`in chunks of ${size} octets: ${a}\nwhole: ${b}`)
  }
  return whole
}

/** The name, code and section of a fault, with a reason in words, as `readAll` words it. */
export function fault(scope: 'connection' | 'stream', code: keyof typeof ErrorCode, section: string): RegExp {
  const name = scope === 'connection' ? `ConnectionError ${code}: ` : `StreamError ${code} on stream \\d+: `
  return new RegExp(`^${name}\\S+( \\S+)* \\(${section.replace(/[.]/g, '\\.')}\\)$`)
}

/** How often each property runs: `FC_RUNS` overrides. */
export const runs: number = Number(process.env.FC_RUNS ?? 10_000)
