import { DynamicTable } from './dynamic-table.ts'
import { IndexedEntry, type Name } from './name.ts'
import { STATIC_LENGTH } from './static-table.ts'

/** So many entries of one name are looked at: all of them in a table of up to 16 KiB, some 1.5 ns each. */
const MAX_STEPS = 512

/** Room for the shared names that most connections use; a higher number makes more. */
const COMMON_NAMES = 64

/**
 * The encoder's view of the static and the dynamic table: finds a field in a bounded number of steps, whatever the
 * peer or the application puts in. RFC 7541 §2.3.
 *
 * The entries of one name are a list from the newest to the oldest. Measured: with a map from values to entries, a value
 * that is new each time cost 150 ns more, for it was hashed, put in and taken out.
 */
export class EncoderTable extends DynamicTable<IndexedEntry> {
  /** The newest entry of each shared name, by the name's number. */
  readonly #newest: (IndexedEntry | undefined)[] = new Array<IndexedEntry | undefined>(COMMON_NAMES)
  /** The newest entry of each name of the connection's own. */
  #newestOwn: Map<string, IndexedEntry> | undefined = undefined
  /** How many entries had been inserted when the section in hand began. */
  #begun = 0
  /** What has left the table since then, oldest first: the first `#leftCount` of them. */
  readonly #left: (IndexedEntry | undefined)[] = []
  #leftCount = 0

  /** The newest entry of a name in the dynamic table. */
  newest(name: Name): IndexedEntry | undefined {
    return name.number >= 0 ? this.#newest[name.number] : this.#newestOwn?.get(name.text)
  }

  /** The entry with the value in the static table. */
  matchStatic(name: Name, value: string): IndexedEntry | undefined {
    const { staticEntries } = name
    for (let i = 0; i < staticEntries.length; i++) {
      if (staticEntries[i]!.value === value) return staticEntries[i]
    }
    return undefined
  }

  /** The entry with the value in the dynamic table, from the newest one of its name on; `mark` is that of the value. */
  match(newest: IndexedEntry | undefined, value: string, mark: number): IndexedEntry | undefined {
    let entry = newest
    for (let steps = 0; entry !== undefined && steps < MAX_STEPS; steps++) {
      if (entry.mark === mark && entry.value === value) return entry
      entry = entry.older
    }
    return undefined
  }

  /** Whether an entry found earlier is still in the table. */
  isLive(entry: IndexedEntry): boolean {
    return entry.ordinal < 0 || entry.ordinal > this.inserted - this.length
  }

  /** The index of an entry: the static table, then the dynamic one from the newest entry on. RFC 7541 §2.3.3. */
  indexOf(entry: IndexedEntry): number {
    return entry.ordinal < 0 ? -entry.ordinal : STATIC_LENGTH + 1 + this.inserted - entry.ordinal
  }

  /** The index of an entry of a name, or 0. The static one is preferred: it is smaller and doesn't move. */
  nameIndexOf(name: Name, newest: IndexedEntry | undefined): number {
    if (name.staticIndex !== 0) return name.staticIndex
    return newest === undefined ? 0 : this.indexOf(newest)
  }

  /** Inserts a field that is in neither table. */
  index(name: Name, value: string, mark: number): void {
    this.#add(new IndexedEntry(name, value, mark, this.inserted + 1))
  }

  #add(entry: IndexedEntry): void {
    if (!this.insert(entry)) return
    // Looked for only now: making room may just have taken the last one of the name.
    const older = this.newest(entry.owner)
    entry.older = older
    if (older !== undefined) older.newer = entry
    this.#setNewest(entry.owner, entry)
  }

  #setNewest(name: Name, entry: IndexedEntry | undefined): void {
    if (name.number >= 0) this.#newest[name.number] = entry
    else if (entry === undefined) this.#newestOwn!.delete(name.text)
    else {
      this.#newestOwn ??= new Map()
      this.#newestOwn.set(name.text, entry)
    }
  }

  protected override evicted(entry: IndexedEntry): void {
    this.#left[this.#leftCount++] = entry
    // First in, first out: it is the oldest one of its name.
    if (entry.newer === undefined) this.#setNewest(entry.owner, undefined)
    else entry.newer.older = undefined
    entry.newer = undefined
  }

  /** From here on what happens can be undone. */
  begin(): void {
    this.#begun = this.inserted
    this.commit()
  }

  /** What has happened since `begin` stays. */
  commit(): void {
    while (this.#leftCount > 0) this.#left[--this.#leftCount] = undefined
  }

  /** Makes the table what it was at `begin`: slowly, since it takes a caller's mistake to come here. */
  rollback(): void {
    if (this.inserted === this.#begun) return
    const { maxSize } = this
    // What left comes before what is still there, and both in their order.
    this.setMaxSize(0)
    const entries = this.#left.filter((entry) => entry !== undefined && entry.ordinal <= this.#begun)
    this.setMaxSize(maxSize)
    this.restart(this.#begun - entries.length)
    for (const entry of entries) this.#add(entry!)
    this.commit()
  }
}
