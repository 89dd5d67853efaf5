import { appendixB } from './appendix-b.ts'

/**
 * HPACK as slowly and plainly as it can be written: bits in strings, tables in arrays, numbers without limits. It
 * shares nothing with the code it is compared to but the limits that the RFC leaves to the implementation.
 */

type Pair = readonly [name: string, value: string]

export interface ReferenceField {
  name: string
  value: string
  sensitive: boolean
}

const symbolByCode = new Map(
  appendixB.map((code, symbol) => {
    const [digits, length] = code.split('/')
    return [Number.parseInt(digits!, 16).toString(2).padStart(Number(length), '0'), symbol]
  }),
)

class Fault {
  readonly section: string
  constructor(section: string) {
    this.section = section
  }
}

export class ReferenceDecoder {
  /** The dynamic table, the newest entry first. */
  table: Pair[] = []
  maxSize: number
  limit: number
  /** Smallest limit since the last block. */
  smallestLimit: number
  readonly statics: readonly Pair[]

  constructor(statics: readonly Pair[], limit: number) {
    this.statics = statics
    this.limit = limit
    this.smallestLimit = limit
    this.maxSize = limit
  }

  setTableSizeLimit(limit: number): void {
    this.limit = limit
    this.smallestLimit = Math.min(this.smallestLimit, limit)
  }

  get size(): number {
    return this.table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
  }

  /** The fields, or the section of the rule that was broken. */
  decode(block: Uint8Array): ReferenceField[] | string {
    const octets = [...block]
    const fields: ReferenceField[] = []
    const demanded = this.smallestLimit < this.maxSize ? this.smallestLimit : undefined
    try {
      let updates = 0
      let atStart = true
      const begin = () => {
        if (atStart && demanded !== undefined && updates === 0) throw new Fault('RFC 9113 §4.3.1')
        atStart = false
      }
      while (octets.length > 0) {
        const pattern = octets[0]!.toString(2).padStart(8, '0')
        if (pattern.startsWith('001') && atStart) {
          const size = this.#integer(octets, 5)
          if (++updates > 2) throw new Fault('RFC 7541 §4.2')
          if (size > this.limit) throw new Fault('RFC 7541 §6.3')
          if (updates === 1 && demanded !== undefined && size > demanded) throw new Fault('RFC 7541 §4.2')
          this.maxSize = size
          this.#evict(0)
          continue
        }
        begin()
        if (pattern.startsWith('001')) throw new Fault('RFC 7541 §4.2')
        if (pattern.startsWith('1')) {
          const index = this.#integer(octets, 7)
          if (index === 0) throw new Fault('RFC 7541 §6.1')
          const [name, value] = this.#entry(index)
          fields.push({ name, value, sensitive: false })
          continue
        }
        const indexing = pattern.startsWith('01')
        const index = this.#integer(octets, indexing ? 6 : 4)
        const name = index === 0 ? this.#string(octets) : this.#entry(index)[0]
        const value = this.#string(octets)
        fields.push({ name, value, sensitive: pattern.startsWith('0001') })
        if (!indexing) continue
        const size = name.length + value.length + 32
        this.#evict(size)
        if (size <= this.maxSize) this.table.unshift([name, value])
      }
      begin()
    } catch (fault) {
      if (fault instanceof Fault) return fault.section
      throw fault
    }
    this.smallestLimit = this.limit
    return fields
  }

  #evict(room: number): void {
    while (this.table.length > 0 && this.size + room > this.maxSize) this.table.pop()
  }

  #entry(index: number): Pair {
    const entry = [undefined, ...this.statics, ...this.table][index]
    if (entry === undefined) throw new Fault('RFC 7541 §2.3.3')
    return entry
  }

  #integer(octets: number[], prefix: number): number {
    let value = BigInt(octets.shift()! % 2 ** prefix)
    if (value < BigInt(2 ** prefix - 1)) return Number(value)
    for (let more = 0; more < 5; more++) {
      const octet = octets.shift()
      if (octet === undefined) throw new Fault('RFC 7541 §5.1')
      value += BigInt(octet % 128) << BigInt(7 * more)
      if (octet < 128) {
        if (value >= 1n << 32n) throw new Fault('RFC 7541 §5.1')
        return Number(value)
      }
    }
    throw new Fault('RFC 7541 §5.1')
  }

  #string(octets: number[]): string {
    if (octets.length === 0) throw new Fault('RFC 7541 §5.2')
    const huffman = octets[0]! >= 128
    const length = this.#integer(octets, 7)
    if (length > octets.length) throw new Fault('RFC 7541 §5.2')
    const data = octets.splice(0, length)
    return huffman ? this.#huffman(data) : String.fromCharCode(...data)
  }

  #huffman(data: number[]): string {
    let text = ''
    let code = ''
    for (const bit of data.map((octet) => octet.toString(2).padStart(8, '0')).join('')) {
      code += bit
      const symbol = symbolByCode.get(code)
      if (symbol === undefined) continue
      if (symbol === 256) throw new Fault('RFC 7541 §5.2')
      text += String.fromCharCode(symbol)
      code = ''
    }
    if (code.length > 7 || code.includes('0')) throw new Fault('RFC 7541 §5.2')
    return text
  }
}
