import type { Field } from '../../hpack/index.ts'
import { fieldValue } from '../header-fields.ts'

/**
 * What a request's pseudo-header fields say as an absolute URL, which need not be one; undefined when one of them is missing.
 * RFC 9113 §8.3.1. The connection has seen to it that nothing in the authority can shift the borders of host, path and
 * query; but a port of 99999, say, passes there and makes no URL.
 */
export function targetText(fields: readonly Field[]): string | undefined {
  return textOf(fieldValue(fields, ':scheme'), authorityOf(fields), fieldValue(fields, ':path'))
}

/** RFC 9113 §8.3.1: a request that came through an HTTP/1.1 proxy may have only `host`. */
function authorityOf(fields: readonly Field[]): string | undefined {
  return fieldValue(fields, ':authority') ?? fieldValue(fields, 'host')
}

type Part = string | undefined

function textOf(scheme: Part, authority: Part, path: Part): string | undefined {
  if (scheme === undefined || path === undefined || authority === undefined) return undefined
  // `OPTIONS *` asks about the server as a whole; a URL has no word for it, so it is shown as a path. RFC 9110 §7.1.
  return `${scheme}://${authority}${path === '*' ? '/*' : path}`
}

/** The latest target that made a URL, and its parts: whoever opens thousands of sockets opens them at one place. */
const latest: { scheme: Part; authority: Part; path: Part; url: string | undefined } = {
  scheme: undefined,
  authority: undefined,
  path: undefined,
  url: undefined,
}

/** The absolute URL that a request's pseudo-header fields stand for, or undefined when they don't make one. */
export function targetUrl(fields: readonly Field[]): string | undefined {
  const scheme = fieldValue(fields, ':scheme')
  const authority = authorityOf(fields)
  const path = fieldValue(fields, ':path')
  if (path === latest.path && authority === latest.authority && scheme === latest.scheme) return latest.url
  const url = textOf(scheme, authority, path)
  if (url === undefined || !URL.canParse(url)) return undefined
  Object.assign(latest, { scheme, authority, path, url })
  return url
}
