import { styleText } from 'node:util'
import { ConnectionError, StreamError } from '../errors/index.ts'
import { type Flags, readFlags, usage } from './flags.ts'
import { errnoOf, firstLine, Problem } from './problem.ts'
import { type RunningDemo, startDemo } from './server.ts'

/** The program behind `npm start`: reads the flags, starts the server, says what to do next, drains on Ctrl-C. */

type Style = Parameters<typeof styleText>[0]

const colourful = process.stdout.isTTY && process.env.NO_COLOR === undefined
const styled = (style: Style, text: string): string => (colourful ? styleText(style, text) : text)

function greeting(url: string, { cleartext, http1 }: Flags): string {
  const ready = `hyperduct demo on ${styled(['bold', 'cyan'], url)}`
  const origin = url.slice(0, -1)
  const tip = (text: string, command: string) => `  ${text.padEnd(21)} ${styled('green', command)}\n`
  const ways = cleartext
    ? tip('Ask for something:', `curl --http2-prior-knowledge ${origin}/hello`) +
      (http1 ? '  Browsers speak HTTP/2 over TLS alone: here they come over HTTP/1.1.\n' : '')
    : `  Open it in a browser. It will warn you: the certificate was made a moment ago, for this run alone.\n` +
      tip('Or ask for something:', `curl -k ${origin}/hello`)
  return `${ready}\n\n${ways}  Ctrl-C lets what is under way finish and stops; a second one stops at once.\n`
}

/** RFC 9113 §6.8: the first signal begins a graceful GOAWAY, the second does without. */
function stopOnSignal(demo: RunningDemo): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(130)
    stopping = true
    process.stdout.write('\nFinishing what is under way; Ctrl-C once more stops at once.\n')
    demo.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function fail(error: unknown): never {
  // A fault of ours keeps its stack; a mistake at the keyboard needs one line.
  const text =
    error instanceof Problem || errnoOf(error) ? firstLine(error) : error instanceof Error ? error.stack : error
  process.stderr.write(`hyperduct demo: ${text}\n`)
  process.exit(1)
}

/** A peer's faults and broken sockets are everyday; what a handler of ours threw is worth a line. */
function tell(error: unknown): void {
  if (error instanceof ConnectionError || error instanceof StreamError || errnoOf(error) !== undefined) return
  process.stderr.write(`hyperduct demo: ${firstLine(error)}\n`)
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2))
  if (flags.help) {
    process.stdout.write(usage)
    return
  }
  const demo = await startDemo(flags, tell)
  // First, since whoever reads the ready line may send the signal at once.
  stopOnSignal(demo)
  process.stdout.write(greeting(demo.url, flags))
}

main().catch(fail)
