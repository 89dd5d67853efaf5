export { type Deflate, type HashingPlatform, LONGEST_TIMER, type Platform } from './platform.ts'
