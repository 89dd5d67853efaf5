import { type ChildProcess, spawn } from 'node:child_process'

/** What a program left behind when it ended. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** A program that keeps running beside the test until it is stopped. */
export interface Running {
  readonly pid: number
  /** All it has written so far, both streams in the order they arrived. */
  output(): string
  /** Resolves with the match as soon as the output has it; rejects when the program ends first or time is up. */
  waitFor(pattern: RegExp, milliseconds?: number): Promise<RegExpExecArray>
  /** Sends the signal to the program alone, as a terminal's Ctrl-C would, and waits for its end. */
  interrupt(signal?: NodeJS.Signals): Promise<Finished>
  /** Ends the program and everything it started; resolves when they are gone. */
  stop(): Promise<void>
}

// Each program leads a process group of its own, so that one signal reaches its children (a browser has dozens).
const groups = new Set<number>()
process.on('exit', () => {
  for (const pid of groups) killGroup(pid, 'SIGKILL')
})

/** False when the group has no process left. */
function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

export interface SpawnOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

function spawnGroup(command: string, args: readonly string[], options: SpawnOptions, stdin: 'pipe' | 'ignore') {
  const child = spawn(command, args, { ...options, detached: true, stdio: [stdin, 'pipe', 'pipe'] })
  if (child.pid !== undefined) groups.add(child.pid)
  return child
}

/** Resolves when the program and its pipes are closed; rejects when it could not be started at all. */
function ended(child: ChildProcess, stdout: Buffer[], stderr: Buffer[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (child.pid !== undefined && !killGroup(child.pid, 0)) groups.delete(child.pid)
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    })
  })
}

/** Runs a program to its end, with `input` as its standard input, and kills it after `milliseconds`. */
export async function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly input?: Uint8Array; readonly milliseconds?: number } = {},
): Promise<Finished> {
  const { input, milliseconds = 60_000, ...rest } = options
  const child = spawnGroup(command, args, rest, input === undefined ? 'ignore' : 'pipe')
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A program that ends before it has read everything breaks the pipe; its exit code says what went wrong.
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const timer = setTimeout(() => killGroup(child.pid ?? 0, 'SIGKILL'), milliseconds)
  try {
    return await ended(child, stdout, stderr)
  } finally {
    clearTimeout(timer)
  }
}

/** Starts a program that is to run beside the test. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const child = spawnGroup(command, args, options, 'ignore')
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  let text = ''
  const listeners = new Set<() => void>()
  const hear = (sink: Buffer[]) => (chunk: Buffer) => {
    sink.push(chunk)
    text += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout?.on('data', hear(stdout))
  child.stderr?.on('data', hear(stderr))
  const end = ended(child, stdout, stderr)
  // Whoever waits learns of a failed start; nobody waiting must not be an unhandled rejection.
  end.catch(() => {})
  const pid = child.pid ?? 0
  const name = [command, ...args].join(' ')

  return {
    pid,
    output: () => text,
    waitFor: (pattern, milliseconds = 15_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text)
          if (match) settle(() => resolve(match))
        }
        const fail = (why: string) => settle(() => reject(new Error(`${name}: ${why}\n${text}`)))
        const timer = setTimeout(() => fail(`no ${pattern} within ${milliseconds} ms`), milliseconds)
        const settle = (finish: () => void) => {
          clearTimeout(timer)
          listeners.delete(look)
          finish()
        }
        listeners.add(look)
        end.then(
          (finished) => fail(`ended with ${finished.code ?? finished.signal} before ${pattern}`),
          (error: unknown) => fail(String(error)),
        )
        look()
      }),
    interrupt: async (signal = 'SIGINT') => {
      child.kill(signal)
      return await end
    },
    stop: async () => {
      if (pid === 0) return
      killGroup(pid, 'SIGTERM')
      const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), 2_000)
      await end
      clearTimeout(timer)
      // Children may outlive their parent: they share its group.
      killGroup(pid, 'SIGKILL')
      groups.delete(pid)
    },
  }
}
