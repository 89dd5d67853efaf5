import { describe, expect, it } from 'vitest'
import {
  acceptDeflate,
  type MessageReceived,
  offerDeflate,
  readWebSocketRequest,
  WebSocketConnection,
} from '../../src/websocket/index.ts'
import { backend, deflating } from './deflate-peer.ts'
import { echoEvents } from './echo.ts'
import { fields } from './field-lines.ts'
import { countingRandom, drain } from './frames.ts'

/** What the Autobahn test suite does with permessage-deflate, cases 12 and 13: kinds of data, sizes, parameters. */
const json = (size: number): string => {
  let text = ''
  for (let i = 0; text.length < size; i++)
    text += `{"id": ${i * 7919}, "tags": ["a${i % 13}", "b"], "text": "Grüße"},\n`
  return text.slice(0, size)
}
const noise = (size: number): Uint8Array => {
  let state = 12_345
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state >>> 24
  })
}
const kinds: Record<string, (size: number) => Uint8Array> = {
  'JSON (12.1)': (size) => new Uint8Array(Buffer.from(json(size))),
  'one octet (12.2)': (size) => new Uint8Array(size).fill(0x2a),
  'noise (12.3)': noise,
}
const sizes = [16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072]

/** A client and an echo server after a handshake with `line` as the offer. */
function opened(line: string): [client: WebSocketConnection, server: WebSocketConnection, answer: string | undefined] {
  const request = readWebSocketRequest(fields('sec-websocket-version: 13', `sec-websocket-extensions: ${line}`))
  if (!('extensions' in request)) throw request
  const answer = acceptDeflate(request.extensions, {}, backend)
  if (answer === undefined) throw new Error(`${line} was declined`)
  const deflate = { parameters: answer.parameters }
  const client = deflating('client', {}, { deflate })
  return [client, deflating('server', {}, { deflate }), answer.value]
}

/** Sends all, each echoed before the next one is sent; what came back. */
function echoes(
  client: WebSocketConnection,
  server: WebSocketConnection,
  messages: readonly Uint8Array[],
): Uint8Array[] {
  return messages.map((data) => {
    client.sendBinary(data)
    for (const chunk of client.takeOutput())
      for (let at = 0; at < chunk.length; at += 5000) server.receive(chunk.slice(at, at + 5000))
    echoEvents(server)
    for (const chunk of server.takeOutput()) client.receive(chunk.slice())
    const [message] = drain(client) as MessageReceived[]
    return message.data
  })
}

const PMD = 'permessage-deflate'
const accept = `${PMD}; client_no_context_takeover; client_max_window_bits`
const offers: Record<string, [offer: string, answer: string]> = {
  'what a client can do (13.1)': [accept, `${PMD}; client_no_context_takeover`],
  'no context takeover (13.2)': [
    `${accept}; server_no_context_takeover`,
    `${PMD}; server_no_context_takeover; client_no_context_takeover`,
  ],
  'the smallest window (13.3)': [
    `${accept}; server_max_window_bits=9`,
    `${PMD}; client_no_context_takeover; server_max_window_bits=9`,
  ],
  'the largest window (13.4)': [
    `${accept}; server_max_window_bits=15`,
    `${PMD}; client_no_context_takeover; server_max_window_bits=15`,
  ],
  'no context takeover, the smallest window (13.5)': [
    `${accept}; server_no_context_takeover; server_max_window_bits=9`,
    `${PMD}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9`,
  ],
  'no context takeover, the largest window (13.6)': [
    `${accept}; server_no_context_takeover; server_max_window_bits=15`,
    `${PMD}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15`,
  ],
  'three offers, the first of them taken (13.7)': [
    `${accept}; server_no_context_takeover; server_max_window_bits=9, ${accept}; server_no_context_takeover, ${accept}`,
    `${PMD}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9`,
  ],
}

describe('an echo server that compresses', () => {
  for (const [kind, make] of Object.entries(kinds)) {
    it(`RFC 7692 §7.2: ${kind} in messages of 16 octets to 128 KiB, again and again`, () => {
      const [client, server] = opened(offerDeflate({}, backend).value)
      const messages = sizes.flatMap((size) => [make(size), make(size), make(size).subarray(size >> 3)])
      const back = echoes(client, server, messages)
      for (const [i, data] of back.entries()) expect(Buffer.compare(data, messages[i])).toBe(0)
    })
  }

  for (const [name, [offer, answer]] of Object.entries(offers)) {
    it(`RFC 7692 §7.1: ${name}`, () => {
      const [client, server, value] = opened(offer)
      expect(value).toBe(answer)
      const messages = [16, 256, 4096, 32_768].flatMap((size) => Object.values(kinds).map((make) => make(size)))
      const back = echoes(client, server, [...messages, ...messages])
      for (const [i, data] of back.entries()) expect(Buffer.compare(data, messages[i % messages.length])).toBe(0)
    })
  }

  it('RFC 7692 §6: a client without the extension is answered uncompressed', () => {
    const client = new WebSocketConnection({ role: 'client', random: countingRandom() })
    const server = new WebSocketConnection({ role: 'server' })
    const data = kinds['JSON (12.1)'](10_000)
    expect(Buffer.compare(echoes(client, server, [data])[0], data)).toBe(0)
  })
})
