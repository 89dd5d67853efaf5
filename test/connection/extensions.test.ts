import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { UsageError } from '../../src/errors/index.ts'
import { Bench, drain, exchange, GET, OK } from './support.ts'
import { CLIENT, END_STREAM, SERVER } from './wire-case.ts'

describe('ALTSVC', () => {
  const altSvc = (streamId: number, origin: string) =>
    ({ kind: 'ALTSVC', streamId, flags: 0, origin, value: 'h3=":443"' }) as const

  it('RFC 7838 §4: a client hears of one on stream 0 that names its origin, and of one on an open stream', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(GET, true)
    bench.wire.frame(altSvc(0, 'https://a.example')).frame(altSvc(1, ''))
    expect(bench.events()).toEqual([
      { type: 'AltSvcReceived', streamId: 0, origin: 'https://a.example', value: 'h3=":443"' },
      { type: 'AltSvcReceived', streamId: 1, origin: '', value: 'h3=":443"' },
    ])
  })
  it('RFC 7838 §4: one without origin on stream 0, with one on a stream, on a closed stream or too short is ignored', () => {
    const bench = new Bench(CLIENT)
    bench.connection.openStream(GET, true)
    bench.wire.frame(altSvc(0, '')).frame(altSvc(1, 'https://a.example')).frame(altSvc(9, ''))
    bench.wire.raw(0xa, 0, Uint8Array.of(0), 0).headers(1, OK, END_STREAM).frame(altSvc(1, ''))
    expect(bench.deliver()).toEqual(['HeadersReceived 1 response END_STREAM', 'StreamClosed 1'])
  })
  it('RFC 7838 §4: a server ignores it', () => {
    const bench = new Bench(SERVER)
    bench.wire.frame(altSvc(0, 'https://a.example'))
    expect(bench.deliver()).toEqual([])
  })
})

describe('ORIGIN', () => {
  const origin = { kind: 'ORIGIN', streamId: 0, flags: 0, origins: ['https://a.example', 'https://b.example'] } as const

  it('RFC 8336 §2: a client hears of the origins', () => {
    const bench = new Bench(CLIENT)
    bench.wire.frame(origin)
    expect(bench.events()).toEqual([{ type: 'OriginReceived', origins: origin.origins }])
  })
  it('RFC 8336 §2.1: a server ignores it, and so does a client on a stream', () => {
    const server = new Bench(SERVER)
    server.wire.frame(origin)
    expect(server.deliver()).toEqual([])
    const client = new Bench(CLIENT)
    client.connection.openStream(GET, true)
    client.wire.frame({ ...origin, streamId: 1 })
    expect(client.deliver()).toEqual([])
  })
})

describe('extensions', () => {
  it('RFC 9113 §5.5: frames of the types asked for are handed on, all others ignored', () => {
    const bench = new Bench({ role: 'server', extensionFrames: [0xb7] })
    bench.wire.raw(0xb7, 5, Uint8Array.of(1, 2, 3), 0xff).raw(0xb8, 0, Uint8Array.of(1), 0)
    const payload = Uint8Array.of(1, 2, 3)
    expect(bench.events()).toEqual([
      { type: 'ExtensionFrameReceived', frameType: 0xb7, flags: 0xff, streamId: 5, payload },
    ])
  })
  it('RFC 9113 §5.5: two endpoints agree on an extension by a setting and use it', () => {
    const options = { extensionFrames: [0xb7], extensionSettings: [[0xf0b7, 1]] as const }
    const client = new Connection({ role: 'client', ...options })
    const server = new Connection({ role: 'server', ...options })
    const { server: told } = exchange(client, server)
    const settings = told.find((event) => event.type === 'SettingsReceived')
    expect(settings?.type === 'SettingsReceived' && settings.settings).toContainEqual([0xf0b7, 1])
    const payload = Uint8Array.of(9, 8)
    server.sendExtensionFrame(0xb7, 1, 0, payload)
    payload.fill(0) // it was copied
    expect(exchange(client, server).client).toMatchObject([{ frameType: 0xb7, flags: 1, payload: Uint8Array.of(9, 8) }])
  })
  it.each<[string, [type: number, flags: number, streamId: number, payload: Uint8Array]]>([
    ['a type of RFC 9113', [0, 0, 0, new Uint8Array(0)]],
    ['CONTINUATION', [9, 0, 1, new Uint8Array(0)]],
    ['PRIORITY_UPDATE', [0x10, 0, 0, new Uint8Array(4)]],
    ['a type above one octet', [256, 0, 0, new Uint8Array(0)]],
    ['flags above one octet', [0xb7, 256, 0, new Uint8Array(0)]],
    ['an id that no stream has', [0xb7, 0, 2 ** 31, new Uint8Array(0)]],
    ['a payload larger than the peer takes', [0xb7, 0, 0, new Uint8Array(16_385)]],
  ])('RFC 9113 §5.5: %s is refused before anything is written', (_, frame) => {
    const bench = new Bench(SERVER)
    expect(() => bench.connection.sendExtensionFrame(...frame)).toThrow(UsageError)
    expect(bench.answers()).toEqual([])
    expect(drain(bench.connection)).toEqual([])
  })
  it('RFC 9113 §6.5.2: a setting with an option of its own is no extension', () => {
    expect(() => new Connection({ role: 'server', extensionSettings: [[4, 1]] })).toThrow('INITIAL_WINDOW_SIZE')
  })
})
