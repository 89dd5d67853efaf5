import { describe } from 'vitest'
import { ByteWriter } from '../../src/bytes/index.ts'
import { writeFrameHeader } from '../../src/frames/index.ts'
import { faults, tooLarge } from '../frames/faults.ts'
import { hex } from '../frames/support.ts'
import { type Bench, GET, POST } from './support.ts'
import { CLIENT, connectionFault, SERVER, streamFault } from './wire-case.ts'

/** Stream 1 is open. */
const begun = ({ connection, wire }: Bench): void => {
  if (connection.role === 'server') wire.headers(1, POST)
  else connection.openStream(GET, true)
}

/** What one frame alone shows to be wrong, as a whole connection answers it. */
describe.each([SERVER, CLIENT])('a $role', (options) => {
  for (const [title, text, scope, code, section] of faults) {
    const bytes = hex(text)
    if (scope === 'connection') {
      connectionFault(
        `${title}, which a ${options.role} answers with GOAWAY(${code})`,
        code,
        { options, before: begun, wire: (wire) => wire.bytes(bytes) },
        { section },
      )
    } else {
      bytes[8] = 3
      streamFault(`${title}, which a ${options.role} answers with RST_STREAM(${code})`, code, {
        options,
        section,
        events: [],
        wire: (wire) => wire.bytes(bytes),
        ...(options.role === 'server' ? { before: ({ wire }: Bench) => void wire.headers(3, POST) } : {}),
      })
    }
  }

  // The header is enough, so a beginning of the frame is all that comes. Those that end their stream only have to be
  // skipped whole: `receive.test.ts`.
  for (const [name, type, streamId] of tooLarge.filter(([, , , scope]) => scope === 'connection')) {
    const writer = new ByteWriter()
    writeFrameHeader(writer, 16_385, type, 0, streamId)
    writer.write(new Uint8Array(6))
    const bytes = writer.take()
    connectionFault(
      `RFC 9113 §4.2: ${name} of 16,385 octets is a connection error, which a ${options.role} answers with GOAWAY(FRAME_SIZE_ERROR)`,
      'FRAME_SIZE_ERROR',
      {
        options,
        before: begun,
        // A CONTINUATION that continues nothing would be wrong before anybody looked at its size.
        wire: (wire) => (name === 'CONTINUATION' ? wire.opening(1, new Uint8Array(0)) : wire).bytes(bytes),
      },
    )
  }
})
