/** Something the person at the keyboard can mend; it is shown as one line, without a stack. */
export class Problem extends Error {
  override readonly name = 'Problem'
}

/** Node's code for a failed system call, such as `EADDRINUSE`; undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** The first line of what an error says. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]
}
