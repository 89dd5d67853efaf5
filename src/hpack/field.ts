/**
 * One field line as it came off the wire. Strings hold one octet per character (ByteString), so every octet survives.
 * Fields that came from a table are shared, frozen objects: the same identity every time. RFC 7541 §1.3.
 */
export interface Field {
  readonly name: string
  readonly value: string
  /** The field was sent as a never-indexed literal, and must be sent on as one. RFC 7541 §6.2.3. */
  readonly sensitive: boolean
}

/**
 * One field line to be sent: a decoded `Field` fits as it is, so what was sensitive stays sensitive.
 * Names must be in lower case already (RFC 9113 §8.2); the codec takes every octet as it is.
 */
export interface FieldInput {
  readonly name: string
  readonly value: string
  /** Send it as a never-indexed literal, whatever the policy says. RFC 7541 §6.2.3. */
  readonly sensitive?: boolean | undefined
}
