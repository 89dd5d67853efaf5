import type { ServerStream } from '../../src/session/index.ts'
import { rawPair } from './closed-pair.ts'
import { type Pair, text } from './pair.ts'

/** A client, and a server that is driven by hand. */
export function driven(onStream: (stream: ServerStream) => void): Pair {
  const errors: unknown[] = []
  return { ...rawPair(onStream, errors), errors }
}

export const ok = [{ name: ':status', value: '200' }]

/** Answers 200 with an empty body and keeps what the request was. */
export function recorder(): { both: Pair; seen: { fields: Record<string, string>; body: string }[] } {
  const seen: { fields: Record<string, string>; body: string }[] = []
  const both = driven(async (stream) => {
    const fields = Object.fromEntries(stream.fields.map(({ name, value }) => [name, value]))
    let body = ''
    if (!stream.inputEnded) for await (const chunk of stream) body += text(chunk)
    seen.push({ fields, body })
    stream.respond(ok, { endStream: true })
  })
  return { both, seen }
}
