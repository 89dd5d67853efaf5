export { FrameCursor } from './cursor.ts'
export { writeDataHeader } from './data.ts'
export { decodeFrame, readAltSvc, readOrigin } from './decode.ts'
export { describeFrame } from './describe.ts'
export { beginHeaders, beginPushPromise, endHeaders } from './field-block.ts'
export type {
  AltSvcFrame,
  ContinuationFrame,
  DataFrame,
  Frame,
  GoAwayFrame,
  HeadersFrame,
  OriginFrame,
  PingFrame,
  Priority,
  PriorityFrame,
  PriorityUpdateFrame,
  PushPromiseFrame,
  RawFrame,
  RstStreamFrame,
  SettingEntry,
  SettingsFrame,
  WindowUpdateFrame,
} from './frame.ts'
export {
  FRAME_HEADER_SIZE,
  MAX_FRAME_SIZE,
  MAX_STREAM_ID,
  MIN_MAX_FRAME_SIZE,
  writeFrameHeader,
} from './frame-header.ts'
export { frameTypeName } from './layout.ts'
export { frameFlags, frameType, payloadLength } from './outline.ts'
export { CONNECTION_PREFACE } from './preface.ts'
export { ReadStatus } from './read-status.ts'
export { FrameReader, type FrameReaderOptions } from './reader.ts'
export { Flag, FrameType, Setting, settingName } from './registry.ts'
export { type WriteFrameOptions, writeFrame } from './write-frame.ts'
export {
  writeAltSvc,
  writeGoAway,
  writeOrigin,
  writePing,
  writePriority,
  writePriorityUpdate,
  writeRstStream,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from './writers.ts'
