// A server of the contract in a worker of a page: on each port that it is sent.
import * as pako from 'pako'
import { accept, pakoDeflate, webPlatform } from '../../../src/runtime/web/index.ts'
import { handlers } from '../contract/handlers.ts'

const platform = { ...webPlatform, deflate: pakoDeflate(pako) }

globalThis.onmessage = ({ data }: MessageEvent) => {
  accept(data as MessagePort, { ...handlers, platform, onError: () => undefined })
}
