/** A character that is not a letter or digit and may still be part of a token. RFC 9110 §5.6.2, as RFC 2616 §2.2. */
const TOKEN_MARKS = "!#$%&'*+-.^_`|~"

const isTokenCode: readonly boolean[] = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code)
  return (char >= '0' && char <= '9') || (char >= 'A' && char <= 'Z') || (char >= 'a' && char <= 'z') || isMark(char)
})

function isMark(char: string): boolean {
  return TOKEN_MARKS.includes(char)
}

/** The end of the token that starts at `at`; `at` itself when there is none. */
export function tokenEnd(text: string, at: number): number {
  let end = at
  while (end < text.length && isTokenCode[text.charCodeAt(end)] === true) end++
  return end
}

/** The first place from `at` on that is neither space nor tab. */
export function spaceEnd(text: string, at: number): number {
  let end = at
  while (end < text.length && (text[end] === ' ' || text[end] === '\t')) end++
  return end
}

/** True when the whole of `text` is one token, and not an empty one. */
export function isToken(text: string): boolean {
  return text.length > 0 && tokenEnd(text, 0) === text.length
}

const NO_TOKENS: readonly string[] = /* @__PURE__ */ Object.freeze([])

/**
 * Reads a comma-separated list of tokens, given as the values of its field lines; `undefined` when it is malformed.
 * Empty members are refused: RFC 6455 §4.1 wants each to be a non-empty string. One pass, no backtracking.
 */
export function parseTokenList(values: readonly string[]): readonly string[] | undefined {
  if (values.length === 0) return NO_TOKENS
  const tokens: string[] = []
  for (const value of values) {
    let at = 0
    for (;;) {
      const start = spaceEnd(value, at)
      const end = tokenEnd(value, start)
      if (end === start) return undefined
      tokens.push(value.slice(start, end))
      at = spaceEnd(value, end)
      if (at === value.length) break
      if (value[at] !== ',') return undefined
      at++
    }
  }
  return tokens
}
