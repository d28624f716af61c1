/**
 * Records what a case has seen as a digest, which must be the same in every runtime. Imports nothing, so that pages of any origin
 * may use it.
 */

/** Everything that a case has seen, in order: what it asserted, and what it recorded besides. */
export class Transcript {
  lines = []

  /** Bytes on the wire, or anything else that must be the same in every runtime. */
  note(value) {
    this.lines.push(show(value))
  }

  /** Both are compared as text; see `show`. */
  equal(actual, expected) {
    const [found, wanted] = [show(actual), show(expected)]
    if (found !== wanted) throw new Error(difference(found, wanted))
    this.lines.push(found)
  }

  /** SHA-256 of everything, in hexadecimal. */
  async digest() {
    const bytes = new TextEncoder().encode(this.lines.join('\n'))
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))).replaceAll(' ', '')
  }
}

/** Any value as text: bytes in hexadecimal, errors by code and message, objects in the order of their fields. */
function show(value) {
  if (value instanceof Uint8Array) return `<${hex(value)}>`
  if (value instanceof Error) return `${value.code ?? value.name}: ${value.message}`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : `${value}`
  return `{ ${Object.entries(value)
    .map(([name, field]) => `${name}: ${show(field)}`)
    .join(', ')} }`
}

/** The surroundings of the first character that differs. */
function difference(found, wanted) {
  let at = 0
  while (found[at] === wanted[at]) at++
  const near = (text) => `${at > 40 ? '… ' : ''}${text.slice(Math.max(0, at - 40), at + 60)}`
  return `expected ${near(wanted)}\n  found ${near(found)}`
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function hex(bytes) {
  return Array.from(bytes, (byte) => digits[byte]).join(' ')
}
