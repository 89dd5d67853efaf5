import fc from 'fast-check'
import type { Endpoint } from './endpoint.ts'
import type { Talk, User } from './user.ts'
import type { Shape, Side, World } from './world.ts'

/** A step of the model: the world is its own model, since what is lawful is known from what was said so far. */
type Step = fc.Command<Play, Play>

export interface Play {
  readonly world: World
}

/** How many steps were taken in all, by kind. */
export const taken: Map<string, number> = new Map()

function step(
  name: string,
  text: () => string,
  isLawful: (world: World) => boolean,
  act: (world: World) => void,
): Step {
  return {
    check: ({ world }) => isLawful(world),
    run: ({ world }) => {
      taken.set(name, (taken.get(name) ?? 0) + 1)
      act(world)
      world.judge()
    },
    toString: text,
  }
}

/** Most commands go to one of the latest streams for which they are lawful, some to any; those that are over are among them. */
function pick(talks: readonly Talk[], nth: number, isLawful: (talk: Talk) => boolean): Talk | undefined {
  const among = (nth % 16 === 0 ? talks : talks.slice(-6)).filter(isLawful)
  return among[(nth >>> 4) % Math.max(1, among.length)]
}

const side = fc.constantFrom<Side>('client', 'server')
const nth = fc.nat(0xffff)
const chunk = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.constantFrom(0, 16_384, 16_385, 70_000) },
)
const bytes = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3000 }) },
  { weight: 5, arbitrary: fc.constant(100_000) },
)
const block = fc.oneof(
  { weight: 20, arbitrary: fc.nat(60) },
  { weight: 1, arbitrary: fc.constantFrom(4000, 16_500, 40_000) },
)
const sometimes = fc.nat(3).map((n) => n === 0)

/** A command on a stream that one side knows of. */
function onStream<A extends readonly unknown[]>(
  name: string,
  more: fc.Arbitrary<A>,
  isLawful: (user: User, talk: Talk, end: Endpoint) => boolean,
  act: (user: User, talk: Talk, more: A, end: Endpoint) => void,
): fc.Arbitrary<Step> {
  return fc.tuple(side, nth, more).map(([who, n, rest]) => {
    const find = (world: World): Talk | undefined =>
      pick(world[who].user.order, n, (talk) => isLawful(world[who].user, talk, world[who]))
    return step(
      name,
      () => `${who}.${name}(${[n, ...rest].join(', ')})`,
      (world) => find(world) !== undefined,
      (world) => act(world[who].user, find(world)!, rest, world[who]),
    )
  })
}

/** A command of one side to the connection. */
function onConnection(
  name: string,
  n: fc.Arbitrary<number>,
  act: (end: Endpoint, n: number, world: World, who: Side) => void,
  isLawful: (end: Endpoint) => boolean = () => true,
): fc.Arbitrary<Step> {
  return fc.tuple(side, n).map(([who, value]) =>
    step(
      name,
      () => `${who}.${name}(${value})`,
      (world) => isLawful(world[who]),
      (world) => act(world[who], value, world, who),
    ),
  )
}

const kinds = ['GET', 'POST', 'CONNECT'] as const
const open = fc.tuple(fc.nat(2), sometimes, block).map(([kind, end, size]) =>
  step(
    'open',
    () => `client.open(${kinds[kind]}, ${end}, ${size})`,
    ({ client }) => client.user.mayOpen && (kinds[kind] !== 'CONNECT' || client.extendedConnect),
    ({ client }) => client.user.open(kinds[kind]!, end, size),
  ),
)

const respond = onStream(
  'respond',
  fc.tuple(fc.constantFrom(103, 200, 200, 200, 404), sometimes, block),
  (user, talk) => user.mayRespond(talk),
  (user, talk, [status, end, size]) => user.respond(talk, status, end && status >= 200, size),
)
const write = onStream(
  'write',
  fc.tuple(chunk, sometimes),
  (user, talk) => user.mayWrite(talk),
  (user, talk, [size, end]) => user.write(talk, size, end),
)
const trailers = onStream(
  'trailers',
  fc.constant([] as const),
  (user, talk) => user.mayEndWithTrailers(talk),
  (user, talk) => user.trailers(talk),
)
const reset = onStream(
  'reset',
  fc.tuple(fc.constantFrom(0, 2, 8, 0x1234)),
  () => true,
  (user, talk, [code]) => user.reset(talk, code),
)
const consume = onStream(
  'consume',
  fc.tuple(fc.integer({ min: 1, max: 100 })),
  (_user, talk, end) => talk.unread > 0 && !end.isClosed,
  (user, talk, [percent]) => user.consume(talk, Math.ceil((talk.unread * percent) / 100)),
)
const prioritize = onStream(
  'prioritize',
  fc.tuple(fc.nat(7), fc.boolean(), fc.nat(3)),
  () => true,
  (_user, talk, [urgency, incremental, ahead], { connection }) => {
    // A client may speak of streams that it has not opened yet, three of them here, if they could be opened. RFC 9218 §7.1
    const { openStreams, peerSettings, role } = connection
    const isRoom = role === 'client' && talk.id % 2 === 1 && openStreams + 3 <= peerSettings.maxConcurrentStreams
    connection.prioritize(isRoom ? talk.id + 2 * ahead : talk.id, { urgency, incremental })
  },
)

const pull = onConnection('pull', fc.oneof(bytes, fc.constant(0)), (end, n, { now }) => void end.pull(n, now))
const deliver = onConnection('deliver', bytes, (_end, n, world, who) => void world.deliver(who, n))
const ping = onConnection(
  'ping',
  fc.constant(0),
  ({ connection, isClosed, user }, _n, { now }) => {
    const n = user.pings
    connection.ping(Uint8Array.of(1, 2, 3, 4, 5, 6, n >>> 8, n), now)
    if (!isClosed) user.pings++
  },
  ({ user }) => user.pings - user.pongs < 64,
)
const update = fc
  .tuple(
    side,
    fc.record(
      {
        initialWindowSize: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1000, 65_535, 100_000)),
        headerTableSize: fc.constantFrom(0, 60, 4096, 10_000),
        maxFrameSize: fc.constantFrom(16_384, 20_000, 0xff_ffff),
      },
      { requiredKeys: [] },
    ),
    fc.option(fc.constantFrom(0, 1, 2, 100), { nil: undefined }),
  )
  .map(([who, settings, streams]) => {
    const all = who === 'server' && streams !== undefined ? { ...settings, maxConcurrentStreams: streams } : settings
    return step(
      'update',
      () => `${who}.update(${JSON.stringify(all)})`,
      (world) => world[who].user.mayUpdate && Object.keys(all).length > 0,
      (world) => world[who].user.update(all),
    )
  })
const shutdown = onConnection('shutdown', fc.constant(0), (end, _n, { now }) => {
  end.connection.shutdown(now)
  end.draining = true
})
const goAway = onConnection('goAway', fc.constantFrom(0, 0, 2, 0xb), (end, code) => {
  if (!end.isClosed) end.aborted = true
  end.connection.goAway(code)
})
const advance = fc
  .oneof({ weight: 20, arbitrary: fc.nat(500) }, { weight: 3, arbitrary: fc.constantFrom(2500, 2500, 130_000) })
  .map((ms) =>
    step(
      'advance',
      () => `advance(${ms})`,
      () => true,
      (world) => world.advance(ms),
    ),
  )

const often = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary })
const ordinary = [
  often(9, open),
  often(12, respond),
  often(18, write),
  often(3, trailers),
  often(4, reset),
  often(14, consume),
  often(3, prioritize),
  often(20, pull),
  often(24, deliver),
  often(2, ping),
  often(2, update),
  often(4, advance),
]

const lastingStep = fc.oneof(...ordinary)
const anyStep = fc.oneof(...ordinary, { weight: 1, arbitrary: fc.oneof(often(3, shutdown), often(1, goAway)) })

/** Two of three connections go on until all is done. `length`: how many commands are taken on average, about. */
export const lifeOf = (length: number): fc.Arbitrary<Iterable<Step>> =>
  fc.oneof({ weight: 2, arbitrary: commands(lastingStep, length) }, { weight: 1, arbitrary: commands(anyStep, length) })

/** Up to so many are drawn that, without those that are not lawful, `length` are left on average. */
const commands = (one: fc.Arbitrary<Step>, length: number) =>
  fc.commands([one], { size: 'max', maxCommands: Math.ceil(length * 3.2) })

const window = fc.oneof(
  fc.integer({ min: 1, max: 60 }),
  fc.integer({ min: 1, max: 5000 }),
  fc.constant(65_535),
  fc.constant(100_000),
)
const sideShape = fc.record({
  streamWindow: window,
  connectionWindow: fc.constantFrom(65_535, 65_536, 150_000),
  sendHighWaterMark: fc.constantFrom(1, 500, 65_536),
})
export const shape: fc.Arbitrary<Shape> = fc.record({
  client: sideShape,
  server: sideShape,
  maxConcurrentStreams: fc.constantFrom(1, 3, 100),
  grows: fc.boolean(),
})
