import { type NodeDialOptions, WebSocket } from '../runtime/node/index.ts'
import { type EchoFlags, echoUsage, readEchoFlags } from './echo-flags.ts'
import { firstLine, Problem } from './problem.ts'

/** The program behind `npm run echo-client`: a WebSocket that sends back what it gets, for test suites that are servers. */

/** Echoes until the end; resolves with what there is to say about it. @throws Problem when the end was not clean */
function echo({ url, options }: EchoFlags): Promise<string> {
  const socket = open(url, options)
  let messages = 0
  let failure: unknown
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }) => {
    messages += 1
    socket.send(data as string | ArrayBuffer)
  }
  socket.onerror = (event) => {
    failure = (event as { error?: unknown }).error
  }
  return new Promise((resolve, reject) => {
    socket.onclose = ({ code, reason, wasClean }) => {
      const said = reason === '' ? '' : ` (${reason})`
      const end = `closed with ${code}${said} after ${messages} message${messages === 1 ? '' : 's'}`
      if (wasClean) resolve(end)
      else reject(new Problem(failure === undefined ? end : `${end}: ${firstLine(failure)}`))
    }
  })
}

function open(url: string, options: NodeDialOptions): WebSocket {
  try {
    return new WebSocket(url, [], options)
  } catch (error) {
    throw new Problem(firstLine(error))
  }
}

async function main(): Promise<void> {
  const flags = readEchoFlags(process.argv.slice(2))
  process.stdout.write(flags === undefined ? echoUsage : `${await echo(flags)}\n`)
}

// The process ends by itself, once the Close that told a fault has left: RFC 6455 §7.1.7.
process.exitCode = 1
main().then(
  () => {
    process.exitCode = 0
  },
  (error: unknown) => {
    const text = error instanceof Problem ? error.message : error instanceof Error ? error.stack : error
    process.stderr.write(`hyperduct echo-client: ${text}\n`)
  },
)
