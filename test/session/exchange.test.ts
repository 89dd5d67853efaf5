import { describe, expect, it } from 'vitest'
import { bytes, get, OK, post, readText, sessionPair } from './support/pair.ts'

describe('one request and its response', () => {
  it('RFC 9113 §8.1: a response with fields, body and end arrives whole', async () => {
    const { client } = sessionPair((stream) => {
      stream.respond([...OK, { name: 'x', value: '1' }])
      stream.end(bytes('hello'))
    })
    const stream = await client.request(get('/a'), { endStream: true })
    const fields = await stream.response()
    expect(fields.map(({ name, value }) => [name, value])).toEqual([
      [':status', '200'],
      ['x', '1'],
    ])
    expect(await readText(stream)).toBe('hello')
    await client.close()
    expect(client.error).toBeUndefined()
    expect(client.state).toBe('closed')
  })

  it('RFC 9113 §8.1: a body goes both ways while both sides are open', async () => {
    const { client, server } = sessionPair((stream) => {
      stream.respond(OK)
      stream.onData = (data, endStream) => (endStream ? stream.end(data.slice()) : void stream.write(data.slice()))
    })
    const stream = await client.request(post())
    stream.write(bytes('one '))
    await stream.response()
    stream.write(bytes('two '))
    stream.end(bytes('three'))
    expect(await readText(stream)).toBe('one two three')
    expect(server.streamCount).toBe(0)
    await client.close()
  })
})
