import type { Exchange } from '../api/index.ts'
import type { FieldInput } from '../hpack/index.ts'
import { drop, sendBack, sendPattern } from './bodies.ts'
import type { ConnectionNumbers } from './connection-numbers.ts'
import type { PageFile } from './page-files.ts'

const helloBytes = new TextEncoder().encode('hello world')
const helloFields: readonly FieldInput[] = [
  { name: ':status', value: '200' },
  { name: 'content-type', value: 'text/plain' },
  { name: 'content-length', value: '11' },
]

/** What the page may load: its own files, and sockets. These are named since not every browser counts them as `'self'`. */
function pagePolicy(stream: Exchange): string {
  const sockets = pseudo(stream, ':scheme') === 'http' ? 'ws:' : 'wss:'
  return (
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' ${sockets}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  )
}

/** A pseudo-header field's value; they come before all others. RFC 9113 §8.3. */
function pseudo(stream: Exchange, name: string): string {
  for (const field of stream.fields) if (field.name === name) return field.value
  return ''
}

function isHello(path: string): boolean {
  return path === '/hello' || path.startsWith('/hello/') || path.startsWith('/hello?')
}

/** The shortest way an answer can take: no URL, no object but what the library makes. */
function sendHello(stream: Exchange, method: string): void {
  if (method === 'GET') {
    stream.respond(helloFields)
    stream.end(helloBytes)
  } else stream.respond(helloFields, { endStream: true })
}

function sendText(stream: Exchange, method: string, status: string, text: string, ...more: FieldInput[]): void {
  const bytes = new TextEncoder().encode(`${text}\n`)
  const fields = [
    { name: ':status', value: status },
    { name: 'content-type', value: 'text/plain; charset=utf-8' },
    { name: 'content-length', value: String(bytes.length) },
    ...more,
  ]
  stream.respond(fields, { endStream: method === 'HEAD' })
  if (method !== 'HEAD') stream.end(bytes)
}

/**
 * Lets the page show the stream and connection each answer came on, through `PerformanceResourceTiming`. HTTP/1.1 has no
 * streams to be numbered.
 */
function wireNumbers(stream: Exchange, numbers: ConnectionNumbers): FieldInput {
  const connection = `connection;desc="${numbers.of(stream)}"`
  const value = stream.id === undefined ? connection : `stream;desc="${stream.id}", ${connection}`
  return { name: 'server-timing', value }
}

function sendPageFile(stream: Exchange, method: string, file: PageFile, numbers: ConnectionNumbers): void {
  const fields = [
    { name: ':status', value: '200' },
    { name: 'content-type', value: file.type },
    { name: 'content-length', value: String(file.bytes.length) },
    { name: 'cache-control', value: 'no-store' },
    { name: 'content-security-policy', value: pagePolicy(stream) },
    { name: 'x-content-type-options', value: 'nosniff' },
    wireNumbers(stream, numbers),
  ]
  stream.respond(fields, { endStream: method === 'HEAD' })
  if (method !== 'HEAD') stream.end(file.bytes)
}

function sendBytes(stream: Exchange, method: string, path: string, numbers: ConnectionNumbers): boolean {
  // Fifteen digits stay exact in a double.
  const count = /^\/bytes\/(\d{1,15})$/.exec(path)?.[1]
  if (count === undefined) return false
  const fields = [
    { name: ':status', value: '200' },
    { name: 'content-type', value: 'application/octet-stream' },
    { name: 'content-length', value: String(Number(count)) },
    wireNumbers(stream, numbers),
  ]
  const bodiless = method === 'HEAD' || Number(count) === 0
  stream.respond(fields, { endStream: bodiless })
  if (!bodiless) sendPattern(stream, Number(count))
  return true
}

/** RFC 9110 §15.5.6: a 405 says what is allowed. */
function sendNotAllowed(stream: Exchange, method: string, text: string, allow: string): void {
  sendText(stream, method, '405', text, { name: 'allow', value: allow })
}

function sendEcho(stream: Exchange, method: string): void {
  if (method !== 'POST' && method !== 'PUT') {
    drop(stream)
    sendNotAllowed(stream, method, 'Post something here to get it back.', 'POST, PUT')
    return
  }
  stream.respond([
    { name: ':status', value: '200' },
    { name: 'content-type', value: 'application/octet-stream' },
  ])
  sendBack(stream)
}

/**
 * The stream handler: answers each plain request but `/hello-fetch`, and leaves that one and CONNECT to the router by
 * returning false.
 */
export function streamHandler(
  files: ReadonlyMap<string, PageFile>,
  numbers: ConnectionNumbers,
): (stream: Exchange) => boolean {
  return (stream) => {
    const method = pseudo(stream, ':method')
    const path = pseudo(stream, ':path')
    const reading = method === 'GET' || method === 'HEAD'
    if (method === 'CONNECT') return false
    if (isHello(path)) {
      drop(stream)
      if (reading) sendHello(stream, method)
      else sendNotAllowed(stream, method, 'Only GET and HEAD here.', 'GET, HEAD')
      return true
    }
    const [plainPath] = path.split('?', 1)
    if (plainPath === '/hello-fetch') return false
    if (plainPath === '/echo') {
      sendEcho(stream, method)
      return true
    }
    drop(stream)
    const file = files.get(plainPath)
    if (reading && file !== undefined) sendPageFile(stream, method, file, numbers)
    else if (!(reading && sendBytes(stream, method, plainPath, numbers))) {
      sendText(stream, method, '404', 'Nothing here. Try /, /hello, /bytes/1000 or a POST to /echo.')
    }
    return true
  }
}

/** The same answer as `/hello`, from a function on `Request` and `Response`. */
export function fetchHello(): Response {
  return new Response('hello world', { headers: { 'content-type': 'text/plain', 'content-length': '11' } })
}
