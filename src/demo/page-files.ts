import { readdirSync, readFileSync } from 'node:fs'

/** A file of the page, read once at the start; it is never looked up on disk by what a client asks for. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/**
 * The page's files by the path they are served at, `index.html` at `/`. They lie in `page/` beside this module, both in
 * the sources and in what the build makes of them.
 */
export function readPageFiles(folder: URL = new URL('./page/', import.meta.url)): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>()
  for (const name of readdirSync(folder)) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)]
    if (type === undefined) continue
    const path = name === 'index.html' ? '/' : `/${name}`
    files.set(path, { type, bytes: new Uint8Array(readFileSync(new URL(name, folder))) })
  }
  return files
}
