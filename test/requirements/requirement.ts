/** Whom a rule binds. */
export type BoundRole = 'both' | 'client' | 'server'

interface Rule {
  /** `§` and the section, then the place among the rules of that section. */
  readonly id: `§${string}-${number}`
  readonly role: BoundRole
  /** The rule in our words. */
  readonly rule: string
  /** How many times the section says MUST in this rule; 1 unless told, 0 for what is a SHOULD only. */
  readonly musts?: number
}

/**
 * A rule that tests hold us to. Each entry is a whole title of a test, without the titles of its `describe`s, or the
 * beginning of one with `…` behind it for a family of tests.
 */
export interface TestedRule extends Rule {
  readonly tests: readonly string[]
}

/** A rule that no test of ours can or need hold us to, and why. */
export interface UntestedRule extends Rule {
  readonly notTested: string
}

export type Requirement = TestedRule | UntestedRule

/** What an RFC demands of an endpoint, and what there is to demand it. */
export interface RequirementList {
  readonly rfc: number
  /** The numbers of all sections of the RFC, in their order. */
  readonly sections: readonly string[]
  /** How many times a section says MUST, for those that do. */
  readonly musts: Readonly<Record<string, number>>
  readonly requirements: readonly Requirement[]
}
