// A polite connection beside the attacker's: one small request after the other, five milliseconds apart. A line on
// standard input asks for the times since the last one, in milliseconds, as JSON on standard output.
import { connect } from 'node:http2'

const session = connect(`http://127.0.0.1:${process.argv.at(-1)}`)
let times: number[] = []
let failed = 0
const fail = () => {
  failed++
}
session.on('error', fail)

function ask(): Promise<void> {
  const begun = performance.now()
  return new Promise((resolve) => {
    const stream = session.request({ ':path': '/hello' })
    stream.on('error', fail)
    stream.on('close', () => {
      times.push(performance.now() - begun)
      setTimeout(resolve, 5)
    })
    stream.resume()
  })
}

process.stdin.on('data', () => {
  const sorted = times.sort((a, b) => a - b)
  const p99 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0
  console.log(JSON.stringify({ p99, count: sorted.length, failed }))
  times = []
})
process.stdin.on('end', () => process.exit(0))
console.log('ready')
while (!session.destroyed) await ask()
fail()
