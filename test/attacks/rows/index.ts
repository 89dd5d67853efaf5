import type { Scenario } from '../scenario.ts'
import { endings } from './endings.ts'
import { fieldBlocks } from './fields.ts'
import { floods } from './floods.ts'
import { hostileServers } from './hostile-server.ts'
import { malformed } from './malformed.ts'
import { resets } from './resets.ts'

/** H1, H2, … before S1, S2, … */
const place = ({ row }: Scenario): number => Number(row.slice(1)) + (row.startsWith('S') ? 100 : 0)

/** All attacks, in the order of their rows. */
export const scenarios: readonly Scenario[] = [
  ...resets,
  ...floods,
  ...fieldBlocks,
  ...endings,
  ...hostileServers,
  ...malformed,
].sort((a, b) => place(a) - place(b))
