export { type Deflate, LONGEST_TIMER, type Platform } from './platform.ts'
