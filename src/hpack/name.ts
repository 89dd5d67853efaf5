import { isCredential } from './credentials.ts'
import type { Kept } from './encoded-strings.ts'
import { defaultIndexingOfName, type Indexing } from './indexing.ts'
import { staticTable } from './static-table.ts'

/** An entry of either table, as the encoder finds it. */
export class IndexedEntry {
  readonly owner: Name
  readonly name: string
  readonly value: string
  /** That of the value; 0 in the static table. */
  readonly mark: number
  /** The entry was the n-th to be inserted; its place with a minus in the static table. */
  readonly ordinal: number
  /** How many sections had been encoded when it was inserted. */
  readonly section: number
  /** In how many sections on end, this one included, the name's new values went in and none was referred to since. */
  barren: number
  /** Its neighbours among the entries of that name in the dynamic table. */
  older: IndexedEntry | undefined = undefined
  newer: IndexedEntry | undefined = undefined

  constructor(owner: Name, value: string, mark: number, ordinal: number, section: number, barren: number) {
    this.owner = owner
    this.name = owner.text
    this.value = value
    this.mark = mark
    this.ordinal = ordinal
    this.section = section
    this.barren = barren
  }
}

/** What holds of a name on every connection. */
export class Name {
  readonly text: string
  /** Many connections use it. */
  readonly isShared: boolean
  /** Its number among the shared names that an entry was made for, in their order; 0 if there was none. */
  number = 0
  readonly staticEntries: readonly IndexedEntry[]
  /** The first place of the name in the static table, or 0. */
  readonly staticIndex: number
  /** What the default policy says of it; undefined where it depends on the value. */
  readonly indexing: Indexing | undefined
  readonly isCredential: boolean
  readonly isPath: boolean
  /** The name that came behind this one last, on whichever connection: most likely it does so again. */
  follower: Name | undefined = undefined
  /** Its literal, as it is written `when-shorter`, once it was. */
  literal: Uint8Array | undefined = undefined
  /** Its last value that the memory of all connections had: most likely it is the next one too. */
  recent: Kept | undefined = undefined

  /** The entries of one name stand side by side in the static table: `values` from `staticIndex` on. */
  constructor(text: string, isShared: boolean, staticIndex: number, values: readonly string[]) {
    this.text = text
    this.isShared = isShared
    this.staticIndex = staticIndex
    this.staticEntries = values.map((value, i) => new IndexedEntry(this, value, 0, -staticIndex - i, 0, 0))
    this.indexing = defaultIndexingOfName(text)
    this.isCredential = isCredential(text)
    this.isPath = text === ':path'
  }
}

/** How many names all connections share, those of the static table among them. */
const SHARED_NAMES = 128
/** A longer name is hardly one that many connections use. */
const LONGEST = 64

const none: readonly string[] = []
const names: Map<string, Name> = new Map()

for (let index = 1, next = 1; index < staticTable.length; index = next) {
  const { name } = staticTable[index]!
  while (staticTable[next]?.name === name) next++
  const values = staticTable.slice(index, next).map(({ value }) => value)
  names.set(name, new Name(name, true, index, values))
}

/** What stands before the first line of a section. */
const beginning: Name = new Name('', false, 0, none)

/** What is known of a name that stands behind `previous`: 3 ns if it did so the last time, where a lookup takes 19 ns. */
export function nameBehind(previous: Name | undefined, text: string): Name {
  const before = previous ?? beginning
  const { follower } = before
  if (follower !== undefined && follower.text === text) return follower
  const name = names.get(text) ?? newName(text)
  if (name.isShared) before.follower = name
  return name
}

/** The first names that come up are shared; when there are enough of them, each connection keeps its own. */
function newName(text: string): Name {
  if (names.size === SHARED_NAMES || text.length > LONGEST) return new Name(text, false, 0, none)
  const name = new Name(text, true, 0, none)
  names.set(text, name)
  return name
}
