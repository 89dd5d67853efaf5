import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

const programs = fileURLToPath(new URL('../programs/', import.meta.url))

/** Each program is made once, in each shape. */
const made = new Map<string, Promise<string>>()

/** Bundles `programs/NAME.ts` as a module: nothing but what the runtime itself has is left outside. */
export function moduleOf(name: string): Promise<string> {
  return bundled(name, 'esm')
}

/** The same as a classic script, for a page. */
export function scriptOf(name: string): Promise<string> {
  return bundled(name, 'iife')
}

function bundled(name: string, format: 'esm' | 'iife'): Promise<string> {
  const key = `${name} ${format}`
  const text = made.get(key) ?? bundle(name, format)
  made.set(key, text)
  return text
}

async function bundle(name: string, format: 'esm' | 'iife'): Promise<string> {
  const options: BuildOptions = {
    entryPoints: [`${programs}${name}.ts`],
    bundle: true,
    write: false,
    format,
    target: 'es2022',
    logLevel: 'warning',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*', 'cloudflare:*'],
  }
  return (await build(options)).outputFiles![0]!.text
}
