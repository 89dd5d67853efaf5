/** What a program under test is told to do: one JSON text. */
export type Config = ContractConfig | ServeConfig

export interface ContractConfig {
  readonly mode: 'contract'
  /** Whether the links inside the runtime are run too. */
  readonly own: boolean
  /** Servers to connect to, by the name of the link. */
  readonly servers: readonly ServerAddress[]
  /** PEM of the authority that signed their certificates. */
  readonly ca: string
}

export interface ServerAddress {
  readonly link: string
  /** `http:` for HTTP/2 by prior knowledge, `https:` for TLS. */
  readonly url: string
  /** For a page: the WebSocket that leads there. */
  readonly relay?: string
}

/** Listens in clear and with TLS, and prints where: `{ "tcp": url, "tls": url }`. */
export interface ServeConfig {
  readonly mode: 'serve'
  readonly key: string
  readonly cert: string
}
