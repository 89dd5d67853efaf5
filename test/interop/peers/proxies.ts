import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Peer, printedVersion } from '../support/presence.ts'

/** Where a proxy listens with TLS and ALPN, what it has to forward to, and the files it may write. */
export interface ProxyPlace {
  readonly folder: string
  readonly port: number
  /** An echo over HTTP/1.1 on localhost, at /echo. */
  readonly backend: number
  readonly cert: string
  readonly key: string
}

/** Somebody else's server for RFC 8441, in front of an echo over HTTP/1.1, or with one of its own. */
export interface Proxied extends Peer {
  /** False: when one of its WebSockets ends, so does the connection under all of them. */
  readonly keepsConnection: boolean
  /** Writes what it needs into the folder; the command then runs it in the foreground. */
  command(place: ProxyPlace): readonly [command: string, ...args: string[]]
}

/** Writes a file of the folder and returns its path. */
function write({ folder }: ProxyPlace, name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const pem = (place: ProxyPlace): string => write(place, 'both.pem', `${place.cert}\n${place.key}\n`)

export const haproxy: Proxied = {
  name: 'haproxy',
  version: () => printedVersion('haproxy', ['-v']),
  install: 'apt-get install haproxy',
  keepsConnection: true,
  command(place) {
    const config = `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${place.port} ssl crt ${pem(place)} alpn h2,http/1.1
  default_backend echo
backend echo
  server one 127.0.0.1:${place.backend}
`
    return ['haproxy', '-db', '-f', write(place, 'haproxy.cfg', config)]
  },
}

export const nghttpx: Proxied = {
  name: 'nghttpx',
  version: () => printedVersion('nghttpx', ['--version']),
  install: 'apt-get install nghttp2-proxy',
  keepsConnection: true,
  command: (place) => [
    'nghttpx',
    '--conf=/dev/null',
    '--no-ocsp',
    '--workers=1',
    `--errorlog-file=${join(place.folder, 'nghttpx.log')}`,
    `--frontend=127.0.0.1,${place.port}`,
    `--backend=127.0.0.1,${place.backend};/`,
    write(place, 'key.pem', place.key),
    write(place, 'cert.pem', place.cert),
  ],
}

export const lighttpd: Proxied = {
  name: 'lighttpd',
  version: () => printedVersion('lighttpd', ['-v']),
  install: 'apt-get install lighttpd lighttpd-mod-openssl',
  keepsConnection: true,
  command(place) {
    const config = `
server.modules = ( "mod_openssl", "mod_proxy" )
server.bind = "127.0.0.1"
server.port = ${place.port}
server.document-root = "${place.folder}"
ssl.engine = "enable"
ssl.pemfile = "${pem(place)}"
server.feature-flags += ( "server.h2proto" => "enable" )
server.stream-request-body = 2
server.stream-response-body = 2
proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => ${place.backend} ) ) )
proxy.header = ( "upgrade" => "enable" )
`
    return ['lighttpd', '-D', '-f', write(place, 'lighttpd.conf', config)]
  },
}

export const apache: Proxied = {
  name: 'apache2',
  version: () => printedVersion('apache2', ['-v']),
  install: 'apt-get install apache2',
  keepsConnection: true,
  command(place) {
    const modules = [
      'mpm_event',
      'authz_core',
      'socache_shmcb',
      'ssl',
      'http2',
      'proxy',
      'proxy_http',
      'proxy_wstunnel',
    ]
    mkdirSync(join(place.folder, 'run'))
    const config = `
ServerRoot "${place.folder}"
ServerName localhost
DefaultRuntimeDir "${join(place.folder, 'run')}"
PidFile "${join(place.folder, 'apache.pid')}"
ErrorLog "${join(place.folder, 'error.log')}"
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
Listen 127.0.0.1:${place.port}
Protocols h2 http/1.1
H2WebSockets on
SSLEngine on
SSLSessionCache none
SSLCertificateFile "${write(place, 'cert.pem', place.cert)}"
SSLCertificateKeyFile "${write(place, 'key.pem', place.key)}"
ProxyPass /echo http://127.0.0.1:${place.backend}/echo upgrade=websocket
`
    return ['apache2', '-DFOREGROUND', '-f', write(place, 'httpd.conf', config)]
  },
}

// Debian's own interpreter, which alone sees Debian's packages.
const python = '/usr/bin/python3'

/** An application of its own behind it, since it is no proxy. */
const echoApp = `
async def app(scope, receive, send):
    if scope['type'] != 'websocket':
        return
    await receive()
    await send({'type': 'websocket.accept'})
    while True:
        event = await receive()
        if event['type'] != 'websocket.receive':
            return
        answer = {'type': 'websocket.send'}
        answer.update({name: event[name] for name in ('text', 'bytes') if event.get(name) is not None})
        await send(answer)
`

export const hypercorn: Proxied = {
  name: 'hypercorn',
  version: () => printedVersion(python, ['-c', 'from importlib.metadata import version; print(version("hypercorn"))']),
  install: 'apt-get install python3-hypercorn',
  // The END_STREAM behind our Close is for a stream that it has forgotten: a KeyError ends its task for the connection.
  keepsConnection: false,
  command(place) {
    write(place, 'echo_app.py', echoApp)
    const config = `
bind = "127.0.0.1:${place.port}"
certfile = "${write(place, 'cert.pem', place.cert)}"
keyfile = "${write(place, 'key.pem', place.key)}"
`
    return [python, '-m', 'hypercorn', '-c', write(place, 'hypercorn.toml', config), 'echo_app:app']
  },
}
