import { DynamicTable } from './dynamic-table.ts'
import { defaultIndexingOfName, type Indexing } from './indexing.ts'
import { STATIC_LENGTH, staticTable } from './static-table.ts'

/** An entry of either table, as the encoder finds it. */
export class IndexedEntry {
  readonly name: string
  readonly value: string
  /** Its place in the static table, or 0. */
  readonly staticIndex: number
  /** The entry was the n-th to be inserted, or 0 in the static table. */
  readonly ordinal: number

  constructor(name: string, value: string, staticIndex: number, ordinal: number) {
    this.name = name
    this.value = value
    this.staticIndex = staticIndex
    this.ordinal = ordinal
  }
}

/** What holds of a name on every connection. */
interface StaticName {
  /** Its number among the names of the static table. */
  readonly number: number
  readonly entries: readonly IndexedEntry[]
}

/** All that the encoder knows of one name. */
export class NameNode {
  readonly name: string
  /** The first place of the name in the static table, or 0. */
  readonly staticIndex: number
  readonly staticEntries: readonly IndexedEntry[]
  /** What the default policy says of it; undefined where it depends on the value. */
  readonly indexing: Indexing | undefined
  /** The newest entry of that name in the dynamic table. */
  newest: IndexedEntry | undefined = undefined
  /** All entries of that name in the dynamic table by value; made when there are two for the first time. */
  byValue: Map<string, IndexedEntry> | undefined = undefined

  constructor(name: string, staticEntries: readonly IndexedEntry[]) {
    this.name = name
    this.staticEntries = staticEntries
    this.staticIndex = staticEntries.length === 0 ? 0 : staticEntries[0]!.staticIndex
    this.indexing = defaultIndexingOfName(name)
  }
}

const none: readonly IndexedEntry[] = []
const staticNames: ReadonlyMap<string, StaticName> = groupStatic()

function groupStatic(): Map<string, StaticName> {
  const names = new Map<string, { readonly number: number; readonly entries: IndexedEntry[] }>()
  staticTable.forEach(({ name, value }, index) => {
    if (index === 0) return
    const known = names.get(name) ?? { number: names.size, entries: [] }
    known.entries.push(new IndexedEntry(name, value, index, 0))
    names.set(name, known)
  })
  return names
}

/**
 * The encoder's view of the static and the dynamic table: finds a field in a constant number of steps, whatever the
 * peer or the application puts in. RFC 7541 §2.3.
 */
export class EncoderTable extends DynamicTable<IndexedEntry> {
  /**
   * The names of the static table that were asked for, by their number. Beside one map of all names this makes the first
   * section of a connection a tenth faster.
   */
  readonly #staticNodes: (NameNode | undefined)[] = []
  /** The names that are in the dynamic table only. */
  readonly #names = new Map<string, NameNode>()

  /** What is known of a name in either table. */
  find(name: string): NameNode | undefined {
    const known = staticNames.get(name)
    if (known === undefined) return this.#names.get(name)
    let node = this.#staticNodes[known.number]
    if (node === undefined) {
      node = new NameNode(name, known.entries)
      this.#staticNodes[known.number] = node
    }
    return node
  }

  /** The entry with the value. The newest one is tried first: comparing two strings is cheaper than hashing one. */
  match(node: NameNode, value: string): IndexedEntry | undefined {
    const { newest, staticEntries } = node
    if (newest !== undefined && newest.value === value) return newest
    for (let i = 0; i < staticEntries.length; i++) {
      if (staticEntries[i]!.value === value) return staticEntries[i]
    }
    return node.byValue?.get(value)
  }

  /** Whether a name found earlier is still in a table. */
  knows(node: NameNode): boolean {
    return node.staticIndex !== 0 || node.newest !== undefined
  }

  /** Whether an entry found earlier is still in the table. */
  isLive(entry: IndexedEntry): boolean {
    return entry.staticIndex !== 0 || entry.ordinal > this.inserted - this.length
  }

  /** The index of an entry: the static table, then the dynamic one from the newest entry on. RFC 7541 §2.3.3. */
  indexOf(entry: IndexedEntry): number {
    return entry.staticIndex !== 0 ? entry.staticIndex : STATIC_LENGTH + 1 + this.inserted - entry.ordinal
  }

  /** The index of an entry of a name that is in a table. The static one is preferred: it is smaller and doesn't move. */
  nameIndexOf(node: NameNode): number {
    return node.staticIndex !== 0 ? node.staticIndex : this.indexOf(node.newest!)
  }

  /** Inserts a field that is in neither table; `found` is what `find` says of its name. */
  index(name: string, value: string, found: NameNode | undefined): void {
    const entry = new IndexedEntry(name, value, 0, this.inserted + 1)
    if (!this.insert(entry)) return
    let node = found
    // Making room may just have forgotten the name.
    if (node === undefined || !this.knows(node)) {
      node = new NameNode(name, none)
      this.#names.set(name, node)
    }
    if (node.newest !== undefined && node.byValue === undefined) {
      node.byValue = new Map([[node.newest.value, node.newest]])
    }
    node.byValue?.set(value, entry)
    node.newest = entry
  }

  protected override evicted(entry: IndexedEntry): void {
    const node = this.find(entry.name)!
    node.byValue?.delete(entry.value)
    // First in, first out: when the newest one of a name leaves, no other is left.
    if (node.newest !== entry) return
    node.newest = undefined
    node.byValue = undefined
    this.#names.delete(entry.name)
  }
}
