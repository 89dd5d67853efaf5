import { entries as api } from './api.ts'
import { entries as frames } from './frames.ts'
import { entries as hpack } from './hpack.ts'
import type { Entry } from './measure.ts'
import { entries as speed } from './speed/entries.ts'
import { entries as webSocket } from './websocket-codec.ts'
import { entries as webSocketDeflate } from './websocket-deflate.ts'

/** Everything that `npm run bench` measures, from the lowest layer up. */
export const entries: readonly Entry[] = [...frames, ...hpack, ...webSocket, ...webSocketDeflate, ...api, ...speed]
