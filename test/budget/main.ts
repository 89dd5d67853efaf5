/** Prints what the operations cost, as JSON; run by run.ts, which gives Node the flags that this needs. */
import { type Allocation, allocationOf } from './allocations.ts'
import { counts } from './counts.ts'
import { operations } from './operations.ts'

const allocations: Record<string, Allocation> = {}
for (const operation of operations) allocations[operation.name] = await allocationOf(operation)
console.log(JSON.stringify({ allocations, counts: await counts() }))
