import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChatRoom, type ChatSocket } from '../../src/demo/chat.ts'

/** A socket that keeps what it is sent. */
class Guest implements ChatSocket {
  readonly got: (string | Uint8Array)[] = []
  closed: number | undefined
  bufferedAmount = 0

  send(data: string | Uint8Array): void {
    this.got.push(data)
  }

  close(code?: number): void {
    this.closed = code
  }

  /** The JSON messages since the last call. */
  heard(): Record<string, unknown>[] {
    return this.got.splice(0).map((data) => JSON.parse(String(data)))
  }
}

const place = { version: '2', stream: 7, connection: 1, protocol: 'websocket' } as const
const say = (text: string) => JSON.stringify({ type: 'say', text })
const join = (name: string) => JSON.stringify({ type: 'join', name })

/** A room with one guest per name, who has heard all greetings; an empty name stays outside of the chat. */
function roomWith(...names: string[]) {
  const clock = { now: 0 }
  const room = new ChatRoom(() => clock.now)
  const guests = names.map((name) => {
    const guest = new Guest()
    room.enter(guest, place)
    if (name !== '') room.receive(guest, join(name))
    return guest
  })
  for (const guest of guests) guest.heard()
  return { room, clock, guests }
}

describe('chat: coming and going', () => {
  test('a socket is told its version of HTTP, stream, connection and protocol before anything else', () => {
    const room = new ChatRoom(() => 0)
    const guest = new Guest()
    room.enter(guest, place)
    expect(guest.heard()).toEqual([{ type: 'welcome', ...place }])
  })

  test('who joins is told so, and the others are', () => {
    const { room, guests } = roomWith('Ada', '')
    const [ada, grace] = guests
    room.receive(grace, join('  Grace\n Hopper '))
    expect(grace.heard()).toEqual([{ type: 'joined', name: 'Grace Hopper', members: 2 }])
    expect(ada.heard()).toEqual([{ type: 'arrived', name: 'Grace Hopper', members: 2 }])
  })

  test('who leaves is missed, unless nobody knew them', () => {
    const { room, guests } = roomWith('Ada', 'Grace', '')
    room.leave(guests[2])
    expect(guests[0].heard()).toEqual([])
    room.leave(guests[1])
    expect(guests[0].heard()).toEqual([{ type: 'left', name: 'Grace', members: 1 }])
    room.leave(guests[1])
    expect(guests[0].heard()).toEqual([])
  })

  test('nobody gets a name that is in use, in any case', () => {
    const { room, guests } = roomWith('Ada', '', '')
    room.receive(guests[1], join('ADA'))
    room.receive(guests[2], join('ada'))
    expect(guests[1].heard()[0]).toMatchObject({ type: 'joined', name: 'ADA 2' })
    expect(guests[2].heard()[0]).toMatchObject({ type: 'joined', name: 'ada 3' })
  })

  test.each([
    ['no name', { type: 'join' }, 'A name is text.'],
    ['a number for a name', { type: 'join', name: 7 }, 'A name is text.'],
    ['a name of blanks', { type: 'join', name: ' \u0000\u202e ' }, 'Please give a name.'],
  ])('%s is answered with a problem', (_what, message, reason) => {
    const { room, guests } = roomWith('')
    room.receive(guests[0], JSON.stringify(message))
    expect(guests[0].heard()).toEqual([{ type: 'problem', reason }])
    expect(room.members).toBe(0)
  })

  test('a long name is cut, between characters', () => {
    const { room, guests } = roomWith('')
    room.receive(guests[0], join('😀'.repeat(40)))
    expect(guests[0].heard()[0]).toMatchObject({ name: '😀'.repeat(24) })
  })

  test('nobody has two names', () => {
    const { room, guests } = roomWith('Ada')
    room.receive(guests[0], join('Grace'))
    expect(guests[0].heard()).toEqual([{ type: 'problem', reason: 'You are here already, as Ada.' }])
  })

  test('a full room stays closed', () => {
    const room = new ChatRoom(() => 0, { maxMembers: 1 })
    const [ada, grace] = [new Guest(), new Guest()]
    for (const guest of [ada, grace]) room.enter(guest, place)
    room.receive(ada, join('Ada'))
    grace.heard()
    room.receive(grace, join('Grace'))
    expect(grace.heard()).toEqual([{ type: 'problem', reason: 'The room is full.' }])
  })
})

describe('chat: talking', () => {
  test('what one says all hear, and only members do', () => {
    const { room, guests } = roomWith('Ada', 'Grace', '')
    room.receive(guests[0], say('hello <b>there</b>'))
    const said = { type: 'said', name: 'Ada', text: 'hello <b>there</b>' }
    expect(guests[0].heard()).toEqual([{ ...said, own: true }])
    expect(guests[1].heard()).toEqual([{ ...said, own: false }])
    expect(guests[2].heard()).toEqual([])
  })

  test('who has not joined is not heard', () => {
    const { room, guests } = roomWith('Ada', '')
    room.receive(guests[1], say('psst'))
    expect(guests[0].heard()).toEqual([])
    expect(guests[1].heard()).toEqual([{ type: 'problem', reason: 'Join first.' }])
  })

  test('a message longer than allowed is refused, an empty one is nothing', () => {
    const { room, guests } = roomWith('Ada', 'Grace')
    room.receive(guests[0], say('x'.repeat(501)))
    expect(guests[0].heard()).toEqual([{ type: 'problem', reason: 'A message has at most 500 characters.' }])
    room.receive(guests[0], say(' \u200e '))
    room.receive(guests[0], say('x'.repeat(500)))
    expect(guests[0].heard()).toHaveLength(1)
    expect(guests[1].heard()).toHaveLength(1)
  })

  test('who says too much at once has to wait, and only they', () => {
    const { room, clock, guests } = roomWith('Ada', 'Grace')
    for (let i = 0; i < 20; i++) room.receive(guests[0], say(`${i}`))
    const answers = guests[0].heard()
    expect(answers.filter(({ type }) => type === 'said')).toHaveLength(7)
    expect(answers.at(-1)).toEqual({ type: 'problem', reason: 'Not so fast, please.' })
    room.receive(guests[1], say('calm'))
    expect(guests[1].heard().at(-1)).toMatchObject({ text: 'calm' })
    clock.now += 500
    room.receive(guests[0], say('again'))
    room.receive(guests[0], say('and again'))
    expect(guests[0].heard().map(({ type, text }) => text ?? type)).toEqual(['calm', 'again', 'problem'])
  })

  test('a measuring message goes back as it came, whether joined or not', () => {
    const { room, guests } = roomWith('')
    const probe = Uint8Array.of(1, 2, 3)
    for (let i = 0; i < 50; i++) room.receive(guests[0], probe)
    expect(guests[0].got).toEqual(Array.from({ length: 50 }, () => probe))
  })

  test('who does not read is let go, and the others are told', () => {
    const { room, guests } = roomWith('Ada', 'Slow', 'Grace')
    guests[1].bufferedAmount = 2 ** 20 + 1
    room.receive(guests[0], say('hello'))
    expect(guests[1].closed).toBe(1008)
    expect(guests[1].got).toEqual([])
    expect(room.members).toBe(2)
    expect(guests[2].heard().map(({ type }) => type)).toEqual(['left', 'said'])
  })
})

describe('chat: whatever comes', () => {
  test.each(['', 'hello', '[]', 'null', '7', '"join"', '{', '{"type":{}}', '{"type":"__proto__"}', '{"__proto__":{}}'])(
    '%j is answered with a problem and harms nothing',
    (text) => {
      const { room, guests } = roomWith('Ada', 'Grace')
      room.receive(guests[0], text)
      expect(guests[0].heard()).toMatchObject([{ type: 'problem' }])
      expect(guests[1].heard()).toEqual([])
      room.receive(guests[0], say('still here'))
      expect(guests[1].heard()).toMatchObject([{ type: 'said' }])
    },
  )

  test('any sequence of messages leaves well-formed answers and a true count', () => {
    const message = fc.oneof(
      fc.record({ type: fc.constantFrom('join', 'say', 'leave'), name: fc.anything(), text: fc.anything() }),
      fc.record({ type: fc.constant('join'), name: fc.string({ unit: 'binary', maxLength: 40 }) }),
      fc.record({ type: fc.constant('say'), text: fc.string({ unit: 'binary', maxLength: 600 }) }),
    )
    const step = fc.record({ who: fc.nat(3), leaves: fc.boolean(), message })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { room, clock, guests } = roomWith('', '', '', '')
        const named = new Set<number>()
        for (const { who, leaves, message } of steps) {
          clock.now += 300
          if (leaves) {
            room.leave(guests[who])
            named.delete(who)
          } else room.receive(guests[who], JSON.stringify(message) ?? '')
          for (const [i, guest] of guests.entries()) {
            for (const heard of guest.heard()) {
              expect(heard.type).toMatch(/^(joined|arrived|left|said|problem)$/)
              if (heard.type === 'joined') named.add(i)
              for (const text of [heard.name ?? '', heard.text ?? '']) {
                expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e]/u)
              }
            }
          }
          expect(room.members).toBe(named.size)
        }
      }),
      { numRuns: 60 },
    )
  })
})
