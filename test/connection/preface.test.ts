import { describe, expect, it } from 'vitest'
import { latin1Encode } from '../../src/bytes/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { CONNECTION_PREFACE, FrameType } from '../../src/frames/index.ts'
import { atEveryChunking, drain, GET, word } from './support.ts'
import { Listener, line, Wire } from './wire.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

/** From the very first octet: no preface is sent for the case. */
function fromTheStart(role: 'client' | 'server', bytes: Uint8Array, judge: (words: string[], lines: string[]) => void) {
  atEveryChunking(bytes, (chunks) => {
    const connection = new Connection({ role })
    for (const chunk of chunks) connection.receive(chunk, 1)
    const listener = new Listener(role)
    const frames = connection.takeOutput(1 << 20).flatMap((chunk) => listener.read(chunk))
    judge(drain(connection).map(word), frames.map(line))
  })
}

describe('the connection preface', () => {
  it('RFC 9113 §3.4: a client begins with the 24 octets and SETTINGS, a server with SETTINGS', () => {
    const client = new Connection(CLIENT).takeOutput(65_536)
    expect(Buffer.concat(client).subarray(0, 24).toString('latin1')).toBe('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    expect(client[0]![24 + 3]).toBe(FrameType.SETTINGS)
    const server = new Connection(SERVER).takeOutput(65_536)
    expect(server[0]![3]).toBe(FrameType.SETTINGS)
  })

  it('RFC 9113 §3.4: the SETTINGS of the preface are acknowledged after our own preface', () => {
    const bytes = new Wire().bytes(CONNECTION_PREFACE).settings([]).take()
    fromTheStart('server', bytes, (words, lines) => {
      expect(words).toEqual(['SettingsReceived'])
      expect(lines[0]).toMatch(/^SETTINGS MAX_CONCURRENT_STREAMS=100/)
      expect(lines.filter((text) => text === 'SETTINGS ACK').length).toBe(1)
      expect(lines.at(-1)).toBe('SETTINGS ACK')
    })
  })

  it('RFC 9113 §3.4: a client need not wait for the server’s preface', () => {
    const client = new Connection(CLIENT)
    client.openStream(GET, true)
    const listener = new Listener('client')
    const lines = client.takeOutput(65_536).flatMap((chunk) => listener.read(chunk).map(line))
    expect(lines.at(-1)).toMatch(/^HEADERS 1 .* END_STREAM$/)
  })

  for (let wrong = 0; wrong < CONNECTION_PREFACE.length; wrong += 5) {
    it(`RFC 9113 §3.4: a preface wrong at octet ${wrong} is a connection error PROTOCOL_ERROR`, () => {
      const bytes = new Wire().bytes(CONNECTION_PREFACE).settings([]).take().slice()
      bytes[wrong] ^= 0x20
      fromTheStart('server', bytes, (words, lines) => {
        expect(words).toEqual(['ConnectionClosed local PROTOCOL_ERROR'])
        expect(lines.at(-1)).toBe('GOAWAY 0 PROTOCOL_ERROR')
      })
    })
  }

  it('RFC 9113 §3.4: HTTP/1.1 in the place of the preface is a connection error PROTOCOL_ERROR, either way', () => {
    fromTheStart('server', latin1Encode('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'), (words) => {
      expect(words).toEqual(['ConnectionClosed local PROTOCOL_ERROR'])
    })
    fromTheStart('client', latin1Encode('HTTP/1.1 400 Bad Request\r\n\r\n'), (words) => {
      expect(words).toEqual(['ConnectionClosed local PROTOCOL_ERROR'])
    })
  })

  const others: readonly [string, (wire: Wire) => Wire][] = [
    ['PING', (wire) => wire.ping('12345678')],
    ['a SETTINGS acknowledgement', (wire) => wire.acknowledge()],
    ['WINDOW_UPDATE', (wire) => wire.windowUpdate(0, 1)],
    ['an unknown frame', (wire) => wire.raw(0x4a, 0)],
    ['HEADERS', (wire) => wire.headers(1, GET, END_STREAM)],
    ['a malformed PING', (wire) => wire.raw(FrameType.PING, 0, new Uint8Array(7))],
  ]
  for (const [name, write] of others) {
    it(`RFC 9113 §3.4: ${name} as the first frame is a connection error PROTOCOL_ERROR`, () => {
      for (const role of ['server', 'client'] as const) {
        const wire = new Wire()
        if (role === 'server') wire.bytes(CONNECTION_PREFACE)
        fromTheStart(role, write(wire).settings([]).take(), (words, lines) => {
          expect(words).toEqual(['ConnectionClosed local PROTOCOL_ERROR'])
          expect(lines.at(-1)).toBe('GOAWAY 0 PROTOCOL_ERROR')
        })
      }
    })
  }
})
