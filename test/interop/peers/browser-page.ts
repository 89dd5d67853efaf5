import type { Page } from 'puppeteer-core'
import type { Exchange } from '../support/exchange.ts'
import { binaryOf, closing, messages, textOf } from '../support/payloads.ts'

// The functions handed to `evaluate` travel as their own source: they see their arguments and the page's globals only.

/** The whole run of messages on one WebSocket of the page, with the browser's own class. */
export async function exchangeInPage(page: Page, path: string): Promise<Exchange> {
  const generators = `const binaryOf = ${binaryOf}; const textOf = ${textOf};`
  return await page.evaluate(runInPage, { path, messages: [...messages], closing, generators })
}

interface PageRun {
  path: string
  messages: { kind: string; length: number }[]
  closing: { code: number; reason: string }
  generators: string
}

async function runInPage({ path, messages, closing, generators }: PageRun): Promise<Exchange> {
  const { binaryOf, textOf } = new Function(`${generators} return { binaryOf, textOf }`)()
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${path}`)
  socket.binaryType = 'arraybuffer'
  const closed = new Promise<CloseEvent>((resolve) => {
    socket.onclose = resolve
  })
  const early = closed.then((event): never => {
    throw new Error(`closed with ${event.code} '${event.reason}' where the run was not over`)
  })
  early.catch(() => {})
  await Promise.race([
    early,
    new Promise((resolve) => {
      socket.onopen = resolve
    }),
  ])
  const echoes: { kind: string; length: number; exact: boolean }[] = []
  for (const { kind, length } of messages) {
    const sent: string | Uint8Array = kind === 'text' ? textOf(length) : binaryOf(length)
    const echo = new Promise<string | ArrayBuffer>((resolve) => {
      socket.onmessage = (event) => resolve(event.data)
    })
    socket.send(sent as string)
    const got = await Promise.race([early, echo])
    const bytes = typeof got === 'string' ? new TextEncoder().encode(got) : new Uint8Array(got)
    const same = typeof sent === 'string' ? got === sent : bytes.every((byte, i) => byte === sent[i])
    const exact = same && bytes.length === length
    echoes.push({ kind: typeof got === 'string' ? 'text' : 'binary', length: bytes.length, exact })
  }
  socket.close(closing.code, closing.reason)
  const { code, reason, wasClean } = await closed
  return { echoes, close: { code, reason, clean: wasClean } }
}

/** What a WebSocket of the page agrees on with the server. RFC 7692 §5. */
export async function extensionsInPage(page: Page, path: string): Promise<string> {
  return await page.evaluate(async (to: string) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${to}`)
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`))
    })
    const { extensions } = socket
    socket.close()
    return extensions
  }, path)
}

/** The first message of the chat, parsed: it names the stream and the connection that the server sees. */
export async function welcomeInPage(
  page: Page,
  path: string,
): Promise<{ version: string; stream: number; connection: number }> {
  return await page.evaluate(async (to: string) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${to}`)
    const first = await new Promise<string>((resolve, reject) => {
      socket.onmessage = (event) => resolve(event.data)
      socket.onclose = (event) => reject(new Error(`closed with ${event.code}`))
    })
    socket.close()
    return JSON.parse(first)
  }, path)
}

/** The sentence in which the page sums up what the browser did, once none of its sockets is opening any more. */
export async function verdictOfPage(page: Page): Promise<string> {
  await page.waitForFunction(
    () =>
      document.getElementById('verdict')?.dataset.mood?.match(/good|fair|bad/) &&
      document.querySelectorAll('[data-state=open]').length >= 4,
  )
  return await page.evaluate(() => document.getElementById('verdict')?.textContent ?? '')
}

/** What the browser says brought the page: `h2` for HTTP/2. */
export async function protocolOfPage(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    return navigation?.nextHopProtocol ?? ''
  })
}

/** How the browser closes a WebSocket whose opening was refused, or that the page abandons at once. */
export async function closeEventOf(page: Page, path: string): Promise<{ code: number; wasClean: boolean }> {
  return await page.evaluate(async (to: string) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${to}`)
    const { code, wasClean } = await new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve
    })
    return { code, wasClean }
  }, path)
}
