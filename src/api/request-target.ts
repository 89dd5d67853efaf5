import type { Field } from '../hpack/index.ts'
import { fieldValue } from './header-fields.ts'

// RFC 3986 §3.2.2 and §3.2.3, the characters of host and port. Userinfo is not allowed: RFC 9113 §8.3.1.
const authorityCharacters = /^[\w.~!$&'()*+,;=%:[\]-]+$/

/**
 * The absolute URL that a request's pseudo-header fields stand for, or undefined when they don't make one.
 * RFC 9113 §8.3.1. An authority is checked first, since one with a slash or a question mark in it would shift the
 * borders of host, path and query.
 */
export function targetUrl(fields: readonly Field[]): string | undefined {
  const scheme = fieldValue(fields, ':scheme')
  const path = fieldValue(fields, ':path')
  // RFC 9113 §8.3.1: a request that came through an HTTP/1.1 proxy may have only `host`.
  const authority = fieldValue(fields, ':authority') ?? fieldValue(fields, 'host')
  if (scheme === undefined || path === undefined || authority === undefined) return undefined
  if (!authorityCharacters.test(authority)) return undefined
  // `OPTIONS *` asks about the server as a whole; a URL has no word for it, so it is shown as a path. RFC 9110 §7.1.
  const url = `${scheme}://${authority}${path === '*' ? '/*' : path}`
  return URL.canParse(url) ? url : undefined
}
