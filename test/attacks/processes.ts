import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'

/** A program beside this one, which ends when this one does. */
export interface Program {
  readonly pid: number
  readonly child: ChildProcess
  /** The first line that matches; rejects when the program ends without. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  stop(): Promise<void>
}

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** `command` is the Node that runs this one when absent. */
export function startProgram(args: readonly string[], command: string = process.execPath): Program {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.add(child)
  const ended = once(child, 'exit').then(() => children.delete(child))
  const lines: Interface = createInterface({ input: child.stdout })
  return {
    pid: child.pid ?? 0,
    child,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string) => {
          const match = pattern.exec(line)
          if (match === null) return
          lines.off('line', look)
          resolve(match)
        }
        lines.on('line', look)
        void ended.then(() => reject(new Error(`${args.join(' ')} ended without ${pattern}`)))
      }),
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Seconds of processor time used so far. The kernel counts hundredths. */
export function processorTime(pid: number): number {
  const numbers = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(numbers[11]) + Number(numbers[12])) / 100
}

/** MiB that the program has in memory, and had at its peak since `forgetPeak`. */
export function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
  return { now: of('VmRSS'), peak: of('VmHWM') }
}

/** The peak starts anew at what is in memory now. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
