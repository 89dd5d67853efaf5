import { describe, expect, test } from 'vitest'
import { Chance } from '../chance.ts'
import { disagreement, type Message, Talk } from './talk.ts'

/** Two talks whose messages pass through `change`, and stop after `limit` of them. */
function converse(limit: number, change: (messages: Message[]) => Message[] = (messages) => messages): [Talk, Talk] {
  const wires: [Message[], Message[]] = [[], []]
  const [one, other] = wires.map((wire, i) => {
    const chance = new Chance()
    chance.seed(1, i, 0)
    return new Talk(chance, { ahead: 4, largest: 100, blobs: false }, (message) => wire.push(message) > 0)
  }) as [Talk, Talk]
  one.fill()
  other.fill()
  for (let n = 0; n < limit && wires.some(({ length }) => length > 0); ) {
    for (const message of change(wires[0].splice(0))) if (n++ < limit) other.receive(message as string)
    for (const message of wires[1].splice(0)) if (n++ < limit) one.receive(message as string)
  }
  one.over(0)
  other.over(0)
  return [one, other]
}

describe('the soak of lost WebSockets sees', () => {
  test('no fault where there is none', () => {
    const [one, other] = converse(500)
    expect(one.acknowledged).toBeGreaterThan(50)
    expect([disagreement(one, other), disagreement(other, one)]).toEqual([undefined, undefined])
  })

  test.each<[string, (messages: Message[]) => Message[]]>([
    ['a message that is lost', (messages) => messages.slice(1)],
    ['a message that comes twice', (messages) => [...messages.slice(0, 1), ...messages]],
    ['messages that change places', (messages) => messages.reverse()],
    ['a message that is cut short of its number', (messages) => messages.map((message) => message.slice(1) as Message)],
  ])('%s', (_, change) => {
    const [one, other] = converse(60, change)
    expect(disagreement(other, one)).toMatch(/came where|is acknowledged where/)
  })

  test('a message that is reported as unsent and was delivered', () => {
    const [one, other] = converse(500)
    one.unsent = one.sent - other.received + 1
    expect(disagreement(one, other)).toMatch(/never left/)
  })

  test('an acknowledgement of what was not delivered, and an end that comes twice or not at all', () => {
    const [one, other] = converse(500)
    one.acknowledged = other.received + 1
    expect(disagreement(one, other)).toMatch(/acknowledged/)
    other.over(0)
    expect(disagreement(other, one)).toBe('2 ends')
  })
})
