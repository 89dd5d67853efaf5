import { beforeAll, describe, expect, test } from 'vitest'

/** The page's modules are plain JavaScript for browsers; this one needs none, so it is tested as it is served. */
interface Stats {
  REMEMBERED: number
  RoundTrips: new () => {
    add(milliseconds: number): void
    readonly count: number
    readonly values: number[]
    readonly most: number
    readonly median: number | undefined
  }
  scaleFor(value: number): number
  formatMilliseconds(value: number | undefined): string
  formatBytes(value: number): string
  verdict(
    protocol: string,
    page: number | undefined,
    sockets: number[],
    others: { opening: number; ended: number; upgraded?: number; secure?: boolean },
  ): { mood: string; text: string }
}

const none = { opening: 0, ended: 0 }
let stats: Stats

beforeAll(async () => {
  stats = await import(new URL('../../src/demo/page/stats.js', import.meta.url).href)
})

describe('page: round trips', () => {
  test('the newest are remembered, all are counted', () => {
    const trips = new stats.RoundTrips()
    for (let i = 0; i < stats.REMEMBERED + 5; i++) trips.add(i)
    expect(trips.count).toBe(stats.REMEMBERED + 5)
    expect(trips.values).toHaveLength(stats.REMEMBERED)
    expect(trips.values[0]).toBe(5)
  })

  test('one hiccup moves neither the median nor the scale', () => {
    const trips = new stats.RoundTrips()
    expect(trips.median).toBeUndefined()
    expect(trips.most).toBe(0)
    for (let i = 0; i < 19; i++) trips.add(1)
    trips.add(900)
    expect(trips.median).toBe(1)
    expect(trips.most).toBe(1)
  })

  test('the median of an even number lies between the middle two', () => {
    const trips = new stats.RoundTrips()
    for (const value of [4, 1, 3, 2]) trips.add(value)
    expect(trips.median).toBe(2.5)
    expect(trips.values).toEqual([4, 1, 3, 2])
  })

  test.each([
    [0, 1],
    [1, 1],
    [1.1, 2],
    [4, 5],
    [5.1, 10],
    [11, 20],
    [730, 1000],
  ])('%d ms fits a scale of %d ms', (value, scale) => {
    expect(stats.scaleFor(value)).toBe(scale)
  })

  test('figures have as many digits as mean something', () => {
    expect([undefined, 0.42, 12.6].map(stats.formatMilliseconds)).toEqual(['–', '0.4 ms', '13 ms'])
    expect([16, 2048, 1536, 8_000_000].map(stats.formatBytes)).toEqual(['16 B', '2 KiB', '1.5 KiB', '7.6 MiB'])
  })
})

describe('page: what it says', () => {
  test('RFC 8441 §4: all on the connection of the page is what it hopes for', () => {
    const { mood, text } = stats.verdict('h2', 1, [1, 1, 1], none)
    expect(mood).toBe('good')
    expect(text).toBe('All 3 WebSockets travel on connection 1, the one that brought this page.')
    expect(stats.verdict('h2', 4, [4], none).text).toMatch(/^The WebSocket travels on connection 4,/)
  })

  test('sockets that wait for a free stream are not counted as travelling', () => {
    const { mood, text } = stats.verdict('h2', 1, [1, 1], { opening: 2, ended: 0 })
    expect(mood).toBe('wait')
    expect(text).toBe('2 of 4 WebSockets are open on connection 1, the others wait for a free stream.')
  })

  test('HTTP/1.1 is said plainly', () => {
    const { mood, text } = stats.verdict('http/1.1', 1, [1, 2], none)
    expect(mood).toBe('bad')
    expect(text).toMatch(
      /^This page came over HTTP\/1.1, not HTTP\/2: its WebSockets have a connection each\. Browsers/,
    )
    expect(stats.verdict('http/1.1', 1, [1, 2], { ...none, secure: true }).text).toMatch(/told not to ask for it/)
  })

  test('WebSockets over HTTP/1.1 beside a page over HTTP/2 are said plainly', () => {
    const { mood, text } = stats.verdict('h2', 1, [2, 3], { ...none, upgraded: 2 })
    expect(mood).toBe('fair')
    expect(text).toMatch(
      /^This page came over HTTP\/2, its WebSockets over HTTP\/1\.1, with a connection each: .*RFC 8441/,
    )
    expect(stats.verdict('h2', 1, [1, 3], { ...none, upgraded: 1 }).text).toMatch(/, 1 of its WebSockets over/)
  })

  test('several connections are named', () => {
    const { mood, text } = stats.verdict('h2', 1, [3, 2, 2], none)
    expect(mood).toBe('fair')
    expect(text).toBe('The WebSockets travel on connections 2, 3; the page came on connection 1.')
  })

  test('a browser without WebSockets over HTTP/2 is told from one that is still opening', () => {
    expect(stats.verdict('h2', 1, [], { opening: 1, ended: 0 }).mood).toBe('wait')
    const { mood, text } = stats.verdict('h2', 1, [], none)
    expect(mood).toBe('bad')
    expect(text).toMatch(/RFC 8441/)
  })

  test('sockets that were open once were not refused', () => {
    expect(stats.verdict('h2', 1, [], { opening: 0, ended: 4 }).text).toMatch(/^All WebSockets are closed/)
  })
})
