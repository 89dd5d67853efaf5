/** What the tests and benchmarks use of hpack.js, which has no types. */
declare module 'hpack.js' {
  interface Header {
    name: string
    value: string
    neverIndex?: boolean
    incremental?: boolean
    huffman?: boolean
  }
  interface TableOptions {
    table: { maxSize: number; lookupDepth?: number }
  }
  interface Emitter {
    on(event: 'error', listener: (error: Error) => void): void
  }
  interface Compressor extends Emitter {
    write(headers: Header[]): void
    read(): Uint8Array | null
    reset(): void
  }
  interface Decompressor extends Emitter {
    write(block: Uint8Array): void
    execute(): void
    read(): Required<Pick<Header, 'name' | 'value' | 'neverIndex'>> | null
  }
  const hpack: {
    compressor: { create(options: TableOptions): Compressor }
    decompressor: { create(options: TableOptions): Decompressor }
  }
  export default hpack
}
