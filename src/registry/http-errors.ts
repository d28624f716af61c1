/**
 * The HTTP/2 and HTTP/3 error codes for ending a stream or a connection, as data. Copied from IANA's registries as of 2026-06-10.
 *
 * @see https://www.iana.org/assignments/http2-parameters, https://www.iana.org/assignments/http3-parameters
 * @module
 */

import { freezeRows } from './rows.ts'

/** A registered error code. */
export interface HttpErrorCode {
  /** The value on the wire. */
  readonly code: number
  /** The registered name, spelled as in the registry. */
  readonly name: string
  /** The defining section. */
  readonly reference: string
}

type Row = readonly [code: number, name: string]

/** A single pure call, so that bundlers can drop an unused table. */
function table(reference: string, rows: readonly Row[]): readonly HttpErrorCode[] {
  return freezeRows(rows.map(([code, name]) => ({ code, name, reference })))
}

/**
 * The HTTP/2 Error Code Registry (RFC 9113 §7, §11.4), in order.
 *
 * @example
 * http2ErrorCodes.find(({ code }) => code === 8)?.name // 'CANCEL'
 */
export const http2ErrorCodes: readonly HttpErrorCode[] = /* @__PURE__ */ table('RFC 9113 §7', [
  [0x0, 'NO_ERROR'],
  [0x1, 'PROTOCOL_ERROR'],
  [0x2, 'INTERNAL_ERROR'],
  [0x3, 'FLOW_CONTROL_ERROR'],
  [0x4, 'SETTINGS_TIMEOUT'],
  [0x5, 'STREAM_CLOSED'],
  [0x6, 'FRAME_SIZE_ERROR'],
  [0x7, 'REFUSED_STREAM'],
  [0x8, 'CANCEL'],
  [0x9, 'COMPRESSION_ERROR'],
  [0xa, 'CONNECT_ERROR'],
  [0xb, 'ENHANCE_YOUR_CALM'],
  [0xc, 'INADEQUATE_SECURITY'],
  [0xd, 'HTTP_1_1_REQUIRED'],
])

/**
 * The error codes of HTTP/3 itself (RFC 9114 §8.1, §11.2.3), in order; extensions have registered others.
 *
 * @example
 * http3ErrorCodes.find(({ code }) => code === 0x10c)?.name // 'H3_REQUEST_CANCELLED'
 */
export const http3ErrorCodes: readonly HttpErrorCode[] = /* @__PURE__ */ table('RFC 9114 §8.1', [
  [0x100, 'H3_NO_ERROR'],
  [0x101, 'H3_GENERAL_PROTOCOL_ERROR'],
  [0x102, 'H3_INTERNAL_ERROR'],
  [0x103, 'H3_STREAM_CREATION_ERROR'],
  [0x104, 'H3_CLOSED_CRITICAL_STREAM'],
  [0x105, 'H3_FRAME_UNEXPECTED'],
  [0x106, 'H3_FRAME_ERROR'],
  [0x107, 'H3_EXCESSIVE_LOAD'],
  [0x108, 'H3_ID_ERROR'],
  [0x109, 'H3_SETTINGS_ERROR'],
  [0x10a, 'H3_MISSING_SETTINGS'],
  [0x10b, 'H3_REQUEST_REJECTED'],
  [0x10c, 'H3_REQUEST_CANCELLED'],
  [0x10d, 'H3_REQUEST_INCOMPLETE'],
  [0x10e, 'H3_MESSAGE_ERROR'],
  [0x10f, 'H3_CONNECT_ERROR'],
  [0x110, 'H3_VERSION_FALLBACK'],
])
