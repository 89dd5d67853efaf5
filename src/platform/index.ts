export type { Deflate, Platform } from './platform.ts'
