import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../src/demo/certificate.ts'
import { Dialer, HandshakeError } from '../../src/runtime/node/index.ts'
import { DialedServer } from './support/dialed-server.ts'
import { situations } from './support/situations.ts'

/** docs/fallback.md, row by row, over real sockets: what is played is what the page says, and nothing is left out. */

const page = readFileSync(new URL('../../docs/fallback.md', import.meta.url), 'utf8')

interface Row {
  readonly situation: string
  readonly tried: readonly string[]
  readonly end: string
}

const rows: readonly Row[] = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| situation'))
  .map((line) => {
    const [situation = '', tried = '', end = ''] = line.slice(2).split(' | ')
    return { situation, tried: tried.split(' → '), end }
  })

let certificate: Awaited<ReturnType<typeof makeCertificate>>
const cleanup: (() => unknown)[] = []

beforeAll(async () => {
  certificate = await makeCertificate('localhost')
})

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo()
})

describe('docs/fallback.md', () => {
  test('has a row for every situation, and no other', () => {
    expect(rows.map(({ situation }) => situation).sort()).toEqual(situations.map(({ name }) => name).sort())
  })

  test.each(rows)('$situation: $end', async ({ situation, tried, end }) => {
    const { server: script, client, before, after } = situations.find(({ name }) => name === situation)!
    const server = await DialedServer.start(certificate, script)
    const dialer = new Dialer({
      defaults: { tls: { ca: certificate.ca }, settingsTimeout: 5000, timeout: 10_000, ...client },
    })
    cleanup.push(
      () => server.close(),
      () => dialer.close({ drain: 0 }),
    )
    if (before !== undefined) {
      const first = await dialer.dial(server.url, before)
      const closed = new Promise((resolve) => {
        first.onclose = resolve
      })
      first.close()
      await closed
      server.nextTime()
    }
    const url = script?.port === undefined ? server.url : `wss://localhost:${script.port}/`
    const dialing = dialer.dial(url, after?.(server))
    const outcome = await dialing.catch((error: unknown) => error)
    if (outcome instanceof HandshakeError) {
      expect(`${outcome.reason}: ${outcome.message}`).toMatch(new RegExp(`^${end}: `))
      expect(outcome.attempts.map(({ version }) => version)).toEqual(tried)
      for (const attempt of outcome.attempts) expect(attempt.milliseconds).toBeGreaterThanOrEqual(0)
    } else {
      expect({ end: outcome instanceof Error ? outcome : 'open' }).toEqual({ end })
      expect(server.tried).toEqual(tried)
      await expect(server.echoes(outcome as Parameters<typeof server.echoes>[0])).resolves.toBe('hello')
    }
  })
})
