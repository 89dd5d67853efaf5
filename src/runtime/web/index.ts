export { type Pako, pakoDeflate } from './pako-deflate.ts'
export { webPlatform } from './platform.ts'
export { type SocketPipe, webSocketTransport } from './web-socket-transport.ts'
