import { readdirSync } from 'node:fs'

/** What is open and under way in this process, in words that can be compared: files, sockets, timers. */
export function handles(): string {
  const all = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) all.set(name, (all.get(name) ?? 0) + 1)
  // Our own output, and what is on its way out.
  for (const name of ['TTYWrap', 'PipeWrap', 'CloseReq', 'Immediate']) all.delete(name)
  return `${readdirSync('/proc/self/fd').length} files, ${[...all].map(([name, n]) => `${n} ${name}`).join(', ')}`
}
