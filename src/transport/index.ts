export { type FaultPlan, FaultyTransport } from './faulty-transport.ts'
export { withInitialData } from './initial-data.ts'
export { type MemoryPairOptions, memoryPair } from './memory-pair.ts'
export type { ByteTransport, TransportReceiver } from './transport.ts'
