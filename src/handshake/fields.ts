/**
 * The header fields of the handshake: their names, the one pass that picks them out of a request, and the checks that several of
 * them share. What each field means is in a file of its own.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import { FieldPicker, type FieldValues } from '../http/field-picker.ts'
import type { HeaderList, HeaderPairs, HeaderSource } from '../http/headers.ts'
import { toSendableFields } from '../http/sendable-fields.ts'

/** Names as written; comparison is case-insensitive. */
export const field = {
  key: 'Sec-WebSocket-Key',
  accept: 'Sec-WebSocket-Accept',
  version: 'Sec-WebSocket-Version',
  protocol: 'Sec-WebSocket-Protocol',
  extensions: 'Sec-WebSocket-Extensions',
} as const

/** In lower case: fields that the handshake writes itself, and those that would give its messages a body. */
const reserved: ReadonlySet<string> = /* @__PURE__ */ reservedNames()

/** One pure call, so that a bundler can drop the set; of a bare `new Set(…)` it would keep the calls inside. */
function reservedNames(): ReadonlySet<string> {
  const own = Object.values(field).map(lowerCase)
  return new Set([...own, 'connection', 'upgrade', 'content-length', 'transfer-encoding'])
}

/**
 * The caller's own fields, as a list. Throws `TypeError` for one that would conflict with the handshake, and for invalid
 * characters: the head may be written by another formatter.
 */
export function toExtraHeaders(source: HeaderSource | undefined): HeaderList {
  return toSendableFields(source, reserved, 'is written by the handshake')
}

/** The values of each field of a request, one per line, in order. */
export interface OpeningFields {
  readonly hosts: FieldValues
  /** Of `Content-Length`. */
  readonly lengths: FieldValues
  /** Of `Transfer-Encoding`. */
  readonly codings: FieldValues
  /** Of `Expect`. */
  readonly expectations: FieldValues
  readonly upgrades: FieldValues
  /** Of `Connection`. */
  readonly options: FieldValues
  readonly origins: FieldValues
  /** Of `Sec-WebSocket-Origin`, which drafts use. */
  readonly draftOrigins: FieldValues
  readonly keys: FieldValues
  readonly versions: FieldValues
  readonly subprotocols: FieldValues
  readonly extensions: FieldValues
}

const picker: FieldPicker = /* @__PURE__ */ createPicker()

/** One pure call, so that a bundler can drop it; of a bare `new FieldPicker(…)` it would keep the arguments. */
function createPicker(): FieldPicker {
  return new FieldPicker([
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Upgrade',
    'Connection',
    'Origin',
    'Sec-WebSocket-Origin',
    field.key,
    field.version,
    field.protocol,
    field.extensions,
  ])
}

type Six = [FieldValues, FieldValues, FieldValues, FieldValues, FieldValues, FieldValues]

export function pickOpeningFields(headers: HeaderPairs): OpeningFields {
  const picked = picker.pick(headers) as [...Six, ...Six]
  return {
    hosts: picked[0],
    lengths: picked[1],
    codings: picked[2],
    expectations: picked[3],
    upgrades: picked[4],
    options: picked[5],
    origins: picked[6],
    draftOrigins: picked[7],
    keys: picked[8],
    versions: picked[9],
    subprotocols: picked[10],
    extensions: picked[11],
  }
}

/** The error of a request that breaks a rule of RFC 6455, with the status to send. */
export function requestError(code: ProtocolErrorCode, message: string, section: string, status = 400): ProtocolError {
  return new ProtocolError(code, message, { reference: `RFC 6455 ${section}`, status })
}

/**
 * The value of a field that a request must have exactly once. Throws `ProtocolError`.
 *
 * @param repeated The section that forbids a second line.
 */
export function readSingle(code: ProtocolErrorCode, name: string, values: FieldValues, repeated: string): string {
  const [value] = values
  if (value !== undefined && values.length === 1) return value
  throw requestError(code, `expected one ${name}, found ${values.length}`, value === undefined ? '§4.2.1' : repeated)
}
