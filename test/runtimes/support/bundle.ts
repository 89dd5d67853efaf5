import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'

const programs = fileURLToPath(new URL('../programs/', import.meta.url))

const common = {
  bundle: true,
  target: 'es2022',
  logLevel: 'warning',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  external: ['node:*', 'cloudflare:*'],
} as const satisfies BuildOptions

/** Bundles `programs/NAME.ts` to a file: nothing but what the runtime itself has is left outside. */
export async function bundleProgram(name: string, outfile: string): Promise<void> {
  await build({ ...common, entryPoints: [`${programs}${name}.ts`], outfile, format: 'esm' })
}

/** The same as the text of a classic script, for a page. */
export async function bundleScript(name: string): Promise<string> {
  const options: BuildOptions = { ...common, entryPoints: [`${programs}${name}.ts`], write: false, format: 'iife' }
  return (await build(options)).outputFiles![0]!.text
}
