import type { RequirementList } from '../requirement.ts'
import { errorsAndMessages } from './errors-and-messages.ts'
import { frames } from './frames.ts'
import { pushAndTunnels } from './push-and-tunnels.ts'
import { settingsAndControl } from './settings-and-control.ts'
import { startAndFraming } from './start-and-framing.ts'
import { streams } from './streams.ts'
import { tlsAndSecurity } from './tls-and-security.ts'
import { windows } from './windows.ts'

const sections = `
  1 2 2.1 2.2 3 3.1 3.2 3.3 3.4 4 4.1 4.2 4.3 4.3.1
  5 5.1 5.1.1 5.1.2 5.2 5.2.1 5.2.2 5.2.3 5.3 5.3.1 5.3.2 5.4 5.4.1 5.4.2 5.4.3 5.5
  6 6.1 6.2 6.3 6.4 6.5 6.5.1 6.5.2 6.5.3 6.6 6.7 6.8 6.9 6.9.1 6.9.2 6.9.3 6.10 7
  8 8.1 8.1.1 8.2 8.2.1 8.2.2 8.2.3 8.3 8.3.1 8.3.2 8.4 8.4.1 8.4.2 8.5 8.6 8.7 8.8 8.8.1 8.8.2 8.8.3 8.8.4 8.8.5
  9 9.1 9.1.1 9.2 9.2.1 9.2.2 9.2.3 10 10.1 10.2 10.3 10.4 10.5 10.5.1 10.5.2 10.6 10.7 10.8 10.9
  11 11.1 11.2 12 12.1 12.2
`

/** RFC 9113: HTTP/2. The two MUSTs of §2.2 only say what the word means. */
export const rfc9113: RequirementList = {
  rfc: 9113,
  sections: sections.trim().split(/\s+/),
  musts: {
    '3.2': 2,
    '3.3': 2,
    '3.4': 4,
    '4.1': 6,
    '4.2': 3,
    '4.3': 3,
    '4.3.1': 2,
    '5.1': 9,
    '5.1.1': 4,
    '5.1.2': 2,
    '5.2.1': 1,
    '5.2.2': 1,
    '5.4': 1,
    '5.4.1': 1,
    '5.4.2': 2,
    '5.5': 5,
    '6.1': 5,
    '6.2': 6,
    '6.3': 2,
    '6.4': 7,
    '6.5': 8,
    '6.5.2': 10,
    '6.5.3': 4,
    '6.6': 15,
    '6.7': 6,
    '6.8': 6,
    '6.9': 6,
    '6.9.1': 3,
    '6.9.2': 4,
    '6.9.3': 1,
    '6.10': 6,
    7: 1,
    '8.1': 5,
    '8.1.1': 3,
    '8.2': 1,
    '8.2.1': 7,
    '8.2.2': 4,
    '8.2.3': 1,
    '8.3': 9,
    '8.3.1': 13,
    '8.3.2': 1,
    '8.4': 6,
    '8.4.1': 5,
    '8.4.2': 1,
    '8.5': 4,
    '8.7': 3,
    '9.1.1': 1,
    '9.2': 3,
    '9.2.1': 6,
    '9.2.2': 2,
    '9.2.3': 2,
    '10.3': 2,
    '10.4': 2,
    '10.5.1': 1,
    '10.6': 3,
  },
  requirements: [
    ...startAndFraming,
    ...streams,
    ...frames,
    ...settingsAndControl,
    ...windows,
    ...errorsAndMessages,
    ...pushAndTunnels,
    ...tlsAndSecurity,
  ],
}
