/**
 * The fields of an opening request that are looked at, picked out of its head at one go. Knows their names, and judges
 * nothing.
 *
 * @module
 */

import { FieldIndex, type FieldValues } from '../http/field-index.ts'
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

const index: FieldIndex = /* @__PURE__ */ new FieldIndex([
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
  const [hosts, lengths, codings, expectations, upgrades, options, origins, draftOrigins, ...own] = index.pick(
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
