import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { sha1 } from '../../src/runtime/web/sha1.ts'

it('FIPS 180-4 §6.1: SHA-1 of any number of octets around one, two and three blocks is that of OpenSSL', () => {
  for (let length = 0; length <= 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 167 + length) & 0xff)
    expect(Buffer.from(sha1(message)).toString('hex')).toBe(createHash('sha1').update(message).digest('hex'))
  }
})

it('a view is hashed as what it shows, and left as it was', () => {
  const bytes = new Uint8Array(100).fill(7)
  const view = bytes.subarray(20, 50)
  expect(Buffer.from(sha1(view))).toEqual(createHash('sha1').update(view).digest())
  expect(bytes).toEqual(new Uint8Array(100).fill(7))
})
