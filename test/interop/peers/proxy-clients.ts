import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../support/presence.ts'
import { haproxy, nghttpx } from './proxies.ts'

/** Where a proxy takes HTTP/1.1 in clear, which port of ours it goes on to, over TLS or not, and the files it may write. */
export interface ProxyClientPlace {
  readonly folder: string
  readonly port: number
  readonly backend: number
  readonly tls: boolean
}

/** Somebody else's client of RFC 8441: an Upgrade comes in, an extended CONNECT goes out. */
export interface ProxyClient extends Peer {
  /** Writes what it needs into the folder; the command then runs it in the foreground. */
  command(place: ProxyClientPlace): readonly [command: string, ...args: string[]]
}

export const haproxyClient: ProxyClient = {
  ...haproxy,
  command({ folder, port, backend, tls }) {
    const path = join(folder, 'haproxy.cfg')
    // Without "ws h2" an Upgrade would go out over HTTP/1.1.
    const how = tls ? 'ssl verify none alpn h2' : 'proto h2'
    const config = `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${port}
  default_backend ours
backend ours
  server one 127.0.0.1:${backend} ${how} ws h2
`
    writeFileSync(path, config)
    return ['haproxy', '-db', '-f', path]
  },
}

export const nghttpxClient: ProxyClient = {
  ...nghttpx,
  command: ({ folder, port, backend, tls }) => [
    'nghttpx',
    '--conf=/dev/null',
    '--no-ocsp',
    '--workers=1',
    '--insecure',
    `--errorlog-file=${join(folder, 'nghttpx.log')}`,
    `--frontend=127.0.0.1,${port};no-tls`,
    `--backend=127.0.0.1,${backend};/;proto=h2${tls ? ';tls' : ''}`,
  ],
}
