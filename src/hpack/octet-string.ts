import { latin1Decode } from '../bytes/index.ts'

const { fromCharCode } = String
export function octetString(b: Uint8Array, at: number, end: number): string {
  if (end - at > 64) return latin1Decode(b, at, end)
  let text = ''
  for (; at + 8 <= end; at += 8)
    text += fromCharCode(b[at]!, b[at + 1]!, b[at + 2]!, b[at + 3]!, b[at + 4]!, b[at + 5]!, b[at + 6]!, b[at + 7]!)
  for (; at < end; at++) text += fromCharCode(b[at]!)
  return text
}
