import { once } from 'node:events'
import { connect } from 'node:net'
import {
  ClientSession,
  fetchOver,
  nodePlatform,
  nodeTransport,
  openWebSocket,
  type WebSocket,
} from '../../../src/runtime/node/index.ts'

const ORIGIN = 'http://localhost'
const upload: Uint8Array<ArrayBuffer> = new Uint8Array(100_000)
const PATIENCE = 8000

/** What was done before the connection was cut. */
export interface Work {
  requests: number
  messages: number
  failed: number
  /** In words; undefined when all went as it should. */
  fault: string | undefined
}

/** Keeps one connection busy in several ways until it is cut. Every operation must then come to an end. */
export async function workUntilCut(port: number): Promise<Work> {
  const work: Work = { requests: 0, messages: 0, failed: 0, fault: undefined }
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
  const session = new ClientSession(nodeTransport(socket), { platform: nodePlatform })
  const isOver = () => session.state === 'closed'
  const fetch = async (path: string, init?: RequestInit): Promise<void> => {
    const response = await fetchOver(session, ORIGIN, path, init as object)
    const body = await response.arrayBuffer()
    const wanted = path.startsWith('/bytes/')
      ? Number(path.slice(7))
      : String(init?.method === 'POST' ? 100_000 : 0).length
    if (response.status !== 200 || body.byteLength !== wanted)
      work.fault = `${path}: ${response.status}, ${body.byteLength}`
    work.requests++
  }
  const again = async (task: () => Promise<void>): Promise<void> => {
    while (!isOver()) {
      try {
        await task()
      } catch (error) {
        work.failed++
        if (!(error instanceof Error)) work.fault = `not an Error: ${error}`
      }
    }
  }
  const tasks = Promise.all([
    again(() => fetch('/hello', { headers: { 'x-long': 'long'.repeat(20) } })),
    again(() => fetch('/hello')),
    again(() => fetch('/bytes/150000')),
    again(() => fetch('/upload', { method: 'POST', body: upload })),
    again(async () => await echo(await openWebSocket(session, ORIGIN, '/echo'), work)),
  ])
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    session.closed.then(() => {
      timer = setTimeout(() => {
        work.fault = `an operation hangs ${PATIENCE} ms after its connection has closed`
        resolve()
      }, PATIENCE)
    })
  })
  await Promise.race([tasks, late])
  clearTimeout(timer)
  await session.closed
  clearTimeout(timer)
  return work
}

/** Numbers there and back, each once and in their order, until the socket closes. */
function echo(socket: WebSocket, work: Work): Promise<void> {
  let sent = 0
  let received = 0
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      if (data !== String(received++)) work.fault = `message ${received - 1} is ${data}`
      work.messages++
      socket.send(String(sent++))
    }
    socket.onclose = () => resolve()
    for (let i = 0; i < 3; i++) socket.send(String(sent++))
  })
}
