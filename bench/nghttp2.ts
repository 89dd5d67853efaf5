import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ByteWriter, concat } from '../src/bytes/index.ts'
import type { Section } from './corpus/field-sections.ts'
import type { Outcome, Pass } from './measure.ts'

const source = resolve('bench/nghttp2-hpack.c')
const program = resolve('dist/run/nghttp2-hpack')

/** Compiles the program if it is not there or older than its source; says why it can't be had, or nothing. */
export function buildNghttp2(): string | undefined {
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return undefined
  mkdirSync(resolve(program, '..'), { recursive: true })
  // By the name of its interface version, which Debian installs without the packages for developers.
  const { status, error, stderr } = spawnSync('gcc', ['-O2', source, '-o', program, '-l:libnghttp2.so.14'], {
    encoding: 'utf8',
  })
  if (error !== undefined) return 'libnghttp2 is left out: gcc is not installed'
  return status === 0 ? undefined : `libnghttp2 is left out: ${stderr.trim().split('\n').at(-1)}`
}

function u32(n: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, n, true)
  return bytes
}

/** A list of field blocks in the form that the program reads. */
export function blocksFile(blocks: readonly Uint8Array[]): Uint8Array {
  return concat([u32(blocks.length), ...blocks.flatMap((block) => [u32(block.length), block])])
}

/** A list of field sections in the form that the program reads. */
export function sectionsFile(sections: readonly Section[]): Uint8Array {
  const writer = new ByteWriter()
  writer.write(u32(sections.length))
  for (const fields of sections) {
    writer.write(u32(fields.length * 2))
    for (const text of fields.flatMap(({ name, value }) => [name, value])) {
      writer.write(u32(text.length))
      writer.latin1(text)
    }
  }
  return writer.take()
}

/** The other side of a comparison: a run of the program, which times itself. */
export function nghttp2Side(
  what: 'decode' | 'encode',
  table: 'cold' | 'warm',
  input: Uint8Array,
): Pass & { octets(): number } {
  const folder = mkdtempSync(join(tmpdir(), 'hyperduct-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'input')
  writeFileSync(file, input)
  const run = (milliseconds: number): number[] => {
    const child = spawnSync(program, [what, table, file, String(milliseconds)], { encoding: 'utf8' })
    if (child.status !== 0) throw new Error(`nghttp2-hpack: ${child.stderr}`)
    return child.stdout.trim().split(' ').map(Number)
  }
  // What Node does for its first program makes V8 drop compiled code: better now than when the other sides are warm.
  run(0.001)
  const pass = (): Outcome => {
    const [passes = 0, seconds = 0, , checksum = 0] = run(40)
    return { passes, seconds, checksum }
  }
  return Object.assign(pass, { octets: () => run(0.001)[2] ?? 0 })
}
