import { afterAll, beforeAll, expect, test } from 'vitest'
import { denoSocket, node26, type RuntimeSocket, undici } from './peers/runtime-sockets.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { echoPaths, flawless } from './support/exchange.ts'
import { describePeer } from './support/presence.ts'

// WebSocket classes that come with a runtime or a package, against a port where HTTP/1.1 is off, and one where it is on.
let http2: Demo
let both: Demo
beforeAll(async () => {
  http2 = await startDemo({ flags: ['--no-http1'] })
  both = await startDemo()
})
afterAll(async () => {
  await Promise.all([http2?.stop(), both?.stop()])
})

function suite(peer: RuntimeSocket, extension: string, besideHttp1: string): void {
  describePeer(peer, 'against our server', () => {
    test.each(echoPaths)('RFC 8441 §5: %s echoes all messages and answers the close; HTTP/1.1 is off', async (path) => {
      const { extensions, place, ...exchange } = await peer.exchange(http2.url, path, http2.ca!.path)
      console.log(`${peer.name}: HTTP/${place.version}, :protocol ${place.protocol}, negotiated "${extensions}"`)
      expect(exchange).toEqual(flawless)
      // RFC 8441 §4: what the server saw of the request.
      expect(place).toMatchObject({ version: '2', protocol: 'websocket', stream: expect.any(Number) })
      expect(extensions).toBe(extension)
    })

    test(`RFC 7301 §3.2: where both are offered it takes HTTP/${besideHttp1}, and all messages are echoed`, async () => {
      const { extensions, place, ...exchange } = await peer.exchange(both.url, '/echo', both.ca!.path)
      console.log(`${peer.name} beside HTTP/1.1: HTTP/${place.version}, negotiated "${extensions}"`)
      expect(exchange).toEqual(flawless)
      expect(place.version).toBe(besideHttp1)
    })
  })
}

suite(node26, 'permessage-deflate', '2')
suite(undici, 'permessage-deflate', '2')
suite(denoSocket, '', '1.1')
