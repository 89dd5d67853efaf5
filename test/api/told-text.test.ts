import { afterEach, describe, expect, it } from 'vitest'
import { webSocket } from '../../src/api/index.ts'
import { forgetTold, tell, utf8Of } from '../../src/api/socket/told-text.ts'
import { connect } from './class-socket.ts'
import { pair } from './closed-pair.ts'
import { serve } from './logged-handler.ts'
import { realPlatform, text, until, utf8 } from './pair.ts'
import { rawSocket } from './raw-socket.ts'

const LONG = 8192
const long = `\ufeff${'ü€🎈'.repeat(2000)}`

describe('a text that is being told', () => {
  afterEach(forgetTold)

  it('is known by its octets, as often as it is sent', () => {
    const octets = utf8(long)
    expect(tell(realPlatform, octets)).toBe(long)
    expect(utf8Of(realPlatform, long)).toBe(octets)
    expect(utf8Of(realPlatform, long.split('').join(''))).toBe(octets)
  })

  it('is no other, not even one of the same length', () => {
    const octets = utf8('a'.repeat(LONG))
    const told = tell(realPlatform, octets)
    expect(utf8Of(realPlatform, `${told}b`)).toEqual(utf8(`${told}b`))
    const other = `${told.slice(1)}b`
    expect(utf8Of(realPlatform, other)).toEqual(utf8(other))
    expect(utf8Of(realPlatform, '')).toEqual(utf8(''))
  })

  it('is forgotten when that is over', () => {
    const octets = utf8(long)
    tell(realPlatform, octets)
    forgetTold()
    expect(utf8Of(realPlatform, long)).not.toBe(octets)
    expect(utf8Of(realPlatform, long)).toEqual(octets)
    expect(utf8Of(realPlatform, '')).toEqual(utf8(''))
  })

  it('is not kept where it is short', () => {
    const octets = utf8('a'.repeat(LONG - 1))
    const told = tell(realPlatform, octets)
    expect(utf8Of(realPlatform, told)).not.toBe(octets)
    const enough = utf8('a'.repeat(LONG))
    expect(utf8Of(realPlatform, tell(realPlatform, enough))).toBe(enough)
  })
})

describe('a long text that is sent on', () => {
  /** Counts what is encoded. */
  function counting() {
    const encoded: string[] = []
    const platform = {
      ...realPlatform,
      encodeText(given: string) {
        if (given.length > 512) encoded.push(given)
        return realPlatform.encodeText(given)
      },
    }
    return { encoded, platform }
  }

  it('by a handler is not encoded, to however many, and another one is', async () => {
    const { encoded, platform } = counting()
    const handler = {
      message: (_: unknown, data: string | Uint8Array) => {
        for (const socket of sockets) {
          socket.send(data)
          socket.send(`${data}!`)
        }
      },
    }
    const { client, sockets } = serve(handler, { platform })
    const [one, two] = [await rawSocket(client), await rawSocket(client)]
    one.core.sendText(utf8(long))
    one.flush()
    for (const socket of [one, two]) {
      await until(() => socket.of('MessageReceived').length === 2)
      const texts = (socket.of('MessageReceived') as { data: Uint8Array }[]).map(({ data }) => text(data))
      expect(texts).toEqual([long, `${long}!`])
    }
    expect(encoded).toEqual([`${long}!`, `${long}!`])
  })

  it('by a WebSocket is not encoded, but it is when it is sent later', async () => {
    const { encoded, platform } = counting()
    const handler = webSocket((socket) => {
      socket.onmessage = ({ data }) => {
        socket.send(data as string)
        setTimeout(() => socket.send(data as string), 1)
      }
    })
    const { client } = pair({ connect: { websocket: handler } }, { platform })
    const raw = await rawSocket(client)
    raw.core.sendText(utf8(long))
    raw.flush()
    await until(() => raw.of('MessageReceived').length === 2)
    const texts = (raw.of('MessageReceived') as { data: Uint8Array }[]).map(({ data }) => text(data))
    expect(texts).toEqual([long, long])
    expect(encoded).toEqual([long])
  })

  it('RFC 6455 §5.3: by a client is masked twice for two frames, and comes as it was', async () => {
    const { socket, peer } = await connect()
    socket.onmessage = ({ data }) => {
      socket.send(data as string)
      socket.send(data as string)
    }
    peer.core.sendText(utf8(long))
    peer.flush()
    await until(() => peer.of('MessageReceived').length === 2)
    const texts = (peer.of('MessageReceived') as { data: Uint8Array }[]).map(({ data }) => text(data))
    expect(texts).toEqual([long, long])
  })
})
