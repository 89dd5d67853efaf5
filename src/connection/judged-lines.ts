import type { FieldInput } from '../hpack/index.ts'
import { lineKind, nameKind } from './field-syntax.ts'

/** So many lines of a section are remembered. */
const MAX_LINES = 32
/** A longer value is not kept alive for that. */
const LONGEST = 256

class Line {
  name: string
  ofName: number
  value: string
  kind: number

  constructor(name: string, ofName: number, value: string, kind: number) {
    this.name = name
    this.ofName = ofName
    this.value = value
    this.kind = kind
  }
}

/**
 * What was judged of the lines that we sent last, by their place. The messages of one side resemble each other: most lines
 * are, string for string, what stood there before, and of the others the name is. Measured: 7 ns a line, where judging it
 * takes 30 ns and more.
 */
export class JudgedLines {
  readonly #lines: Line[] = []

  /** The `FieldKind` of a line that stands at `place` in its section. */
  kindOf({ name, value }: FieldInput, place: number): number {
    const line = this.#lines[place]
    if (line === undefined || line.name !== name) return this.#judge(name, value, place)
    if (line.value === value) return line.kind
    const kind = lineKind(line.ofName, value)
    if (value.length <= LONGEST) {
      line.value = value
      line.kind = kind
    }
    return kind
  }

  #judge(name: string, value: string, place: number): number {
    const ofName = nameKind(name)
    const kind = lineKind(ofName, value)
    if (name.length <= LONGEST && value.length <= LONGEST && place <= this.#lines.length && place < MAX_LINES) {
      this.#lines[place] = new Line(name, ofName, value, kind)
    }
    return kind
  }
}
