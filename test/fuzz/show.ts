/**
 * Formats failures: what does not hold, and values as source code.
 *
 * @module
 */

const MAX_SHOWN = 2000

/** A value for people; long ones are truncated. */
export function describe(value: unknown): string {
  const text = show(value, 0)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text
}

function show(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`
  if (value instanceof Error) return `${value.name}(${value.message})`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (depth === 6) return '…'
  if (Array.isArray(value)) return `[${value.map((each) => show(each, depth + 1)).join(', ')}]`
  if (value instanceof Headers || value instanceof Map) return `${value.constructor.name}${show([...value], depth + 1)}`
  if (value instanceof Request)
    return `Request${show({ method: value.method, url: value.url, headers: value.headers }, depth)}`
  if (value instanceof Response) return `Response${show({ status: value.status, headers: value.headers }, depth)}`
  return `{ ${Object.entries(value)
    .map(([name, member]) => `${name}: ${show(member, depth + 1)}`)
    .join(', ')} }`
}

const MAX_TEXT = 200

function quoted(text: string): string {
  const cut = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text
  const shown = JSON.stringify(cut).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return text.length > MAX_TEXT ? `${shown}…(${text.length})` : shown
}

/** Throws if a condition does not hold. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}
