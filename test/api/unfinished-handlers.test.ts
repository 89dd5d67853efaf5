import { expect, it } from 'vitest'
import { fetchHandler, router } from '../../src/api/index.ts'
import { ErrorCode } from '../../src/errors/index.ts'
import type { ServerStream } from '../../src/session/index.ts'
import { settle } from '../session/support/fake-clock.ts'
import { get, sessionPair } from '../session/support/pair.ts'

/** Two kinds of handlers whose work goes on until their promise is resolved. */
const kinds: [string, (promise: () => Promise<Response>) => (stream: ServerStream) => void][] = [
  ['fetch handlers', (promise) => fetchHandler(promise, { onError: () => {} })],
  ['onStream functions of the router', (promise) => router({ onStream: promise, onError: () => {} })],
]

it.each(kinds)(
  'RFC 9113 §10.5: %s of cancelled requests count until their promise is resolved',
  async (_, handling) => {
    const answers: ((response: Response) => void)[] = []
    const handler = handling(() => new Promise((resolve) => void answers.push(resolve)))
    const { client } = sessionPair(handler, {
      server: { limits: { maxConcurrentStreams: 1, maxUnfinishedHandlers: 4 } },
    })
    await client.ready()
    /** Asks and cancels; true when the request came to a handler. */
    const ask = async (): Promise<boolean> => {
      const stream = await client.request(get(), { endStream: true })
      let code: number | undefined
      stream.onReset = (error) => {
        code = error.code
      }
      await settle()
      stream.reset()
      await settle()
      return code !== ErrorCode.REFUSED_STREAM
    }
    const served: boolean[] = []
    for (let i = 0; i < 7; i++) served.push(await ask())
    expect(served).toEqual([true, true, true, true, true, false, false])
    for (const answer of answers) answer(new Response('late'))
    await settle()
    expect(await ask()).toBe(true)
  },
)
