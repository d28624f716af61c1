/**
 * The header fields of the handshake: their names, the single pass that picks them out of a request, and the checks that several of
 * them share. The meaning of each field is in a separate file.
 *
 * @module
 */

import { lowerCase } from '../bytes/ascii.ts'
import { type ProtocolErrorCode, requestError } from '../errors.ts'
import { createFieldPicker, type FieldValues, type PickedFields } from '../http/field-picker.ts'
import { type HeaderList, type HeaderPairs, type HeaderSource, toExtraHeaders } from '../http/headers.ts'

/** The names as this package writes them. Comparison is case-insensitive. */
export const field = {
  key: 'Sec-WebSocket-Key',
  accept: 'Sec-WebSocket-Accept',
  version: 'Sec-WebSocket-Version',
  protocol: 'Sec-WebSocket-Protocol',
  extensions: 'Sec-WebSocket-Extensions',
} as const

/** The fields that the handshake writes itself, and those that describe a body; in lower case. */
const reserved: readonly string[] = /* @__PURE__ */ reservedNames()

/** A single pure call, so that a bundler can drop the list. */
function reservedNames(): readonly string[] {
  return [...Object.values(field).map(lowerCase), 'connection', 'upgrade', 'content-length', 'transfer-encoding']
}

/**
 * Returns the caller's extra fields as a list. Throws `TypeError` for a field that conflicts with the handshake, and for invalid
 * characters, since another formatter may write the head.
 */
export function requireExtraHeaders(source: HeaderSource | undefined): HeaderList {
  return toExtraHeaders(source, reserved)
}

/** The values of each field of a request that the handshake reads, one per line, in order. */
export interface OpeningFields {
  readonly hosts: FieldValues
  readonly lengths: FieldValues
  readonly codings: FieldValues
  readonly expectations: FieldValues
  readonly upgrades: FieldValues
  readonly connections: FieldValues
  readonly origins: FieldValues
  readonly draftOrigins: FieldValues
  readonly keys: FieldValues
  readonly versions: FieldValues
  readonly subprotocols: FieldValues
  readonly extensions: FieldValues
}

export function pickOpeningFields(headers: HeaderPairs): OpeningFields {
  const picked = pick(headers)
  return {
    hosts: picked[0],
    lengths: picked[1],
    codings: picked[2],
    expectations: picked[3],
    upgrades: picked[4],
    connections: picked[5],
    origins: picked[6],
    draftOrigins: picked[7],
    keys: picked[8],
    versions: picked[9],
    subprotocols: picked[10],
    extensions: picked[11],
  }
}

const openingNames = [
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Expect',
  'Upgrade',
  'Connection',
  'Origin',
  'Sec-WebSocket-Origin',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
] as const

const pick: (headers: HeaderPairs) => PickedFields<typeof openingNames> =
  /* @__PURE__ */ createFieldPicker(openingNames)

/**
 * Returns the value of a field that a request must have exactly once. Throws `ProtocolError` otherwise.
 *
 * @param repeated The section that forbids a second line.
 */
export function readSingle(code: ProtocolErrorCode, name: string, values: FieldValues, repeated: string): string {
  const [value] = values
  if (value !== undefined && values.length === 1) return value
  throw requestError(
    code,
    `expected one ${name}, found ${values.length}`,
    value === undefined ? 'RFC 6455 §4.2.1' : repeated,
  )
}
