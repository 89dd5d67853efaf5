/**
 * The web globals that only a runtime may reach for: clock, timers and chance come to all other layers as arguments.
 * Listed in the tsconfig of the runtimes without Node's types, and never imported or published.
 */

declare const performance: { now(): number }
declare const crypto: { getRandomValues<T extends ArrayBufferView>(array: T): T }
declare function setTimeout(callback: () => void, milliseconds: number): number
declare function clearTimeout(timer: number | undefined): void
