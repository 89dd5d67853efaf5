export { ByteWriter } from './byte-writer.ts'
export { concat } from './concat.ts'
export { latin1Decode, latin1Encode } from './latin1.ts'
