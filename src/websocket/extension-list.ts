import { isToken, spaceEnd, tokenEnd } from './token-list.ts'

/** One extension with its parameters, as it stands in `sec-websocket-extensions`. RFC 6455 §9.1. */
export interface Extension {
  readonly name: string
  /** In order, repeated ones included; `value` is `undefined` for a bare parameter. */
  readonly parameters: readonly { readonly name: string; readonly value: string | undefined }[]
}

/** What was read of a list, and where it stopped. */
interface Read<T> {
  readonly value: T
  readonly end: number
}

const NO_EXTENSIONS: readonly Extension[] = Object.freeze([])

/**
 * Reads `name; parameter; parameter=value; parameter="value", name`, given as the values of the field's lines;
 * `undefined` when it is malformed, which fails the handshake. RFC 6455 §9.1. One pass, no backtracking.
 */
export function parseExtensionList(values: readonly string[]): readonly Extension[] | undefined {
  if (values.length === 0) return NO_EXTENSIONS
  const extensions: Extension[] = []
  for (const value of values) {
    for (let at = 0; ; ) {
      const extension = readExtension(value, at)
      if (extension === undefined) return undefined
      extensions.push(extension.value)
      if (extension.end === value.length) break
      if (value[extension.end] !== ',') return undefined
      at = extension.end + 1
    }
  }
  return extensions
}

function readExtension(text: string, from: number): Read<Extension> | undefined {
  const start = spaceEnd(text, from)
  let at = tokenEnd(text, start)
  if (at === start) return undefined
  const name = text.slice(start, at)
  const parameters: { name: string; value: string | undefined }[] = []
  for (at = spaceEnd(text, at); text[at] === ';'; ) {
    const parameter = readParameter(text, at + 1)
    if (parameter === undefined) return undefined
    parameters.push(parameter.value)
    at = parameter.end
  }
  return { value: { name, parameters }, end: at }
}

function readParameter(text: string, from: number): Read<{ name: string; value: string | undefined }> | undefined {
  const start = spaceEnd(text, from)
  const end = tokenEnd(text, start)
  if (end === start) return undefined
  const name = text.slice(start, end)
  let at = spaceEnd(text, end)
  if (text[at] !== '=') return { value: { name, value: undefined }, end: at }
  at = spaceEnd(text, at + 1)
  const value =
    text[at] === '"' ? readQuoted(text, at + 1) : { value: text.slice(at, tokenEnd(text, at)), end: tokenEnd(text, at) }
  // RFC 6455 §9.1: a quoted value too must be a token once the quoting is undone.
  if (value === undefined || !isToken(value.value)) return undefined
  return { value: { name, value: value.value }, end: spaceEnd(text, value.end) }
}

/** The rest of a quoted string whose opening quote is behind; a backslash quotes the character after it. */
function readQuoted(text: string, from: number): Read<string> | undefined {
  let value = ''
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return { value, end: at + 1 }
    if (text[at] === '\\') at++
    value += text[at] ?? ''
  }
  return undefined
}
