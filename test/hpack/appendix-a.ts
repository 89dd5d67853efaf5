/** Table of facts: the static table of RFC 7541 Appendix A, from index 1 on, each line as it would stand in HTTP/1.1. */
export const appendixA: readonly string[] = `
:authority:
:method: GET
:method: POST
:path: /
:path: /index.html
:scheme: http
:scheme: https
:status: 200
:status: 204
:status: 206
:status: 304
:status: 400
:status: 404
:status: 500
accept-charset:
accept-encoding: gzip, deflate
accept-language:
accept-ranges:
accept:
access-control-allow-origin:
age:
allow:
authorization:
cache-control:
content-disposition:
content-encoding:
content-language:
content-length:
content-location:
content-range:
content-type:
cookie:
date:
etag:
expect:
expires:
from:
host:
if-match:
if-modified-since:
if-none-match:
if-range:
if-unmodified-since:
last-modified:
link:
location:
max-forwards:
proxy-authenticate:
proxy-authorization:
range:
referer:
refresh:
retry-after:
server:
set-cookie:
strict-transport-security:
transfer-encoding:
user-agent:
vary:
via:
www-authenticate:
`
  .trim()
  .split('\n')

/** A field as it would stand in HTTP/1.1. */
export function fieldLine({ name, value }: { readonly name: string; readonly value: string }): string {
  return value === '' ? `${name}:` : `${name}: ${value}`
}
