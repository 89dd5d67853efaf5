import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls'
import { builtin } from './builtin.ts'

/** Names for functions and other objects that cannot be compared by their content. */
const names = new WeakMap<object, string>()
let named = 0

/**
 * A digest of TLS options. Two connections whose options have the same one trust the same peers and show the same
 * certificate, so one can stand for the other. Whatever can't be compared by content counts as different.
 */
export function tlsIdentity(options: TlsConnectionOptions | undefined): string {
  if (options === undefined) return ''
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return ''
  const hash = builtin('node:crypto').createHash('sha256')
  // Each part with its length before it, so that no two lists of parts run together.
  const add = (part: string | Uint8Array): void => {
    hash.update(`${part.length}:`)
    hash.update(part)
  }
  for (const [name, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    add(name)
    addValue(add, value)
  }
  return hash.digest('base64')
}

function addValue(add: (part: string | Uint8Array) => void, value: unknown): void {
  if (Array.isArray(value)) {
    add(`array of ${value.length}`)
    for (const one of value) addValue(add, one)
  } else if (value instanceof Uint8Array) {
    add('octets')
    add(value)
  } else if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
    add(nameOf(value))
  } else {
    add(typeof value)
    add(String(value))
  }
}

function nameOf(value: object): string {
  const known = names.get(value)
  if (known !== undefined) return known
  const name = `object ${++named}`
  names.set(value, name)
  return name
}
