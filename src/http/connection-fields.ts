/**
 * Finds connection-specific HTTP/1.1 fields, which HTTP/2 and HTTP/3 forbid (RFC 9113 §8.2.2, RFC 9114 §4.2). Callers reject them
 * in received heads and drop them from sent ones.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { FieldPicker } from './field-picker.ts'
import type { HeaderPairs } from './headers.ts'

/** In lower case, as in HTTP/2. `TE` is one of them unless its value is `trailers`. */
const names: readonly string[] = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te']

const picker: FieldPicker = /* @__PURE__ */ new FieldPicker(names)

/** Those present among the fields, each once and in lower case. */
export function findConnectionFields(headers: HeaderPairs): string[] {
  const picked = picker.pick(headers)
  return names.filter((name, place) => {
    const values = picked[place] as readonly string[]
    // "when it is, it MUST NOT contain any value other than "trailers""                                 RFC 9113 §8.2.2
    return name === 'te' ? values.some((value) => !equalsIgnoringCase(value, 'trailers')) : values.length > 0
  })
}
