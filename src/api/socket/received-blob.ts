/** The bytes of the Blobs that a socket of ours has made, for as long as somebody holds the Blob. */
const made = new WeakMap<Blob, Uint8Array>()

/**
 * A message as a `Blob`. Its bytes are kept beside it, because those of a Blob come only by a promise: an echo would
 * wait for each. What it is made from may be a view of a chunk, so they are copied.
 */
export function receivedBlob(data: Uint8Array): Blob {
  const bytes = data.slice()
  const blob = new Blob([bytes])
  made.set(blob, bytes)
  return blob
}

/** The bytes of a Blob that `receivedBlob` made, not to be changed; undefined for any other. */
export function bytesOfReceived(blob: Blob): Uint8Array | undefined {
  return made.get(blob)
}
