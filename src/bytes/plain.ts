/**
 * Validates the values of a snapshot when a connection is resumed, because the store may have changed them.
 *
 * @module
 */

/** Returns an integer from `least` to `most`. Throws `TypeError` for anything else. */
export function requireInteger(value: unknown, least: number, most: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  throw new TypeError(`a snapshot has ${show(value)} where a whole number from ${least} to ${most} is expected`)
}

/** Returns a boolean. Throws `TypeError` for anything else. */
export function requireFlag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new TypeError(`a snapshot has ${show(value)} where true or false is expected`)
}

/** Returns one of the given strings. Throws `TypeError` for anything else. */
export function requireOneOf<Text extends string>(value: unknown, texts: readonly Text[]): Text {
  const found = texts.find((text) => text === value)
  if (found === undefined)
    throw new TypeError(`a snapshot has ${show(value)} where one of ${texts.join(', ')} is expected`)
  return found
}

/** Returns an object. Throws `TypeError` for anything else. */
export function requireObject<Shape extends object>(value: Shape): Shape {
  if (typeof value === 'object' && value !== null) return value
  throw new TypeError(`a snapshot has ${show(value)} where an object is expected`)
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? String(value)
}
