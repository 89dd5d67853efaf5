/** What takes up room in a dynamic table. */
interface Sized {
  readonly name: string
  readonly value: string
}

/** The size of an entry: the octets of name and value without Huffman coding, and 32. RFC 7541 §4.1. */
function entrySize(entry: Sized): number {
  return entry.name.length + entry.value.length + 32
}

/** The dynamic table: first in, first out, bounded by the sum of the entries' sizes. RFC 7541 §2.3.2, §4. */
export class DynamicTable<Entry extends Sized> {
  /** A ring, made for the first entry; its length is a power of two and grows up to what `maxSize` / 32 entries need. */
  #slots: (Entry | undefined)[] = []
  #inserted = 0
  #length = 0
  #size = 0
  #maxSize: number

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /** How many entries there are. */
  get length(): number {
    return this.#length
  }

  /** How many entries were ever inserted: the entry inserted as the n-th lives while n > left. */
  get inserted(): number {
    return this.#inserted
  }

  /** How many entries have left. */
  get left(): number {
    return this.#inserted - this.#length
  }

  /** The sum of the sizes of all entries, in octets. RFC 7541 §4.1. */
  get size(): number {
    return this.#size
  }

  /** The size that must not be passed, in octets: what the encoder signalled last. RFC 7541 §4.2. */
  get maxSize(): number {
    return this.#maxSize
  }

  /** The entry that is `age` entries older than the newest one, or undefined if there is none. */
  at(age: number): Entry | undefined {
    return age < this.#length ? this.#slots[(this.#inserted - 1 - age) & (this.#slots.length - 1)] : undefined
  }

  /** Inserts an entry as the newest one; returns false if it is too large for the table. RFC 7541 §4.4. */
  insert(entry: Entry): boolean {
    const size = entrySize(entry)
    // Room is made before the entry is added. One that is too large isn't a fault: it empties the table.
    this.#evictUntil(this.#maxSize - size)
    if (size > this.#maxSize) return false
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[this.#inserted & (this.#slots.length - 1)] = entry
    this.#inserted++
    this.#length++
    this.#size += size
    return true
  }

  /** A smaller table evicts the oldest entries at once. RFC 7541 §4.3. */
  setMaxSize(maxSize: number): void {
    this.#maxSize = maxSize
    this.#evictUntil(maxSize)
  }

  /** Counts as if that many had been inserted into a table that is empty. */
  protected restart(inserted: number): void {
    this.#inserted = inserted
  }

  /** Told of each entry that leaves, oldest first. */
  protected evicted(_entry: Entry): void {}

  #evictUntil(target: number): void {
    while (this.#size > target && this.#length > 0) {
      const slot = (this.#inserted - this.#length) & (this.#slots.length - 1)
      const entry = this.#slots[slot]!
      this.#slots[slot] = undefined
      this.#length--
      this.#size -= entrySize(entry)
      this.evicted(entry)
    }
  }

  #grow(): void {
    const old = this.#slots
    const slots = new Array<Entry | undefined>(old.length * 2 || 16)
    for (let n = this.#inserted - this.#length; n < this.#inserted; n++) {
      slots[n & (slots.length - 1)] = old[n & (old.length - 1)]
    }
    this.#slots = slots
  }
}
