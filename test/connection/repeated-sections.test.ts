import { describe, expect, it } from 'vitest'
import { ByteWriter, concat } from '../../src/bytes/index.ts'
import { Connection, type ConnectionEvent } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE, Flag, FrameType, writeFrameHeader } from '../../src/frames/index.ts'
import { drain, GET, OK, request, word } from './support.ts'

/** A server that is sent field blocks as octets, each on a stream of its own. */
class Asked {
  readonly server: Connection = new Connection({ role: 'server' })
  #next = 1

  constructor() {
    const writer = new ByteWriter()
    writer.write(CONNECTION_PREFACE)
    writeFrameHeader(writer, 0, FrameType.SETTINGS, 0, 0)
    this.server.receive(writer.take(), 1)
    drain(this.server)
    this.acknowledge()
  }

  /** The oldest SETTINGS of the server's that are not acknowledged yet. */
  acknowledge(): void {
    const writer = new ByteWriter()
    writeFrameHeader(writer, 0, FrameType.SETTINGS, Flag.ACK, 0)
    this.server.receive(writer.take(), 1)
    drain(this.server)
  }

  ask(block: string, endStream = true): ConnectionEvent[] {
    const octets = Buffer.from(block.replaceAll(' ', ''), 'hex')
    const writer = new ByteWriter()
    const flags = Flag.END_HEADERS | (endStream ? Flag.END_STREAM : 0)
    writeFrameHeader(writer, octets.length, FrameType.HEADERS, flags, this.#next)
    writer.write(octets)
    this.server.receive(writer.take(), 1)
    const told = drain(this.server)
    const id = this.#next
    this.#next += 2
    if (told.some(({ type }) => type === 'HeadersReceived')) {
      this.server.sendHeaders(id, OK, true)
      if (!endStream) this.server.reset(id)
      drain(this.server)
    }
    concat(this.server.takeOutput(65_536))
    return told
  }
}

const words = (events: readonly ConnectionEvent[]): string[] => events.map((event) => word(event).replace(/ \d+/, ''))
/** :method GET, :scheme http, :path /, :authority abc */
const get = '82 86 84 01 03 61 62 63'
/** The same with a pseudo-header field twice. */
const twice = '82 82 86 84 01 03 61 62 63'
/** The same, with a content-length of 5. */
const withLength = '82 86 84 01 03 61 62 63 0f 0d 01 35'

describe('a field section that comes again', () => {
  it('is a request each time, with all its fields', () => {
    const asked = new Asked()
    for (let time = 0; time < 40; time++) {
      const [event] = asked.ask(get)
      expect(event).toMatchObject({ type: 'HeadersReceived', kind: 'request', fields: { length: GET.length } })
    }
  })

  it('RFC 9113 §8.1.1: is malformed each time if it is', () => {
    const asked = new Asked()
    for (let time = 0; time < 40; time++) expect(words(asked.ask(twice))).toEqual(['RequestRefused PROTOCOL_ERROR'])
  })

  it('RFC 9113 §8.1.1: is judged for itself after one that is lawful, and the other way round', () => {
    const asked = new Asked()
    for (let round = 0; round < 4; round++) {
      for (let time = 0; time < 25; time++)
        expect(words(asked.ask(get))).toEqual(['HeadersReceived request END_STREAM'])
      for (let time = 0; time < 25; time++) expect(words(asked.ask(twice))).toEqual(['RequestRefused PROTOCOL_ERROR'])
    }
  })

  it('RFC 9113 §8.1.1: is malformed where the same content-length comes with no body', () => {
    const asked = new Asked()
    for (let time = 0; time < 30; time++) {
      expect(words(asked.ask(withLength, false))[0]).toBe('HeadersReceived request')
    }
    for (let time = 0; time < 3; time++) {
      expect(words(asked.ask(withLength))).toEqual(['RequestRefused PROTOCOL_ERROR'])
    }
    expect(words(asked.ask(withLength, false))[0]).toBe('HeadersReceived request')
  })

  it('RFC 9113 §8.3.1: is no request if it is empty, whatever came before a size update', () => {
    const asked = new Asked()
    for (let time = 0; time < 5; time++) expect(words(asked.ask(''))).toEqual(['RequestRefused PROTOCOL_ERROR'])
    asked.server.updateSettings({ headerTableSize: 0 })
    asked.acknowledge()
    expect(words(asked.ask(`20 ${get}`))).toEqual(['HeadersReceived request END_STREAM'])
    expect(words(asked.ask(''))).toEqual(['RequestRefused PROTOCOL_ERROR'])
  })
})

/** A client that is answered with field blocks as octets. */
class Answered {
  readonly client: Connection = new Connection({ role: 'client' })

  constructor() {
    const writer = new ByteWriter()
    writeFrameHeader(writer, 0, FrameType.SETTINGS, 0, 0)
    this.client.receive(writer.take(), 1)
    drain(this.client)
  }

  /** What it is told of the blocks that come for a new request, the last of them with END_STREAM. */
  answer(method: string, ...blocks: string[]): string[] {
    const id = this.client.openStream(request(method), true)
    const writer = new ByteWriter()
    for (const [i, block] of blocks.entries()) {
      const octets = Buffer.from(block.replaceAll(' ', ''), 'hex')
      const flags = Flag.END_HEADERS | (i === blocks.length - 1 ? Flag.END_STREAM : 0)
      writeFrameHeader(writer, octets.length, FrameType.HEADERS, flags, id)
      writer.write(octets)
    }
    this.client.receive(writer.take(), 1)
    this.client.takeOutput(65_536)
    return words(drain(this.client))
  }
}

/** :status 200; the same twice in one, and with a content-length of 5; :status 100 */
const ok = '88'
const okTwice = '88 88'
const okWithLength = '88 0f 0d 01 35'
const carryOn = '08 03 31 30 30'
const answer = 'HeadersReceived response END_STREAM'
const fault = 'StreamReset local PROTOCOL_ERROR'

describe('a response that comes again', () => {
  it('is one each time, and malformed each time if it is', () => {
    const answered = new Answered()
    for (let round = 0; round < 2; round++) {
      for (let time = 0; time < 25; time++) expect(answered.answer('GET', ok)).toEqual([answer, 'StreamClosed'])
      for (let time = 0; time < 25; time++) expect(answered.answer('GET', okTwice)).toEqual([fault])
    }
  })

  it('RFC 9113 §8.1: is none of the trailers', () => {
    const answered = new Answered()
    for (let time = 0; time < 25; time++)
      expect(answered.answer('GET', ok, ok)).toEqual(['HeadersReceived response', fault])
  })

  it('RFC 9113 §8.1.1: does not end a stream if it is informational', () => {
    const answered = new Answered()
    for (let time = 0; time < 25; time++)
      expect(answered.answer('GET', carryOn, carryOn)).toEqual(['HeadersReceived informational', fault])
  })

  it('RFC 9113 §8.1.1: lacks its body or not, as the request says', () => {
    const answered = new Answered()
    for (let time = 0; time < 25; time++) {
      expect(answered.answer('HEAD', okWithLength)).toEqual([answer, 'StreamClosed'])
      expect(answered.answer('GET', okWithLength)).toEqual([fault])
    }
  })
})
