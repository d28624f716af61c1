/**
 * Picks the fields that the handshake needs out of an opening request's head in one pass, and holds the one framing check that
 * both carriers share.
 *
 * @module
 */

import { attempt, ProtocolError } from '../errors.ts'
import { FieldPicker, type FieldValues } from '../http/field-picker.ts'
import { requestFraming } from '../http/framing.ts'
import type { HeaderPairs } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import { field } from './fields.ts'

/** The values of each field, one per line, in order. */
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

/** The fault that makes the end of a request ambiguous (RFC 9112 §6.3); `undefined`: none, with or without a body. */
export function checkFraming(head: RequestHead, { codings, lengths }: OpeningFields): ProtocolError | undefined {
  // The common case.
  if (codings.length === 0 && lengths.length === 0) return undefined
  const framing = attempt(() => requestFraming(head))
  return framing instanceof ProtocolError ? framing : undefined
}
