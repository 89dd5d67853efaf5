import type { Requirement } from '../requirement.ts'

/** RFC 9113 §9 and §10. */
export const tlsAndSecurity: readonly Requirement[] = [
  {
    id: '§9.1.1-1',
    role: 'client',
    rule: 'The certificate of the server is good for the host of the URI.',
    tests: ['rejects when the certificate is not trusted', 'RFC 9113 §9.1.1: rejects a certificate of another host'],
  },
  {
    id: '§9.2-1',
    role: 'both',
    rule: 'TLS is 1.2 or later.',
    tests: [
      'RFC 9113 §9.2: the server takes nothing older than TLS 1.2',
      'RFC 9113 §9.2: the client takes nothing older than TLS 1.2',
    ],
  },
  {
    id: '§9.2-2',
    role: 'client',
    rule: 'The name of the server is said in SNI.',
    musts: 2,
    tests: ['RFC 9113 §3.2: a client offers h2 alone, and names the host in SNI'],
  },
  {
    id: '§9.2.1-1',
    role: 'both',
    rule: 'There is no TLS compression.',
    notTested: 'switched off by an option of the TLS library, which has none to switch on in Node',
  },
  {
    id: '§9.2.1-2',
    role: 'both',
    rule: 'There is no renegotiation, or only before the preface; it ends the connection.',
    musts: 3,
    tests: ['RFC 9113 §9.2.1: a renegotiation ends the connection'],
  },
  {
    id: '§9.2.1-3',
    role: 'both',
    rule: 'Key exchange sizes that must be taken.',
    musts: 2,
    notTested: 'binds the TLS library; neither end sets a limit of its own',
  },
  {
    id: '§9.2.2-1',
    role: 'both',
    rule: 'INADEQUATE_SECURITY is only for the suites of Appendix A.',
    tests: [
      'RFC 9113 §9.2.2: a suite of Appendix A that was let through by configuration is INADEQUATE_SECURITY',
      'RFC 9113 §9.2.2: the server takes no cipher suite of Appendix A, even if it is all there is',
      'ECDHE-RSA-AES128-GCM-SHA256: false',
    ],
  },
  {
    id: '§9.2.2-2',
    role: 'both',
    rule: 'With TLS 1.2, ECDHE-RSA-AES128-GCM-SHA256 with P-256 is supported.',
    tests: ['RFC 9113 §9.2.2: the suite that everybody must have is offered by the client and taken by the server'],
  },
  {
    id: '§9.2.3-1',
    role: 'both',
    rule: 'No certificate is asked for after the handshake of TLS 1.3; being asked is a connection error.',
    musts: 2,
    notTested: 'Node has no way to ask so, and does not offer to be asked: its TLS library then ends the connection',
  },
  {
    id: '§10.3-1',
    role: 'both',
    rule: 'An intermediary checks and cleans what it translates.',
    musts: 2,
    notTested: 'binds intermediaries',
  },
  {
    id: '§10.4-1',
    role: 'both',
    rule: 'Nobody pushes for an origin that is not its own.',
    musts: 2,
    tests: ['RFC 9113 §8.4: a promise for an origin other than that of its request…'],
  },
  {
    id: '§10.5-1',
    role: 'both',
    rule: 'What is lawful and costs us more than the peer is counted and limited.',
    musts: 0,
    tests: [
      'glitchBurst: 20 times…',
      'resetBurst: 20 streams…',
      'maxSettings: 32 settings in a frame pass…',
      'RFC 9113 §10.5: WINDOW_UPDATE by 1 on the connection, without end, ends the connection',
      'RFC 9113 §10.5: is dropped when it has taken nothing for writeStallTimeout',
      'maxRetainedFieldSize: sections of all open streams together, and a stream that closes makes room',
    ],
  },
  {
    id: '§10.5.1-1',
    role: 'both',
    rule: 'A field block beyond our limits is decoded all the same, or the connection ends.',
    tests: [
      'RFC 9113 §10.5.1: whatever the limits are, the table and the size are those of a decoder without limits',
      'maxFieldSectionSize: a section of exactly that size passes, one octet more is refused, and the next one passes',
      'maxContinuations: 8 frames continue a block, the ninth ends the connection',
    ],
  },
  {
    id: '§10.6-1',
    role: 'both',
    rule: 'No compression mixes secrets with what an attacker chose; none under HTTP/2 as a whole.',
    musts: 3,
    notTested: 'content is compressed by the application alone, per socket where it asks for it; of TLS see §9.2.1-1',
  },
]
