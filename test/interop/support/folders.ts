import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes an empty folder for one test file; `remove` deletes it with all it holds. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'hyperduct-'))
  // A browser that was just killed may still be writing its profile: try a few times.
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) }
}

/** Where screenshots and the like go that somebody may want to look at afterwards. */
export function artifact(name: string): string {
  const folder = process.env.HYPERDUCT_ARTIFACTS ?? tmpdir()
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}
