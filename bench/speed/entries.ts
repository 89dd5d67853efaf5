import type { Entry } from '../measure.ts'
import { rows } from './rows.ts'
import { special } from './special.ts'

/** Whole programs on cores of their own, ours beside the peers that people use today: docs/performance.md. */
export const entries: readonly Entry[] = [...rows, ...special]
