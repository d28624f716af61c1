/**
 * Picks the fields that the handshake needs out of an opening request's head in one pass.
 *
 * @module
 */

import { createFieldPicker, type FieldValues } from '../http/field-picker.ts'
import type { HeaderPairs } from '../http/headers.ts'
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

export const pickOpeningFields: (headers: HeaderPairs) => OpeningFields = /* @__PURE__ */ createPicker()

/** One pure call, so that a bundler can drop it; of a bare `createFieldPicker(…)` it would keep the arguments. */
function createPicker(): (headers: HeaderPairs) => OpeningFields {
  return createFieldPicker({
    hosts: 'Host',
    lengths: 'Content-Length',
    codings: 'Transfer-Encoding',
    expectations: 'Expect',
    upgrades: 'Upgrade',
    options: 'Connection',
    origins: 'Origin',
    draftOrigins: 'Sec-WebSocket-Origin',
    keys: field.key,
    versions: field.version,
    subprotocols: field.protocol,
    extensions: field.extensions,
  })
}
