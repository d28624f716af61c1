/**
 * The parts of IANA's HTTP registries that handshakes need, as data.
 *
 * @see https://www.iana.org/assignments/http-status-codes (read 2026-06-10)
 * @module
 */

import { freezeRows } from './rows.ts'

/** A registered upgrade token. */
export interface UpgradeToken {
  /** Spelled as in the registry; names are case-insensitive (RFC 9110 §7.8). */
  readonly name: string
  /** The versions expected after the slash, in the registry's words. */
  readonly versions: string
  /** The RFC section that defines the token. */
  readonly reference: string
}

/**
 * The registered upgrade tokens.
 *
 * @see https://www.iana.org/assignments/http-upgrade-tokens (read 2026-06-10)
 *
 * @example
 * upgradeTokens.find(({ name }) => name === 'connect-udp')?.reference // 'RFC 9298 §8.1'
 */
export const upgradeTokens: readonly UpgradeToken[] = /* @__PURE__ */ freezeRows([
  { name: 'HTTP', versions: 'any DIGIT.DIGIT', reference: 'RFC 9110 §2.5' },
  { name: 'TLS', versions: 'any', reference: 'RFC 2817 §3' },
  { name: 'WebSocket', versions: 'none', reference: 'RFC 6455 §11.2' },
  { name: 'websocket', versions: 'none', reference: 'RFC 8441 §4' },
  { name: 'h2c', versions: 'none', reference: 'RFC 9113 §3.1 (obsolete)' },
  { name: 'connect-udp', versions: 'none', reference: 'RFC 9298 §8.1' },
  { name: 'connect-ip', versions: 'none', reference: 'RFC 9484 §12.1' },
])

/**
 * The setting with which an HTTP/2 or HTTP/3 server announces extended CONNECT, and its values.
 *
 * @see https://www.iana.org/assignments/http2-parameters, https://www.iana.org/assignments/http3-parameters (read 2026-06-10)
 *
 * @example
 * enableConnectProtocol.identifier // 8
 *
 * @category HTTP/2 and HTTP/3
 */
export const enableConnectProtocol: {
  /** SETTINGS_ENABLE_CONNECT_PROTOCOL. */
  readonly identifier: 0x08
  /** 0: unsupported; 1: supported. */
  readonly values: readonly [0, 1]
  /** For HTTP/2 and for HTTP/3. */
  readonly references: readonly string[]
} = /* @__PURE__ */ Object.freeze({
  identifier: 0x08,
  values: /* @__PURE__ */ Object.freeze([0, 1] as const),
  references: /* @__PURE__ */ Object.freeze(['RFC 8441 §3', 'RFC 9220 §3']),
} as const)

/** The reasons of the statuses that this package sends. They are separate so that a bundle can leave out the others. */
export const handshakeReasons: { readonly [status: number]: string } = /* @__PURE__ */ Object.freeze({
  101: 'Switching Protocols', // RFC 9110 §15.2.2
  200: 'OK', // RFC 9110 §15.3.1
  400: 'Bad Request', // RFC 9110 §15.5.1
  403: 'Forbidden', // RFC 9110 §15.5.4
  405: 'Method Not Allowed', // RFC 9110 §15.5.6
  407: 'Proxy Authentication Required', // RFC 9110 §15.5.8
  408: 'Request Timeout', // RFC 9110 §15.5.9
  414: 'URI Too Long', // RFC 9110 §15.5.15
  421: 'Misdirected Request', // RFC 9110 §15.5.20
  426: 'Upgrade Required', // RFC 9110 §15.5.22
  431: 'Request Header Fields Too Large', // RFC 6585
  501: 'Not Implemented', // RFC 9110 §15.6.2
  502: 'Bad Gateway', // RFC 9110 §15.6.3
  505: 'HTTP Version Not Supported', // RFC 9110 §15.6.6
})

/**
 * The reason phrases of all permanently registered status codes, except those marked as unused.
 *
 * @see https://www.iana.org/assignments/http-status-codes (read 2026-06-10)
 *
 * @example
 * reasonPhrases[426] // 'Upgrade Required'
 */
export const reasonPhrases: { readonly [status: number]: string } = /* @__PURE__ */ withHandshakeReasons({
  100: 'Continue', // RFC 9110 §15.2.1
  102: 'Processing', // RFC 2518
  103: 'Early Hints', // RFC 8297
  201: 'Created', // RFC 9110 §15.3.2
  202: 'Accepted', // RFC 9110 §15.3.3
  203: 'Non-Authoritative Information', // RFC 9110 §15.3.4
  204: 'No Content', // RFC 9110 §15.3.5
  205: 'Reset Content', // RFC 9110 §15.3.6
  206: 'Partial Content', // RFC 9110 §15.3.7
  207: 'Multi-Status', // RFC 4918
  208: 'Already Reported', // RFC 5842
  226: 'IM Used', // RFC 3229
  300: 'Multiple Choices', // RFC 9110 §15.4.1
  301: 'Moved Permanently', // RFC 9110 §15.4.2
  302: 'Found', // RFC 9110 §15.4.3
  303: 'See Other', // RFC 9110 §15.4.4
  304: 'Not Modified', // RFC 9110 §15.4.5
  305: 'Use Proxy', // RFC 9110 §15.4.6
  307: 'Temporary Redirect', // RFC 9110 §15.4.8
  308: 'Permanent Redirect', // RFC 9110 §15.4.9
  401: 'Unauthorized', // RFC 9110 §15.5.2
  402: 'Payment Required', // RFC 9110 §15.5.3
  404: 'Not Found', // RFC 9110 §15.5.5
  406: 'Not Acceptable', // RFC 9110 §15.5.7
  409: 'Conflict', // RFC 9110 §15.5.10
  410: 'Gone', // RFC 9110 §15.5.11
  411: 'Length Required', // RFC 9110 §15.5.12
  412: 'Precondition Failed', // RFC 9110 §15.5.13
  413: 'Content Too Large', // RFC 9110 §15.5.14
  415: 'Unsupported Media Type', // RFC 9110 §15.5.16
  416: 'Range Not Satisfiable', // RFC 9110 §15.5.17
  417: 'Expectation Failed', // RFC 9110 §15.5.18
  422: 'Unprocessable Content', // RFC 9110 §15.5.21
  423: 'Locked', // RFC 4918
  424: 'Failed Dependency', // RFC 4918
  425: 'Too Early', // RFC 8470
  428: 'Precondition Required', // RFC 6585
  429: 'Too Many Requests', // RFC 6585
  451: 'Unavailable For Legal Reasons', // RFC 7725
  500: 'Internal Server Error', // RFC 9110 §15.6.1
  503: 'Service Unavailable', // RFC 9110 §15.6.4
  504: 'Gateway Timeout', // RFC 9110 §15.6.5
  506: 'Variant Also Negotiates', // RFC 2295
  507: 'Insufficient Storage', // RFC 4918
  508: 'Loop Detected', // RFC 5842
  510: 'Not Extended', // RFC 2774 (obsolete)
  511: 'Network Authentication Required', // RFC 6585
})

function withHandshakeReasons(others: { readonly [status: number]: string }): { readonly [status: number]: string } {
  return Object.freeze({ ...handshakeReasons, ...others })
}
