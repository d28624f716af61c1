/**
 * The fields of one connection of HTTP/1.1, which have no place in HTTP/2 and HTTP/3 (RFC 9113 §8.2.2, RFC 9114 §4.2). Knows
 * which they are, not what is done about one.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { FieldPicker } from './field-picker.ts'
import type { HeaderPairs } from './headers.ts'

/** In lower case, as HTTP/2 would write them. `TE` is one of them unless it says `trailers`. */
const names: readonly string[] = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te']

const picker: FieldPicker = /* @__PURE__ */ new FieldPicker(names)

/** Those that stand among the fields, each once and in lower case. */
export function findConnectionFields(headers: HeaderPairs): string[] {
  const picked = picker.pick(headers)
  return names.filter((name, place) => {
    const values = picked[place] as readonly string[]
    // "when it is, it MUST NOT contain any value other than "trailers""                                 RFC 9113 §8.2.2
    return name === 'te' ? values.some((value) => !equalsIgnoringCase(value, 'trailers')) : values.length > 0
  })
}
