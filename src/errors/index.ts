export { ErrorCode, errorCodeName } from './error-code.ts'
export {
  ConnectionError,
  type FaultOptions,
  type Initiator,
  type OffendingFrame,
  StreamError,
  type StreamFaultOptions,
  UsageError,
} from './errors.ts'
export { requireInteger } from './require-integer.ts'
