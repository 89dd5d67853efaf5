import { describe, expect, it } from 'vitest'
import { FrameReader, ReadStatus, readAltSvc, readOrigin } from '../../src/frames/index.ts'
import { hex } from './support.ts'

/** A reader that stands on a frame. */
function standingOn(wire: string): FrameReader {
  const reader = new FrameReader()
  reader.push(hex(wire))
  expect(reader.next()).toBe(ReadStatus.FRAME)
  return reader
}

describe('readAltSvc', () => {
  it.each([
    ['RFC 7838 §4: on stream 0 the origin is named', '000006 0a 00 00000000 0003 612e62 63', 'a.b', 'c'],
    ['RFC 7838 §4: on a stream the origin is that of the stream', '000004 0a 00 00000001 0000 6364', '', 'cd'],
    ['RFC 7838 §4: the value may be empty', '000003 0a 00 00000000 0001 61', 'a', ''],
  ])('%s', (_, wire, origin, value) => {
    expect(readAltSvc(standingOn(wire))).toEqual({ origin, value })
  })

  it.each([
    ['RFC 7838 §4: on stream 0 one that names no origin is ignored', '000003 0a 00 00000000 0000 63'],
    ['RFC 7838 §4: on a stream one that names an origin is ignored', '000004 0a 00 00000001 0001 61 63'],
    // The octets behind the frame are there, and would make a longer origin.
    ['RFC 7838 §4: an origin longer than the frame is ignored', '000003 0a 00 00000000 0002 61 62 63'],
    ['RFC 7838 §4: a frame too short for the length of an origin is ignored', '000001 0a 00 00000000 00 01 61'],
    ['RFC 7838 §4: an empty frame is ignored', '000000 0a 00 00000000 0001 61'],
  ])('%s', (_, wire) => {
    expect(readAltSvc(standingOn(wire))).toBe(undefined)
  })
})

describe('readOrigin', () => {
  it.each([
    ['RFC 8336 §2.1: gives the origins in order', '000008 0c 00 00000000 0002 6162 0002 6364', ['ab', 'cd']],
    ['RFC 8336 §2.1: there may be none', '000000 0c 00 00000000', []],
    ['RFC 8336 §2.2: flags that are not kept for changes change nothing', '000003 0c f0 00000000 0001 61', ['a']],
  ])('%s', (_, wire, origins) => {
    expect(readOrigin(standingOn(wire))).toEqual(origins)
  })

  it.each([
    ['RFC 8336 §2.2: on a stream it is ignored', '000003 0c 00 00000001 0001 61'],
    ['RFC 8336 §2.2: with a flag kept for changes it is ignored', '000003 0c 08 00000000 0001 61'],
    ['RFC 8336 §2.1: half a list is none', '000004 0c 00 00000000 0001 61 00 01 62'],
    ['RFC 8336 §2.1: an origin longer than the frame is none', '000004 0c 00 00000000 0003 6162 63'],
  ])('%s', (_, wire) => {
    expect(readOrigin(standingOn(wire))).toBe(undefined)
  })
})
