/**
 * The handshake's own fields, which nobody else may bring along. Knows their names, not their grammar.
 *
 * @module
 */

import { describeType, describeValue } from '../arguments.ts'
import { lowerCase } from '../bytes/ascii.ts'
import { isFieldText, isToken } from '../http/grammar.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { toHeaderList } from '../http/headers.ts'

/** As they are written; they compare without letter case. */
export const field = {
  key: 'Sec-WebSocket-Key',
  accept: 'Sec-WebSocket-Accept',
  version: 'Sec-WebSocket-Version',
  protocol: 'Sec-WebSocket-Protocol',
  extensions: 'Sec-WebSocket-Extensions',
} as const

/** In lower case: what the handshake writes itself, and what would give its messages a body. */
const reserved: ReadonlySet<string> = /* @__PURE__ */ reservedNames()

/** One pure call, so that a bundler may drop the set: of `new Set(…)` it would keep what is called inside. */
function reservedNames(): ReadonlySet<string> {
  const own = Object.values(field).map(lowerCase)
  return new Set([...own, 'connection', 'upgrade', 'content-length', 'transfer-encoding'])
}

/**
 * The caller's own fields, as a list. Throws `TypeError` for one that would contradict the handshake, and for what no field can
 * carry: others than our formatter may write it.
 */
export function toExtraHeaders(source: HeaderSource | undefined): HeaderList {
  if (source === undefined) return []
  if (typeof source !== 'object' || source === null || describeType(source) === 'a promise')
    throw new TypeError(`\`headers\` must be pairs, a record or Fetch Headers, not ${describeType(source)}`)
  if (Array.isArray(source) && !(source.every(isText) || source.every(Array.isArray)))
    throw new TypeError('`headers` must hold pairs of a name and a value, or names and values in turn')
  const headers = toHeaderList(source)
  for (const [name, value] of headers) {
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new TypeError(
        `\`headers\` holds ${describeType(name)} and ${describeType(value)}; a name and a value are strings`,
      )
    if (reserved.has(lowerCase(name)))
      throw new TypeError(`${name} is written by the handshake; leave it out of \`headers\``)
    if (!isToken(name) || !isFieldText(value))
      throw new TypeError(
        `\`headers\` holds ${JSON.stringify(name)}, whose name or value no field can carry (RFC 9110 §5)`,
      )
  }
  return headers
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** Throws `TypeError` for an option that is set, and neither true nor false. */
export function requireBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw new TypeError(`\`${name}\` must be true or false, not ${describeValue(value)}`)
}
