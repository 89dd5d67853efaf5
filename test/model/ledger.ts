import { must } from './must.ts'

/** RFC 9113 §6.9.2: windows before anybody says otherwise. */
const DEFAULT_WINDOW = 65_535

/** What was sent, has arrived, and was credited: on one stream, or on all together. */
class Account {
  sent = 0
  arrived = 0
  creditSent = 0
  creditArrived = 0
  /** Of what has arrived: handed to the reader, and given back by it. */
  read = 0
  consumed = 0
}

/**
 * The books of one direction, kept from the bytes that left and arrived. RFC 9113 §5.2, §6.9: what the sender may send, what
 * is under way either way, what the receiver holds unread, and the credit it holds back make up the window, at any moment
 * and on both levels. Both ends' own windows are held against these books. 0 is the connection.
 */
export class Ledger {
  readonly #accounts: Map<number, Account> = new Map([[0, new Account()]])
  /** The stream windows that SETTINGS have put in force, at either end. */
  senderWindow: number = DEFAULT_WINDOW
  receiverWindow: number = DEFAULT_WINDOW
  /** DATA of which the header has arrived and this much has not, and its stream. */
  underWay = 0
  underWayOn = 0

  of(id: number): Account {
    let account = this.#accounts.get(id)
    if (account === undefined) {
      account = new Account()
      this.#accounts.set(id, account)
    }
    return account
  }

  /** What the sender may still send. Below zero after SETTINGS made windows smaller. */
  sendable(id: number): number {
    const { sent, creditArrived } = this.of(id)
    return (id === 0 ? DEFAULT_WINDOW : this.senderWindow) + creditArrived - sent
  }

  /** What the receiver reckons with. */
  receivable(id: number): number {
    const { arrived, creditSent } = this.of(id)
    return (id === 0 ? DEFAULT_WINDOW : this.receiverWindow) + creditSent - arrived
  }

  /** Arrived and neither given back by a reader nor thrown away for want of one. */
  outstanding(id: number): number {
    const { read, consumed } = this.of(id)
    return read - consumed + (id === 0 || id === this.underWayOn ? this.underWay : 0)
  }

  dataSent(id: number, n: number): void {
    if (n === 0) return
    must(this.sendable(id) >= n, `${n} octets sent on stream ${id} with a window of ${this.sendable(id)}`)
    must(this.sendable(0) >= n, `${n} octets sent with ${this.sendable(0)} left for the connection`)
    this.of(id).sent += n
    this.of(0).sent += n
  }

  dataArrived(id: number, n: number): void {
    this.of(id).arrived += n
    this.of(0).arrived += n
  }

  read(id: number, n: number): void {
    this.of(id).read += n
    this.of(0).read += n
  }

  consumed(id: number, n: number): void {
    this.of(id).consumed += n
    this.of(0).consumed += n
  }

  /**
   * Credit is given for what was consumed, and no other; half a window of it at most is held back. §6.9. `size` is the window
   * wanted, `grown` how large it may have become.
   */
  judgeCredit(id: number, size: number, grown: number): void {
    const expected = this.receivable(id) + this.outstanding(id)
    must(expected <= grown, `stream ${id}: ${expected} of credit in all, with a window of ${grown}`)
    if (grown > size) return
    must(size - expected < Math.max(1, size >>> 1), `stream ${id}: ${size - expected} of ${size} never credited`)
  }
}
