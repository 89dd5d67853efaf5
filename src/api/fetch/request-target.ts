import type { Field } from '../../hpack/index.ts'
import { fieldValue } from '../header-fields.ts'

/**
 * What a request's pseudo-header fields say as an absolute URL, which need not be one; undefined when one of them is missing.
 * RFC 9113 §8.3.1. The connection has seen to it that nothing in the authority can shift the borders of host, path and
 * query; but a port of 99999, say, passes there and makes no URL.
 */
export function targetText(fields: readonly Field[]): string | undefined {
  const scheme = fieldValue(fields, ':scheme')
  const path = fieldValue(fields, ':path')
  // RFC 9113 §8.3.1: a request that came through an HTTP/1.1 proxy may have only `host`.
  const authority = fieldValue(fields, ':authority') ?? fieldValue(fields, 'host')
  if (scheme === undefined || path === undefined || authority === undefined) return undefined
  // `OPTIONS *` asks about the server as a whole; a URL has no word for it, so it is shown as a path. RFC 9110 §7.1.
  return `${scheme}://${authority}${path === '*' ? '/*' : path}`
}

/** The latest target that made a URL, and its parts: whoever opens thousands of sockets opens them at one place. */
const latest = { scheme: '', authority: '', path: '', url: '' }

/** The absolute URL that a request's pseudo-header fields stand for, or undefined when they don't make one. */
export function targetUrl(fields: readonly Field[]): string | undefined {
  const scheme = fieldValue(fields, ':scheme') ?? ''
  const authority = fieldValue(fields, ':authority') ?? ''
  const path = fieldValue(fields, ':path') ?? ''
  const isLatest = path === latest.path && authority === latest.authority && scheme === latest.scheme
  if (isLatest && authority !== '') return latest.url
  const url = targetText(fields)
  if (url === undefined || !URL.canParse(url)) return undefined
  Object.assign(latest, { scheme, authority, path, url })
  return url
}
