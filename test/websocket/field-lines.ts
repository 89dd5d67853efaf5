import { HandshakeFault, type HandshakeField } from '../../src/websocket/index.ts'

/** Fields written as `name: value`, one a line. */
export function fields(...lines: string[]): HandshakeField[] {
  return lines.map((line) => {
    const colon = line.indexOf(':', 1)
    return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() }
  })
}

/** Fields as lines again. */
export function lines(list: readonly HandshakeField[]): string[] {
  return list.map(({ name, value }) => `${name}: ${value}`)
}

/** A handshake's verdict in short: the fault's status and section, or `accepted`. */
export function fault(result: object): string {
  return result instanceof HandshakeFault ? `${result.status} ${result.section}` : 'accepted'
}
