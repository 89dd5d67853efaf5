import { afterEach } from 'vitest'
import * as made from './pair.ts'

/** `pair` and `rawPair`, whose both ends are closed after the test that made them. */

let open: Pick<made.Pair, 'client' | 'server'>[] = []

afterEach(() => {
  for (const { client, server } of open) {
    client.abort()
    server.abort()
  }
  open = []
})

function closed<T extends (typeof open)[number]>(both: T): T {
  open.push(both)
  return both
}

export const pair: typeof made.pair = (...args) => closed(made.pair(...args))
export const rawPair: typeof made.rawPair = (...args) => closed(made.rawPair(...args))
