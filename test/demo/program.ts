import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../dist/demo.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The demo as people run it: the built program in a process of its own. */
export class Program {
  readonly #child: ChildProcessWithoutNullStreams
  #stdout = ''
  #stderr = ''
  readonly ended: Promise<Ended>

  constructor(...args: string[]) {
    this.#child = spawn(process.execPath, [program, ...args])
    this.#child.stdout.on('data', (piece: Buffer) => {
      this.#stdout += piece
    })
    this.#child.stderr.on('data', (piece: Buffer) => {
      this.#stderr += piece
    })
    this.ended = new Promise((done) => {
      this.#child.on('close', (code) => done({ code, stdout: this.#stdout, stderr: this.#stderr }))
    })
  }

  /** Resolves with what it has printed once that matches; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#stdout)
        if (match !== null) resolve(match)
        return match !== null
      }
      if (look()) return
      this.#child.stdout.on('data', look)
      this.ended.then(({ code, stderr }) => look() || reject(new Error(`the demo ended with ${code}: ${stderr}`)))
    })
  }

  /** The URL of its ready line. */
  async url(): Promise<string> {
    return (await this.printed(/^hyperduct demo on (https?:\/\/\S+\/)$/m))[1]
  }

  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(name)
  }
}
