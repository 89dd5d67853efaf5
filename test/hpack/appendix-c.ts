/** Table of facts: the examples of RFC 7541 Appendix C. Sections of one group share a pair of contexts. */
export interface Example {
  readonly section: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly hex: string
  /** The dynamic table afterwards, the newest entry first. */
  readonly table: readonly (readonly [name: string, value: string])[]
  readonly tableSize: number
}

export const examples: readonly Example[] = [
  {
    section: 'C.2.1',
    fields: [['custom-key', 'custom-header']],
    hex: '400a637573746f6d2d6b65790d637573746f6d2d686561646572',
    table: [['custom-key', 'custom-header']],
    tableSize: 55,
  },
  {
    section: 'C.2.2',
    fields: [[':path', '/sample/path']],
    hex: '040c2f73616d706c652f70617468',
    table: [],
    tableSize: 0,
  },
  {
    section: 'C.2.3',
    fields: [['password', 'secret']],
    hex: '100870617373776f726406736563726574',
    table: [],
    tableSize: 0,
  },
  { section: 'C.2.4', fields: [[':method', 'GET']], hex: '82', table: [], tableSize: 0 },
  {
    section: 'C.3.1',
    fields: [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ],
    hex: '828684410f7777772e6578616d706c652e636f6d',
    table: [[':authority', 'www.example.com']],
    tableSize: 57,
  },
  {
    section: 'C.3.2',
    fields: [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
      ['cache-control', 'no-cache'],
    ],
    hex: '828684be58086e6f2d6361636865',
    table: [
      ['cache-control', 'no-cache'],
      [':authority', 'www.example.com'],
    ],
    tableSize: 110,
  },
  {
    section: 'C.3.3',
    fields: [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/index.html'],
      [':authority', 'www.example.com'],
      ['custom-key', 'custom-value'],
    ],
    hex: '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    table: [
      ['custom-key', 'custom-value'],
      ['cache-control', 'no-cache'],
      [':authority', 'www.example.com'],
    ],
    tableSize: 164,
  },
  {
    section: 'C.4.1',
    fields: [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ],
    hex: '828684418cf1e3c2e5f23a6ba0ab90f4ff',
    table: [[':authority', 'www.example.com']],
    tableSize: 57,
  },
  {
    section: 'C.4.2',
    fields: [
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
      ['cache-control', 'no-cache'],
    ],
    hex: '828684be5886a8eb10649cbf',
    table: [
      ['cache-control', 'no-cache'],
      [':authority', 'www.example.com'],
    ],
    tableSize: 110,
  },
  {
    section: 'C.4.3',
    fields: [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/index.html'],
      [':authority', 'www.example.com'],
      ['custom-key', 'custom-value'],
    ],
    hex: '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    table: [
      ['custom-key', 'custom-value'],
      ['cache-control', 'no-cache'],
      [':authority', 'www.example.com'],
    ],
    tableSize: 164,
  },
  {
    section: 'C.5.1',
    fields: [
      [':status', '302'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ],
    hex: '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
    table: [
      ['location', 'https://www.example.com'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['cache-control', 'private'],
      [':status', '302'],
    ],
    tableSize: 222,
  },
  {
    section: 'C.5.2',
    fields: [
      [':status', '307'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ],
    hex: '4803333037c1c0bf',
    table: [
      [':status', '307'],
      ['location', 'https://www.example.com'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['cache-control', 'private'],
    ],
    tableSize: 222,
  },
  {
    section: 'C.5.3',
    fields: [
      [':status', '200'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
      ['location', 'https://www.example.com'],
      ['content-encoding', 'gzip'],
      ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
    ],
    hex: '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
    table: [
      ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
      ['content-encoding', 'gzip'],
      ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
    ],
    tableSize: 215,
  },
  {
    section: 'C.6.1',
    fields: [
      [':status', '302'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ],
    hex: '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
    table: [
      ['location', 'https://www.example.com'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['cache-control', 'private'],
      [':status', '302'],
    ],
    tableSize: 222,
  },
  {
    section: 'C.6.2',
    fields: [
      [':status', '307'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ],
    hex: '4883640effc1c0bf',
    table: [
      [':status', '307'],
      ['location', 'https://www.example.com'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['cache-control', 'private'],
    ],
    tableSize: 222,
  },
  {
    section: 'C.6.3',
    fields: [
      [':status', '200'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
      ['location', 'https://www.example.com'],
      ['content-encoding', 'gzip'],
      ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
    ],
    hex: '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    table: [
      ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
      ['content-encoding', 'gzip'],
      ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
    ],
    tableSize: 215,
  },
]
