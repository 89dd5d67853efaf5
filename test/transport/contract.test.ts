import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { nodeTransport } from '../../src/runtime/node/index.ts'
import { memoryPair, messagePortTransport, webStreamsTransport, withInitialData } from '../../src/transport/index.ts'
import { type TransportPair, transportContract } from './contract.ts'

function memory(): TransportPair {
  const [near, far] = memoryPair()
  return { near, far }
}

/** Two identity streams, one for each direction. */
function streams(): TransportPair {
  const there = new TransformStream<Uint8Array, Uint8Array>()
  const back = new TransformStream<Uint8Array, Uint8Array>()
  return {
    near: webStreamsTransport({ readable: back.readable, writable: there.writable }),
    far: webStreamsTransport({ readable: there.readable, writable: back.writable }),
  }
}

function ports(): TransportPair {
  const { port1, port2 } = new MessageChannel()
  return {
    near: messagePortTransport(port1),
    far: messagePortTransport(port2),
    release: () => port1.close(),
  }
}

/** Ports that transfer nothing, as workerd's. */
function copyingPorts(): TransportPair {
  const { port1, port2 } = new MessageChannel()
  const copying = (port: MessagePort) => {
    const post = port.postMessage.bind(port)
    return Object.assign(port, {
      postMessage(message: unknown, transfer: unknown[]) {
        if (transfer.length > 0) throw new Error('Transfer list is not supported')
        post(message)
      },
    })
  }
  return {
    near: messagePortTransport(copying(port1)),
    far: messagePortTransport(copying(port2)),
    release: () => port1.close(),
  }
}

async function sockets(): Promise<TransportPair> {
  const server = createServer({ allowHalfOpen: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.on('connection', resolve))
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const far = await accepted
  server.close()
  const release = () => {
    near.destroy()
    far.destroy()
  }
  return { near: nodeTransport(near), far: nodeTransport(far), release }
}

transportContract('a pair in memory', memory)
transportContract('a pair of Web Streams', streams)
transportContract('a message port', ports)
transportContract('a message port that transfers nothing', copyingPorts)
transportContract('a socket of Node', sockets)
transportContract('a transport with initial data', () => {
  const { near, far } = memory()
  return { near: withInitialData(near, new Uint8Array(0)), far }
})
