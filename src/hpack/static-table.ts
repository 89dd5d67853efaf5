import { TableEntry } from './table-entry.ts'

/** Table of facts: name, value, name, value, … from index 1 on. RFC 7541 Appendix A. */
const facts: readonly string[] = `
:authority||:method|GET|:method|POST|:path|/|:path|/index.html|:scheme|http|:scheme|https
|:status|200|:status|204|:status|206|:status|304|:status|400|:status|404|:status|500
|accept-charset||accept-encoding|gzip, deflate|accept-language||accept-ranges||accept|
|access-control-allow-origin||age||allow||authorization||cache-control||content-disposition|
|content-encoding||content-language||content-length||content-location||content-range||content-type|
|cookie||date||etag||expect||expires||from||host||if-match||if-modified-since||if-none-match||if-range|
|if-unmodified-since||last-modified||link||location||max-forwards||proxy-authenticate||proxy-authorization|
|range||referer||refresh||retry-after||server||set-cookie||strict-transport-security||transfer-encoding|
|user-agent||vary||via||www-authenticate|`
  .replaceAll('\n', '')
  .split('|')

/** How many entries the static table has; the dynamic table is numbered from the next index on. RFC 7541 §2.3.3. */
export const STATIC_LENGTH = 61

/** The static table, from index 1; the entry at 0 is never referred to. RFC 7541 §2.3.1. */
export const staticTable: readonly TableEntry[] = Array.from({ length: STATIC_LENGTH + 1 }, (_, index) =>
  index === 0 ? new TableEntry('', '') : new TableEntry(facts[index * 2 - 2]!, facts[index * 2 - 1]!),
)
