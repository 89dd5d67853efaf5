import { describe, expect, it } from 'vitest'
import { decodeText, encodeText } from '../../src/runtime/node/text.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const lengths = [0, 1, 8191, 8192, 8193, 131_072, 200_000]
const last = { ASCII: '', 'two octets': 'ä', 'a surrogate pair': '😀', 'half a surrogate pair': '\ud800', NUL: '\0' }

describe('text', () => {
  it.each(Object.entries(last))(
    'RFC 6455 §5.6: of any length is encoded as TextEncoder does, with %s at its end',
    (_, end) => {
      for (const length of lengths) {
        const text = 'x'.repeat(length) + end
        const bytes = encodeText(text)
        expect(Buffer.compare(bytes, encoder.encode(text))).toBe(0)
        // Whoever is given the bytes may transfer or keep them: nothing else lies in their memory.
        if (length > 0) expect(bytes.buffer.byteLength).toBe(bytes.length)
        expect(bytes.constructor).toBe(Uint8Array)
      }
    },
  )

  it.each(Object.entries(last))(
    'RFC 6455 §5.6: of any length is decoded as TextDecoder does, with %s at its end',
    (_, end) => {
      for (const length of lengths) {
        for (const mark of ['', '\ufeff']) {
          const whole = encoder.encode(`#${mark}${'x'.repeat(length)}${end}#`)
          const bytes = whole.subarray(1, whole.length - 1)
          expect(decodeText(bytes)).toBe(decoder.decode(bytes))
        }
      }
    },
  )
})
