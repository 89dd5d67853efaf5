/** How a response is to be scheduled, RFC 9218 §4: urgency 0 (first) to 7 (last), and whether parts are of use. */
export interface Priority {
  readonly urgency: number
  readonly incremental: boolean
}

/** RFC 9218 §4.1, §4.2. */
export const defaultPriority: Priority = { urgency: 3, incremental: false }

/**
 * Reads a priority field value, a dictionary with the members `u` and `i`. RFC 9218 §4. Other members, and values out
 * of range or of another type, are ignored; the last of several with one name counts (RFC 8941 §3.2).
 */
export function parsePriority(value: string): Priority {
  let { urgency, incremental } = defaultPriority
  for (const member of members(value)) {
    if (member === 'i' || member === 'i=?1') incremental = true
    else if (member === 'i=?0') incremental = false
    else if (member.length === 3 && member.startsWith('u=') && member[2]! >= '0' && member[2]! <= '7') {
      urgency = Number(member[2])
    }
  }
  return { urgency, incremental }
}

/** The members without their parameters, in one pass; commas and semicolons in strings separate nothing. RFC 8941 §4.2.2. */
function members(value: string): string[] {
  const found: string[] = []
  let start = 0
  let end = -1
  let inString = false
  for (let i = 0; i <= value.length; i++) {
    const c = value[i]
    if (inString && c !== undefined) {
      if (c === '\\') i++
      else if (c === '"') inString = false
    } else if (c === '"') inString = true
    else if (c === ';' && end < 0) end = i
    else if (c === ',' || c === undefined) {
      found.push(value.slice(start, end < 0 ? i : end).trim())
      start = i + 1
      end = -1
    }
  }
  return found
}
