import type { OriginSession } from '../../../src/api/index.ts'

/** One thing that holds in every runtime, over whatever carries the bytes. */
export interface Case {
  readonly group: string
  readonly name: string
  /** `session` leads to a server with the handlers of `handlers.ts`; it is closed afterwards. */
  run(session: OriginSession): Promise<void>
}

/** A way to have such a session. */
export interface Link {
  readonly name: string
  /** What the runtime must be able to do for it. */
  readonly needs?: string
  open(): Promise<OriginSession>
}

/** What one case came to over one link. */
export interface Result {
  readonly link: string
  readonly group: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Why it failed, or what the probe of the missing capability failed with. */
  readonly message?: string
  readonly milliseconds: number
}
