import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { messageEvent } from '../../src/api/socket/message-event.ts'

const origin = 'wss://example.test'

/** Node's class has it from Node 22 on; in the types of the tests it stands everywhere. */
type Initialised = MessageEvent & { initMessageEvent?: (type: string, ...rest: unknown[]) => void }
const make = (data: unknown): Initialised => messageEvent(data, origin) as Initialised

/** The module as it is where `MessageEvent` is `value`. */
async function moduleWith(value: unknown): Promise<typeof messageEvent> {
  vi.stubGlobal('MessageEvent', value)
  vi.resetModules()
  return (await import('../../src/api/socket/message-event.ts')).messageEvent
}

afterEach(() => vi.unstubAllGlobals())

describe('the event of a message', () => {
  it("HTML Standard §9.1: is one of the runtime's, with the same answers", () => {
    const event = make('x')
    const native = new MessageEvent('message', { data: 'x', origin })
    expect(event).toBeInstanceOf(MessageEvent)
    expect(event).toBeInstanceOf(Event)
    expect(event.constructor).toBe(MessageEvent)
    expect(Object.prototype.toString.call(event)).toBe(Object.prototype.toString.call(native))
    const names: string[] = []
    for (const name in native) names.push(name)
    expect(names).toContain('ports')
    const ownNames: string[] = []
    for (const name in event) ownNames.push(name)
    expect(ownNames.sort()).toEqual(names.sort())
    for (const name of names) {
      if (name === 'timeStamp' || name.startsWith('init')) continue
      expect([name, event[name as 'data']]).toEqual([name, native[name as 'data']])
    }
    expect(Object.isFrozen(event.ports)).toBe(true)
    expect(inspect(event).split('timeStamp')[0]).toBe(inspect(native).split('timeStamp')[0])
  })

  it('DOM Standard §2.9: can be dispatched once more, on another target', () => {
    const event = make(new ArrayBuffer(3))
    const targets = [new EventTarget(), new EventTarget()]
    const heard: unknown[] = []
    for (const target of targets) {
      target.addEventListener('message', (got) => heard.push(got, got.target, got.eventPhase))
      target.dispatchEvent(event)
    }
    expect(heard).toEqual([event, targets[0], 2, event, targets[1], 2])
    expect(event.eventPhase).toBe(0)
  })

  it("is without `initMessageEvent` where the runtime's is", async () => {
    class Bare extends Event {}
    const own = (await moduleWith(Bare))('x', origin) as Initialised
    expect(own).toBeInstanceOf(Bare)
    expect('initMessageEvent' in own).toBe(false)
    expect(own.data).toBe('x')
  })

  it('HTML Standard §9.1: `initMessageEvent` sets everything anew, but not while the event is dispatched', async () => {
    class Full extends Event {
      initMessageEvent(): void {}
    }
    const own = (await moduleWith(Full))('x', origin) as Initialised
    const target = new EventTarget()
    target.addEventListener('message', () => own.initMessageEvent!('other', true, true, 'y'))
    target.dispatchEvent(own)
    expect([own.type, own.bubbles, own.data, own.origin]).toEqual(['message', false, 'x', origin])
    own.initMessageEvent!('other', true, true, 'y', 'o', 'id', target, [target])
    expect([own.type, own.bubbles, own.cancelable]).toEqual(['other', true, true])
    expect([own.data, own.origin, own.lastEventId, own.source, own.ports]).toEqual(['y', 'o', 'id', target, [target]])
    expect(Object.isFrozen(own.ports)).toBe(true)
    own.initMessageEvent!('third')
    expect([own.type, own.bubbles, own.cancelable]).toEqual(['third', false, false])
    expect([own.data, own.origin, own.lastEventId, own.source, own.ports]).toEqual([null, '', '', null, []])
  })

  it("answers null for what only one runtime's events have", async () => {
    class Inventive extends Event {
      get userActivation(): never {
        throw new TypeError('not one of mine')
      }
    }
    const own = (await moduleWith(Inventive))('x', origin)
    expect((own as Event & { userActivation: unknown }).userActivation).toBeNull()
  })

  it('is an event all the same where the runtime has no class for it', async () => {
    const own = (await moduleWith(undefined))('x', origin) as Initialised
    expect(own).toBeInstanceOf(Event)
    expect([own.type, own.data, own.origin]).toEqual(['message', 'x', origin])
    expect([own.lastEventId, own.source, own.ports]).toEqual(['', null, []])
  })
})
