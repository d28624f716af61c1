/**
 * The fields of an opening request that are looked at, picked out of its head at one go. Knows their names, and judges
 * nothing.
 *
 * @module
 */

import { FieldPicker, type FieldValues } from '../http/field-picker.ts'
import type { HeaderPairs } from '../http/headers.ts'
import { field } from './fields.ts'

/** The values of each, a line each, in order. */
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
  /** Of `Sec-WebSocket-Origin`, which drafts have. */
  readonly draftOrigins: FieldValues
  readonly keys: FieldValues
  readonly versions: FieldValues
  readonly subprotocols: FieldValues
  readonly extensions: FieldValues
}

const picker: FieldPicker = /* @__PURE__ */ new FieldPicker([
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

type Picked = [
  ...[FieldValues, FieldValues, FieldValues, FieldValues, FieldValues, FieldValues],
  ...[FieldValues, FieldValues, FieldValues, FieldValues, FieldValues, FieldValues],
]

export function pickOpeningFields(headers: HeaderPairs): OpeningFields {
  const [hosts, lengths, codings, expectations, upgrades, options, origins, draftOrigins, ...own] = picker.pick(
    headers,
  ) as Picked
  const [keys, versions, subprotocols, extensions] = own
  return {
    hosts,
    lengths,
    codings,
    expectations,
    upgrades,
    options,
    origins,
    draftOrigins,
    keys,
    versions,
    subprotocols,
    extensions,
  }
}
