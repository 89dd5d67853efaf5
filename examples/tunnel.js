// node tunnel.js: both sides of a tunnel for a protocol of one's own, `x-reverse`. RFC 8441 §4.
import { connect, serve, tunnelStreams } from 'hyperduct/node'

const server = await serve({
  connect: {
    async 'x-reverse'({ stream }) {
      stream.respond([{ name: ':status', value: '200' }])
      const { readable, writable } = tunnelStreams(stream)
      const reverse = new TransformStream({
        transform: (bytes, controller) => controller.enqueue(bytes.slice().reverse()),
      })
      await readable.pipeThrough(reverse).pipeTo(writable)
    },
  },
})

const session = await connect(server.url)
const tunnel = tunnelStreams(await session.connect({ protocol: 'x-reverse', path: '/' }))
const writer = tunnel.writable.getWriter()
await writer.write(new TextEncoder().encode('tcudrepyh'))
await writer.close() // ends one direction; the other goes on

let answer = ''
for await (const bytes of tunnel.readable) answer += new TextDecoder().decode(bytes)
console.log(answer)

await session.close()
await server.close()
