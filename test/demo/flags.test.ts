import { describe, expect, test } from 'vitest'
import { readFlags } from '../../src/demo/flags.ts'
import { Problem } from '../../src/demo/problem.ts'

describe('demo flags', () => {
  test('without any, the demo is on 8443 with 100 streams and a certificate of its own', () => {
    expect(readFlags([])).toEqual({
      help: false,
      port: 8443,
      host: undefined,
      cleartext: false,
      http1: true,
      maxStreams: 100,
      cert: undefined,
      key: undefined,
      caOut: undefined,
    })
  })

  test('each flag is read', () => {
    const args = '--port 0 --host ::1 --max-streams 7 --cert c.pem --key k.pem'.split(' ')
    expect(readFlags(args)).toMatchObject({ port: 0, host: '::1', maxStreams: 7, cert: 'c.pem', key: 'k.pem' })
    expect(readFlags(['--h2c'])).toMatchObject({ cleartext: true })
    expect(readFlags(['--no-http1'])).toMatchObject({ http1: false })
    expect(readFlags(['--ca-out', 'ca.pem'])).toMatchObject({ caOut: 'ca.pem' })
    expect(readFlags(['-h'])).toMatchObject({ help: true })
  })

  test.each([
    [['--prot', '1'], /--prot/],
    [['8443'], /8443/],
    [['--port'], /--port/],
    [['--port', 'http'], /--port wants a whole number from 0 to 65535, not "http"/],
    [['--port', '65536'], /--port/],
    [['--port', '-1'], /--port/],
    [['--port', '1e3'], /--port/],
    [['--port', ''], /--port/],
    [['--max-streams', '0'], /--max-streams wants a whole number from 1/],
    [['--max-streams', '2147483648'], /--max-streams/],
    [['--cert', 'c.pem'], /--cert needs --key/],
    [['--key', 'k.pem'], /--key needs --cert/],
    [['--h2c', '--cert', 'c', '--key', 'k'], /--h2c has no TLS/],
    [['--h2c', '--ca-out', 'ca.pem'], /--ca-out .* --h2c makes none/],
    [['--cert', 'c', '--key', 'k', '--ca-out', 'ca.pem'], /--ca-out .* --cert makes none/],
    [['--host', ''], /--host/],
  ])('%j is refused in one line', (args, message) => {
    const attempt = () => readFlags(args)
    expect(attempt).toThrow(Problem)
    expect(attempt).toThrow(message)
    expect(attempt).not.toThrow(/\n/)
  })
})
