import {
  errorCode,
  type Field,
  opaque,
  origin,
  origins,
  padLength,
  priority,
  rest,
  settings,
  text,
  textBehindOrigin,
  u31,
} from './fields.ts'
import type { Frame } from './frame.ts'
import { type Flag, frameTypeName } from './registry.ts'

/** What the frames of one type are like. */
export interface Layout {
  readonly kind: Frame['kind']
  /** Where they are defined. */
  readonly section: string
  /** Whether they belong on a stream; undefined when they may be on stream 0 too. */
  readonly onStream: boolean | undefined
  /** The flags with a meaning, in the order of their bits. */
  readonly flags: readonly (keyof typeof Flag)[]
  /** In the order of the wire. */
  readonly fields: readonly Field[]
}

function layout<Kind extends Frame['kind']>(
  kind: Kind,
  section: string,
  onStream: boolean | undefined,
  flags: Layout['flags'],
  ...fields: readonly Field[]
): Layout {
  return { kind, section, onStream, flags, fields }
}

const fragment = rest('fragment')

/** Every type, and `RAW` for all others: checking, writing, reading and describing follow from here. */
const layouts: Readonly<Record<string, Layout>> = Object.fromEntries(
  [
    layout('DATA', 'RFC 9113 §6.1', true, ['END_STREAM', 'PADDED'], padLength, rest('data')),
    layout(
      'HEADERS',
      'RFC 9113 §6.2',
      true,
      ['END_STREAM', 'END_HEADERS', 'PADDED', 'PRIORITY'],
      padLength,
      { ...priority, flag: 'PRIORITY', takenOff: true },
      fragment,
    ),
    layout('PRIORITY', 'RFC 9113 §6.3', true, [], priority),
    layout('RST_STREAM', 'RFC 9113 §6.4', true, [], errorCode),
    layout('SETTINGS', 'RFC 9113 §6.5', false, ['ACK'], settings),
    // Stream 0 is no stream that could be promised.
    layout(
      'PUSH_PROMISE',
      'RFC 9113 §6.6',
      true,
      ['END_HEADERS', 'PADDED'],
      padLength,
      u31('promisedStreamId'),
      fragment,
    ),
    layout('PING', 'RFC 9113 §6.7', false, ['ACK'], opaque),
    layout('GOAWAY', 'RFC 9113 §6.8', false, [], u31('lastStreamId', false), errorCode, rest('debugData')),
    layout('WINDOW_UPDATE', 'RFC 9113 §6.9', undefined, [], u31('increment')),
    layout('CONTINUATION', 'RFC 9113 §6.10', true, ['END_HEADERS'], fragment),
    layout('ALTSVC', 'RFC 7838 §4', undefined, [], origin, textBehindOrigin),
    layout('ORIGIN', 'RFC 8336 §2.2', false, [], origins),
    // The priority of stream 0 cannot be updated.
    layout('PRIORITY_UPDATE', 'RFC 9218 §7.1', false, [], u31('prioritizedStreamId'), text),
    layout('RAW', 'RFC 9113 §4.1', undefined, [], rest('payload')),
  ].map((layout) => [layout.kind, layout]),
)

/** The layout of a known type. */
export function layoutOfType(type: number): Layout | undefined {
  return layouts[frameTypeName(type)]
}

/** The layout of any frame. */
export function layoutOf(frame: Frame): Layout {
  return layouts[frame.kind]
}

/** The value that a frame has for a field. */
export function fieldOf(frame: Frame, { name }: Field): unknown {
  return (frame as unknown as Readonly<Record<string, unknown>>)[name]
}
