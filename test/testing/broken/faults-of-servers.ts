/** Faults of a server in the opening handshake (RFC 6455 §4.2, RFC 8441). */

import type { FaultEntry } from './fault-entry.ts'

export const serverFaults = {
  'empty-line-before-refused': {
    does: 'It refuses an empty line before a request.',
    named: ['server/request-line/empty-line-before'],
    verdict: 'warn',
  },
  'bad-head-ignored': {
    does: 'It does not answer a request that it cannot read.',
    named: ['server/fields/bare-cr-in-name'],
  },
  'refused-without-response': {
    does: 'It ends the connection instead of refusing.',
    named: ['server/response/plain-request'],
    verdict: 'warn',
  },
  'length-0-refused': {
    does: 'It treats `Content-Length: 0` as a body.',
    named: ['server/body/length-0'],
    verdict: 'warn',
  },
  'key-well-known-refused': {
    does: 'It refuses keys of zero bytes and the key of the RFC.',
    named: ['server/key/example', 'server/key/zeros'],
  },
  'extension-unknown-refused': {
    does: 'It refuses offers of unknown extensions.',
    named: ['server/extensions/unknown', 'server/extensions/two'],
  },
  'start-line-unchecked': { does: 'It accepts any start line.', named: ['server/request-line/connect'] },
  'method-unchecked': { does: 'It upgrades requests of any method.', named: ['server/request-line/post'] },
  'method-in-any-case': { does: 'It treats `get` as GET.', named: ['server/request-line/lower-case-method'] },
  'http-1.0-upgraded': { does: 'It upgrades requests of HTTP/1.0.', named: ['server/request-line/http-1-0'] },
  'http-1.1-only': { does: 'It refuses HTTP/1.2.', named: ['server/request-line/http-1-2'], verdict: 'warn' },
  'http-version-unchecked': {
    does: 'It accepts any version of HTTP.',
    named: ['server/request-line/http-0-9'],
    verdict: 'warn',
  },
  'target-unchecked': { does: 'It accepts any target.', named: ['server/request-line/asterisk'], verdict: 'warn' },
  'absolute-form-refused': {
    does: 'It refuses a whole URL as the target.',
    named: ['server/request-line/absolute-form'],
  },
  'host-missing': { does: 'It accepts a request without `Host`.', named: ['server/host/missing'] },
  'host-twice': { does: 'It uses the first of two `Host`.', named: ['server/host/two-alike'] },
  'host-unchecked': { does: 'It accepts any `Host`.', named: ['server/host/angle-brackets'] },
  'body-as-frames': { does: 'It treats a body as frames.', named: ['server/body/chunked'] },
  'fields-unchecked': {
    does: 'It opens a WebSocket for any fields.',
    named: ['server/response/plain-request', 'server/response/websocket-fields-only'],
  },
  'version-last': { does: 'It uses the last of two versions.', named: ['server/version/two-different'] },
  'version-missing': { does: 'It accepts a request without a version.', named: ['server/version/missing'] },
  'version-twice': { does: 'It uses the first of two versions.', named: ['server/version/two-alike'] },
  'version-unchecked': { does: 'It accepts any version.', named: ['server/version/12'] },
  'version-as-number': {
    does: 'It reads the version as JavaScript reads numbers: `0xd` is 13.',
    named: ['server/version/hexadecimal'],
  },
  'version-parsed': { does: 'It reads the number that the version begins with.', named: ['server/version/list'] },
  'version-at-least-13': { does: 'It accepts later versions.', named: ['server/version/14'] },
  'version-of-8-bits': {
    does: 'It reads the version as a number of eight bits.',
    named: ['server/version/8-bit-wrap'],
  },
  'version-refused-without-list': { does: 'It does not list its versions.', named: ['server/version/12'] },
  'version-refused-426-without-upgrade': { does: 'Its 426 has no `Upgrade`.', named: ['server/version/12'] },
  'key-missing': { does: 'It accepts a request without a key.', named: ['server/key/missing'] },
  'key-twice': { does: 'It uses the first of two keys.', named: ['server/key/two-alike'] },
  'key-unchecked': { does: 'It accepts any key.', named: ['server/key/alphabet'] },
  'key-of-any-length': { does: 'It accepts keys of any length.', named: ['server/key/empty'] },
  'key-length-only': { does: 'It decodes the key loosely, and checks its length.', named: ['server/key/list'] },
  'key-letters-only': { does: 'It refuses keys with `+` or `/`.', named: ['server/key/plus-signs'] },
  'key-fault-500': { does: 'It refuses a wrong key with 500.', named: ['server/key/alphabet'], verdict: 'warn' },
  'accept-unanswered': {
    does: 'It answers no `Sec-WebSocket-Accept`.',
    named: ['server/response/opens'],
  },
  'accept-of-other-guid': { does: 'It has a wrong GUID.', named: ['server/response/opens'] },
  'accept-of-decoded-key': {
    does: 'It computes the accept from the decoded key.',
    named: ['server/response/opens'],
  },
  'accept-in-hexadecimal': {
    does: 'It writes the accept in hexadecimal.',
    named: ['server/response/opens'],
  },
  'accept-unpadded': { does: 'It writes the accept without padding.', named: ['server/response/opens'] },
  'accept-of-url-alphabet': {
    does: 'It writes the accept in the alphabet of URLs.',
    named: ['server/masking/unmasked-text'],
  },
  'status-200': { does: 'It answers 200 instead of 101.', named: ['server/response/opens'] },
  'answers-http-1.0': { does: 'It answers as HTTP/1.0.', named: ['server/response/opens'] },
  'upgrade-unanswered': { does: 'It answers no `Upgrade`.', named: ['server/response/upgrade-field'] },
  'upgrade-echoed': {
    does: 'It sends the `Upgrade` of the request back.',
    named: ['server/response/one-of-two-protocols'],
  },
  'line-end-in-upgrade': {
    does: 'It writes the line end of its `Upgrade` twice, which ends its head.',
    named: ['server/response/connection-field'],
  },
  'connection-unanswered': { does: 'It answers no `Connection`.', named: ['server/response/connection-field'] },
  'connection-echoed': {
    does: 'It sends the `Connection` of the request back.',
    named: ['server/connection/two-lines'],
  },
  'fields-of-request-echoed': {
    does: 'It sends all fields of the request back.',
    named: ['server/response/opens'],
  },
  'content-length-in-101': { does: 'Its 101 has a `Content-Length`.', named: ['server/response/no-content-length'] },
  'transfer-encoding-in-101': {
    does: 'Its 101 has a `Transfer-Encoding`.',
    named: ['server/response/no-transfer-encoding'],
  },
  'space-before-colon-sent': {
    does: 'It writes white space before colons.',
    named: ['server/response/opens'],
  },
  'text-at-once-unasked': {
    does: 'It sends an unsolicited text.',
    named: ['server/framing/text-of-1-bytes'],
  },
  'subprotocol-unasked': {
    does: 'It answers a subprotocol although none was offered.',
    named: ['server/response/no-subprotocol'],
  },
  'subprotocol-echoed': {
    does: 'It sends all offered subprotocols back unchanged.',
    named: ['server/subprotocol/two'],
  },
  'subprotocol-first-chosen': {
    does: 'It accepts the first offered subprotocol without checking it.',
    named: ['server/http2/malformed-subprotocols'],
  },
  'subprotocol-own-chosen': {
    does: 'It answers its subprotocol to any offer.',
    named: ['server/subprotocol/unknown', 'server/subprotocol/every-sign'],
  },
  'subprotocol-first-line': {
    does: 'It reads the first of several lines.',
    named: ['server/subprotocol/known-second-line'],
    verdict: 'warn',
  },
  'subprotocol-in-capitals': { does: 'It answers the subprotocol in capitals.', named: ['server/subprotocol/known'] },
  'subprotocol-unanswered': {
    does: 'It agrees on no subprotocol.',
    named: ['server/subprotocol/known'],
    verdict: 'warn',
  },
  'subprotocol-unknown-refused': {
    does: 'It refuses offers of unknown subprotocols.',
    named: ['server/subprotocol/empty-element-before'],
    verdict: 'warn',
  },
  'subprotocol-by-object': {
    does: 'It looks subprotocols up in an object, where `constructor` is.',
    named: ['server/subprotocol/prototype-names'],
  },
  'subprotocols-unchecked': {
    does: 'It accepts what is not a list of tokens.',
    named: ['server/http2/malformed-subprotocols'],
    verdict: 'warn',
  },
  'http2-status-101': { does: 'It answers 101 over HTTP/2.', named: ['server/http2/opens'] },
  'http2-accept': {
    does: 'It answers `Sec-WebSocket-Accept` over HTTP/2.',
    named: ['server/http2/no-accept'],
    verdict: 'warn',
  },
  'http2-protocol-unchecked': {
    does: 'It accepts any `:protocol`.',
    named: ['server/http2/longer-protocol'],
    verdict: 'warn',
  },
  'http2-key-wanted': { does: 'It requires a key over HTTP/2.', named: ['server/http2/opens'] },
} as const satisfies Readonly<Record<string, FaultEntry>>
