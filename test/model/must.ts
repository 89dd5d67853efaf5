/** An invariant: what does not hold is a counterexample. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}
