import hpack from 'hpack.js'
import { expect, it } from 'vitest'
import type { ByteWriter } from '../../src/bytes/index.ts'
import { Connection, type ConnectionOptions } from '../../src/connection/index.ts'
import { ConnectionError, ErrorCode } from '../../src/errors/index.ts'
import { CONNECTION_PREFACE, Flag, FrameType } from '../../src/frames/index.ts'
import type {
  DecodedSection,
  Field,
  FieldInput,
  FieldSectionDecoder,
  FieldSectionEncoder,
} from '../../src/hpack/index.ts'
import { atEveryChunking, drain, exchange, OK, POST, word } from './support.ts'
import { Wire } from './wire.ts'

/** hpack.js behind the interface of whole blocks. */
class ForeignEncoder implements FieldSectionEncoder {
  readonly #compressor = hpack.compressor.create({ table: { maxSize: 4096 } })
  encoded = 0

  encode(lines: readonly FieldInput[], writer: ByteWriter): void {
    this.encoded++
    this.#compressor.write(lines.map(({ name, value, sensitive }) => ({ name, value, neverIndex: sensitive === true })))
    for (let part = this.#compressor.read(); part !== null; part = this.#compressor.read()) writer.write(part)
  }

  setTableSizeLimit(): void {
    this.#compressor.reset()
  }
}

class ForeignDecoder implements FieldSectionDecoder {
  readonly #decompressor = hpack.decompressor.create({ table: { maxSize: 4096 } })
  #error: Error | undefined

  constructor() {
    this.#decompressor.on('error', (error) => {
      this.#error = error
    })
  }

  decode(block: Uint8Array): DecodedSection | ConnectionError {
    try {
      this.#decompressor.write(Buffer.from(block))
      this.#decompressor.execute()
    } catch (error) {
      this.#error = error as Error
    }
    if (this.#error !== undefined)
      return new ConnectionError(ErrorCode.COMPRESSION_ERROR, this.#error.message, 'RFC 7541')
    const lines: Field[] = []
    let size = 0
    for (let line = this.#decompressor.read(); line !== null; line = this.#decompressor.read()) {
      lines.push({ name: line.name, value: line.value, sensitive: line.neverIndex })
      size += line.name.length + line.value.length + 32
    }
    return { fields: lines, size, overflow: undefined }
  }

  setTableSizeLimit(): void {
    // the tests leave SETTINGS_HEADER_TABLE_SIZE alone
  }
}

const long = [...POST, { name: 'x-long', value: 'z'.repeat(40_000) }]

for (const foreign of ['client', 'server'] as const) {
  it(`RFC 9113 §4.3: another codec serves a ${foreign} as well as ours: requests, CONTINUATION, trailers, a growing table`, () => {
    const encoder = new ForeignEncoder()
    const options = (role: 'client' | 'server'): ConnectionOptions =>
      role === foreign ? { role, codec: { encoder, decoder: new ForeignDecoder() } } : { role }
    const client = new Connection(options('client'))
    const server = new Connection(options('server'))
    exchange(client, server)
    for (let i = 0; i < 20; i++) {
      const own = { name: `x-${i % 5}`, value: `value ${i % 3}` }
      const id = client.openStream([...(i % 10 === 9 ? long : POST), own], false)
      client.sendTrailers(id, [own])
      const asked = exchange(client, server).server
      expect(asked.map(word)).toEqual([`HeadersReceived ${id} request`, `HeadersReceived ${id} trailers END_STREAM`])
      expect(asked).toMatchObject([
        { fields: expect.arrayContaining([expect.objectContaining(own)]) },
        { fields: [own] },
      ])
      server.sendHeaders(id, [...OK, own], true)
      expect(exchange(client, server).client).toMatchObject([
        { type: 'HeadersReceived', fields: [{ name: ':status', value: '200' }, own] },
        { type: 'StreamClosed' },
      ])
    }
    expect(encoder.encoded).toBe(foreign === 'client' ? 40 : 20)
  })
}

it('RFC 9113 §4.3: the error of another codec ends the connection with its code', () => {
  const wire = new Wire().bytes(CONNECTION_PREFACE).settings([]).headers(1, POST)
  wire.raw(FrameType.HEADERS, 3, Uint8Array.of(0xff), Flag.END_HEADERS)
  wire.raw(FrameType.HEADERS, 5, Uint8Array.of(0x80), Flag.END_HEADERS).ping('too late')
  atEveryChunking(wire.take(), (chunks) => {
    const server = new Connection({
      role: 'server',
      codec: { encoder: new ForeignEncoder(), decoder: new ForeignDecoder() },
    })
    for (const chunk of chunks) server.receive(chunk, 1)
    expect(drain(server).map(word)).toEqual([
      'SettingsReceived',
      'HeadersReceived 1 request',
      'StreamReset 1 local COMPRESSION_ERROR',
      'ConnectionClosed local COMPRESSION_ERROR',
    ])
  })
})
