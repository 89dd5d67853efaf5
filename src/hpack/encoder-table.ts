import { DynamicTable } from './dynamic-table.ts'
import { IndexedEntry, type Name } from './name.ts'
import { STATIC_LENGTH } from './static-table.ts'

/** The entries of one name in the dynamic table. */
export class NameNode {
  /** The newest of them; undefined when there is none any more. */
  newest: IndexedEntry | undefined = undefined
  /** All of them by value; made when there are two for the first time. */
  byValue: Map<string, IndexedEntry> | undefined = undefined
}

/**
 * The encoder's view of the static and the dynamic table: finds a field in a constant number of steps, whatever the
 * peer or the application puts in. RFC 7541 §2.3.
 */
export class EncoderTable extends DynamicTable<IndexedEntry> {
  /** The shared names that were ever in the dynamic table, by their number. */
  readonly #nodes: (NameNode | undefined)[] = []
  /** The connection's own names that are in the dynamic table. */
  #ownNodes: Map<string, NameNode> | undefined = undefined
  /** How many entries had been inserted when the section in hand began. */
  #begun = 0
  /** What has left the table since then, oldest first. */
  #left: IndexedEntry[] = []

  /** What the dynamic table has of a name. */
  find(name: Name): NameNode | undefined {
    return name.number >= 0 ? this.#nodes[name.number] : this.#ownNodes?.get(name.text)
  }

  /** The entry with the value. The newest one is tried first: comparing two strings is cheaper than hashing one. */
  match(name: Name, node: NameNode | undefined, value: string): IndexedEntry | undefined {
    const newest = node?.newest
    if (newest !== undefined && newest.value === value) return newest
    const { staticEntries } = name
    for (let i = 0; i < staticEntries.length; i++) {
      if (staticEntries[i]!.value === value) return staticEntries[i]
    }
    return node?.byValue?.get(value)
  }

  /** Whether an entry found earlier is still in the table. */
  isLive(entry: IndexedEntry): boolean {
    return entry.staticIndex !== 0 || entry.ordinal > this.inserted - this.length
  }

  /** The index of an entry: the static table, then the dynamic one from the newest entry on. RFC 7541 §2.3.3. */
  indexOf(entry: IndexedEntry): number {
    return entry.staticIndex !== 0 ? entry.staticIndex : STATIC_LENGTH + 1 + this.inserted - entry.ordinal
  }

  /** The index of an entry of a name, or 0. The static one is preferred: it is smaller and doesn't move. */
  nameIndexOf(name: Name, node: NameNode | undefined): number {
    if (name.staticIndex !== 0) return name.staticIndex
    const newest = node?.newest
    return newest === undefined ? 0 : this.indexOf(newest)
  }

  /** Inserts a field that is in neither table. */
  index(name: Name, value: string): void {
    this.#add(new IndexedEntry(name, value, 0, this.inserted + 1))
  }

  #add(entry: IndexedEntry): void {
    if (!this.insert(entry)) return
    // Looked for only now: making room may just have forgotten the name.
    const node = this.find(entry.owner) ?? this.#newNode(entry.owner)
    const { newest } = node
    if (newest !== undefined && node.byValue === undefined) node.byValue = new Map([[newest.value, newest]])
    node.byValue?.set(entry.value, entry)
    node.newest = entry
  }

  #newNode(name: Name): NameNode {
    const node = new NameNode()
    if (name.number >= 0) this.#nodes[name.number] = node
    else {
      this.#ownNodes ??= new Map()
      this.#ownNodes.set(name.text, node)
    }
    return node
  }

  protected override evicted(entry: IndexedEntry): void {
    this.#left.push(entry)
    const node = this.find(entry.owner)!
    node.byValue?.delete(entry.value)
    // First in, first out: when the newest one of a name leaves, no other is left.
    if (node.newest !== entry) return
    node.newest = undefined
    node.byValue = undefined
    this.#ownNodes?.delete(entry.name)
  }

  /** From here on what happens can be undone. */
  begin(): void {
    this.#begun = this.inserted
    this.commit()
  }

  /** What has happened since `begin` stays. */
  commit(): void {
    if (this.#left.length > 0) this.#left = []
  }

  /** Makes the table what it was at `begin`: slowly, since it takes a caller's mistake to come here. */
  rollback(): void {
    if (this.inserted === this.#begun) return
    const entries = [...this.#left]
    for (let age = this.length - 1; age >= 0; age--) entries.push(this.at(age)!)
    const { maxSize } = this
    this.setMaxSize(0)
    this.setMaxSize(maxSize)
    const kept = entries.filter(({ ordinal }) => ordinal <= this.#begun)
    this.restart(this.#begun - kept.length)
    for (const entry of kept) this.#add(entry)
    this.commit()
  }
}
