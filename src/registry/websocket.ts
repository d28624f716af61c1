/**
 * The numbers of RFC 6455 as data: opcodes, reserved bits, close codes and versions. Copied from the IANA registries as of 2026-06-10,
 * https://www.iana.org/assignments/websocket/websocket.xhtml.
 *
 * @module
 */

import { freezeRows } from './rows.ts'

/**
 * The frame types (RFC 6455 §5.2, §11.8). 3–7 and 11–15 are reserved.
 *
 * @example
 * encodeFrame({ opcode: Opcode.Pong }) // 8a 00
 *
 * @category Errors, limits and registries
 */
export const Opcode: {
  /** Continues a fragmented message (§5.4). */
  readonly Continuation: 0
  /** Starts a message of UTF-8 text (§5.6). */
  readonly Text: 1
  /** Starts a message of bytes (§5.6). */
  readonly Binary: 2
  /** Ends the connection (§5.5.1). */
  readonly Close: 8
  /** Requests a pong (§5.5.2). */
  readonly Ping: 9
  /** Answers a ping, or serves as an unsolicited heartbeat (§5.5.3). */
  readonly Pong: 10
} = /* @__PURE__ */ Object.freeze({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const)

/** A registered opcode. */
export interface OpcodeEntry {
  /** 0–15. */
  readonly opcode: number
  /** The registered name, spelled as in the registry. */
  readonly text: string
  /** The defining RFC. */
  readonly reference: string
}

/**
 * The WebSocket Opcode Registry (RFC 6455 §11.8), in order. 3–7 and 11–15 are unassigned.
 *
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml#opcode (as of 2026-06-10)
 *
 * @example
 * opcodes.find(({ opcode }) => opcode === Opcode.Close)?.text // 'Connection Close Frame'
 */
export const opcodes: readonly OpcodeEntry[] = /* @__PURE__ */ freezeRows([
  { opcode: 0, text: 'Continuation Frame', reference: 'RFC 6455' },
  { opcode: 1, text: 'Text Frame', reference: 'RFC 6455' },
  { opcode: 2, text: 'Binary Frame', reference: 'RFC 6455' },
  { opcode: 8, text: 'Connection Close Frame', reference: 'RFC 6455' },
  { opcode: 9, text: 'Ping Frame', reference: 'RFC 6455' },
  { opcode: 10, text: 'Pong Frame', reference: 'RFC 6455' },
])

/**
 * The bits that `rsv` combines; RSV1 is the highest (RFC 6455 §5.2). Only RSV1 has a registered use.
 *
 * @example
 * encodeFrame({ opcode: Opcode.Text, rsv: Rsv.RSV1 }) // c1 00
 *
 * @category Errors, limits and registries
 */
export const Rsv: {
  /** Marks a message compressed with permessage-deflate (RFC 7692 §6). */
  readonly RSV1: 4
  /** Has no registered use. */
  readonly RSV2: 2
  /** Has no registered use. */
  readonly RSV3: 1
} = /* @__PURE__ */ Object.freeze({ RSV1: 4, RSV2: 2, RSV3: 1 } as const)

/**
 * The reasons for closing a connection (RFC 6455 §7.4, §11.7).
 *
 * @example
 * connection.close(CloseCode.GoingAway, 'restart')
 *
 * @category Errors, limits and registries
 */
export const CloseCode: {
  /** Normal closure. */
  readonly Normal: 1000
  /** The server is shutting down, or the user has left the page. */
  readonly GoingAway: 1001
  /** The peer violated the protocol. */
  readonly ProtocolError: 1002
  /** The message type is unsupported, such as binary. */
  readonly UnsupportedData: 1003
  /** Never sent: reports a Close without a code. */
  readonly NoStatus: 1005
  /** Never sent: reports that no Close was received. */
  readonly Abnormal: 1006
  /** Text that is not UTF-8, or invalid compressed data. */
  readonly InvalidPayload: 1007
  /** No other code fits. */
  readonly PolicyViolation: 1008
  /** Message too big. */
  readonly MessageTooBig: 1009
  /** Clients only: the server did not accept a required extension. */
  readonly MandatoryExtension: 1010
  /** Internal error. */
  readonly InternalError: 1011
  /** The server restarts. */
  readonly ServiceRestart: 1012
  /** The server is overloaded. */
  readonly TryAgainLater: 1013
  /** A proxy got an invalid response from upstream. */
  readonly BadGateway: 1014
  /** Never sent: reports that TLS failed. */
  readonly TlsHandshake: 1015
  /** Like HTTP's 401. */
  readonly Unauthorized: 3000
  /** Like HTTP's 403. */
  readonly Forbidden: 3003
  /** The peer took too long. */
  readonly Timeout: 3008
} = /* @__PURE__ */ Object.freeze({
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  NoStatus: 1005,
  Abnormal: 1006,
  InvalidPayload: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
  TlsHandshake: 1015,
  Unauthorized: 3000,
  Forbidden: 3003,
  Timeout: 3008,
} as const)

/** A registered range of close codes, from `first` to `last`. */
export interface CloseCodeEntry {
  /** The lowest code. */
  readonly first: number
  /** The highest code, inclusive. */
  readonly last: number
  /** The registered name, spelled as in the registry. */
  readonly text: string
  /** The defining RFC, or the registry itself for entries without one. */
  readonly reference: string
  /** Whether a Close frame may carry the code. */
  readonly travels: boolean
}

type Row = readonly [first: number, last: number, text: string, reference: string, travels: boolean]

/** A single pure call, so that bundlers can drop an unused table. */
function table(rows: readonly Row[]): readonly CloseCodeEntry[] {
  return freezeRows(rows.map(([first, last, text, reference, travels]) => ({ first, last, text, reference, travels })))
}

/**
 * The WebSocket Close Code Number Registry, in order, without gaps from 0 on; a single code precedes the range that contains it.
 *
 * @example
 * closeCodes.find((entry) => entry.first <= 1012 && entry.last >= 1012)?.text // 'Service Restart'
 */
export const closeCodes: readonly CloseCodeEntry[] = /* @__PURE__ */ table([
  [0, 999, 'Unused', 'RFC 6455 §7.4.2', false],
  [1000, 1000, 'Normal Closure', 'RFC 6455', true],
  [1001, 1001, 'Going Away', 'RFC 6455', true],
  [1002, 1002, 'Protocol error', 'RFC 6455', true],
  [1003, 1003, 'Unsupported Data', 'RFC 6455', true],
  [1004, 1004, 'Reserved', 'RFC 6455', false],
  [1005, 1005, 'No Status Rcvd', 'RFC 6455', false],
  [1006, 1006, 'Abnormal Closure', 'RFC 6455', false],
  [1007, 1007, 'Invalid frame payload data', 'RFC 6455', true],
  [1008, 1008, 'Policy Violation', 'RFC 6455', true],
  [1009, 1009, 'Message Too Big', 'RFC 6455', true],
  [1010, 1010, 'Mandatory Ext.', 'RFC 6455', true],
  [1011, 1011, 'Internal Error', 'RFC 6455 (erratum 3227)', true],
  [1012, 1012, 'Service Restart', 'IANA', true],
  [1013, 1013, 'Try Again Later', 'IANA', true],
  [1014, 1014, 'bad gateway', 'IANA', true],
  [1015, 1015, 'TLS handshake', 'RFC 6455', false],
  [1016, 2999, 'Unassigned', 'RFC 6455 §7.4.2', false],
  [3000, 3000, 'Unauthorized', 'IANA', true],
  [3003, 3003, 'Forbidden', 'IANA', true],
  [3008, 3008, 'Timeout', 'IANA', true],
  [3000, 3999, 'First Come First Served', 'RFC 6455 §7.4.2', true],
  [4000, 4999, 'Private Use', 'RFC 6455 §7.4.2', true],
  [5000, 65535, 'Undefined', 'RFC 6455 §7.4', false],
])

/** A registered range of versions, from `first` to `last`. */
export interface VersionNumberEntry {
  /** The lowest version. */
  readonly first: number
  /** The highest version, inclusive. */
  readonly last: number
  /** `interim`: used by a draft; `reserved`: unassigned. */
  readonly status: 'interim' | 'reserved' | 'standard'
  /** The defining draft or RFC. */
  readonly reference: string
}

/**
 * The WebSocket Version Number Registry (RFC 6455 §11.6), in order, without gaps from 0 to 13; no higher version is registered. The
 * number of an interim version is the number of its draft.
 *
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml#version-number (as of 2026-06-10)
 *
 * @example
 * versionNumbers.find(({ status }) => status === 'standard')?.first // 13
 */
export const versionNumbers: readonly VersionNumberEntry[] = /* @__PURE__ */ freezeRows([
  { first: 0, last: 0, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-00' },
  { first: 1, last: 1, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-01' },
  { first: 2, last: 2, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-02' },
  { first: 3, last: 3, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-03' },
  { first: 4, last: 4, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-04' },
  { first: 5, last: 5, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-05' },
  { first: 6, last: 6, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-06' },
  { first: 7, last: 7, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-07' },
  { first: 8, last: 8, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-08' },
  { first: 9, last: 12, status: 'reserved', reference: 'RFC 6455 §11.6' },
  { first: 13, last: 13, status: 'standard', reference: 'RFC 6455' },
])
