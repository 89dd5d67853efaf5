import { readFileSync } from 'node:fs'

/** Ends on SIGTERM by way of `exit`, so that a profile is written; collects garbage on SIGUSR2. */
export function onSignals(): void {
  process.on('SIGTERM', () => process.exit(0))
  process.on('SIGUSR2', () => {
    globalThis.gc?.()
    console.log('collected')
  })
}

export function tlsFiles(paths: {
  readonly cert?: string | undefined
  readonly key?: string | undefined
}): { cert: Buffer; key: Buffer } | undefined {
  if (paths.cert === undefined || paths.key === undefined) return undefined
  return { cert: readFileSync(paths.cert), key: readFileSync(paths.key) }
}
