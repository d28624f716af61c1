/**
 * Checks a caller's arguments. Every module uses these functions, so all messages read the same: a caller's mistake is a `TypeError`
 * or a `RangeError` that names the argument, the value and what is expected. Never call them with a value that a peer sent.
 *
 * @module
 */

import { quote } from './errors.ts'

/** Describes a wrong argument for a message: `null`, `a promise`, `an array`, `5`, `"text"`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  return /^[nb]/.test(typeof value) ? String(value) : describeType(value)
}

/** Describes only the type, because the value may be long or secret: `a string`, `a number`, `a Uint8Array`. */
export function describeType(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value !== 'object') return withArticle(typeof value)
  if (isPromise(value)) return 'a promise'
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return withArticle(tag === 'Array' || tag === 'Object' ? tag.toLowerCase() : tag)
}

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

function isPromise(value: object): boolean {
  return 'then' in value && typeof value.then === 'function'
}

/**
 * Creates the error for a wrong argument.
 *
 * @param found The argument, described by {@link describeValue} or {@link describeType}.
 */
export function wrongArgument(name: string, expected: string, found: string): TypeError {
  return new TypeError(`${name} must be ${expected}, not ${found}`)
}

type TypeName = 'array' | 'boolean' | 'function' | 'number' | 'object' | 'string'

/** Throws `TypeError` unless `value` has this type. An object is neither an array nor a promise. */
export function requireType(value: unknown, type: TypeName, name: string): void {
  if (hasType(value, type)) return
  // The value may be a secret, but not in place of a boolean.
  if (type === 'boolean') throw wrongArgument(name, 'true or false', describeValue(value))
  throw wrongArgument(name, withArticle(type), describeType(value))
}

function hasType(value: unknown, type: TypeName): boolean {
  if (value === null || typeof value !== 'object') return value !== null && typeof value === type
  return Array.isArray(value) ? type === 'array' : type === 'object' && !isPromise(value)
}

/** Throws `TypeError` unless `value` is an object. The message quotes the value, so it must not be secret. */
export function requireRecord(value: unknown, name: string): void {
  if (!hasType(value, 'object')) throw wrongArgument(name, 'an object', describeValue(value))
}

/** As {@link requireType}, but accepts `undefined`. */
export function requireOptional(value: unknown, type: TypeName, name: string): void {
  if (value !== undefined) requireType(value, type, name)
}

/** Throws `TypeError` unless `value` is one of these strings. */
export function requireOneOf(value: unknown, expected: readonly string[], name: string): void {
  if (!expected.includes(value as string))
    throw wrongArgument(name, `'${expected.join("' or '")}'`, describeValue(value))
}

/**
 * What an option must be if it is present: a type, one of several strings, or an object with its own options. `'any'` and numbers
 * (which are defaults) mark options that are checked elsewhere.
 */
export type Kind = TypeName | 'any' | number | readonly string[] | Kinds

/** The names of options, with their kinds. */
export interface Kinds {
  readonly [name: string]: Kind
}

/**
 * Throws `TypeError` unless `options` is an object with known options of the right kinds. For an unknown option the message names
 * the most similar one, with its path: `limits.maxMessageSize`. If shared options (classes with `isShared`) are given where a literal
 * is expected, the message names that mistake.
 *
 * @param name What the message calls the object, such as `the options of acceptHandshake`.
 * @param path The prefix of the names, such as `limits.`.
 */
export function requireOptions(options: unknown, kinds: Kinds, name: string, path = ''): void {
  requireRecord(options, name)
  // Inherited options are checked too, because they would be read.
  for (const key in options as object) {
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined
    if (kind === undefined) {
      if ('isShared' in (options as object)) throw wrongArgument(name, 'a literal', 'shared options')
      throw unknownOption(key, listPaths(kinds), name)
    }
    const value = (options as Readonly<Record<string, unknown>>)[key]
    if (value === undefined || kind === 'any' || typeof kind === 'number') continue
    const quoted = `\`${path}${key}\``
    if (typeof kind === 'string') requireType(value, kind, quoted)
    else if (isTable(kind)) requireOptions(value, kind, quoted, `${path}${key}.`)
    else requireOneOf(value, kind, quoted)
  }
}

function isTable(kind: Kind): kind is Kinds {
  return typeof kind === 'object' && !Array.isArray(kind)
}

/** Returns all names in a table; names in nested tables as paths. */
function listPaths(kinds: Kinds): string[] {
  return Object.entries(kinds).flatMap(([key, kind]) => [
    key,
    ...(isTable(kind) ? listPaths(kind).map((path) => `${key}.${path}`) : []),
  ])
}

function unknownOption(key: string, paths: readonly string[], name: string): TypeError {
  const nearest = nearestPath(key, paths)
  return new TypeError(
    `${name}: unknown option ${quote(key)}${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
  )
}

/** Names that other packages use for our options, in lower case, where the spelling is too different to match. */
const otherNames: readonly (readonly [others: RegExp, name: string])[] = [
  [/^max(payload|length)/, 'maxMessageSize'],
  [/deflate$|^compression$/, 'extensions'],
  [/origin|client$/, 'origins'],
  [/ping|beat|idle|^fail/, 'keepalive'],
  [/^closeafter|^closewait/, 'closeTimeout'],
  [/^isserver/, 'role'],
  [/mask/, 'maskKeys'],
  [/^binary/, 'text'],
  [/^zlib/, 'level'],
  [/^version$/, 'httpVersion'],
  [/^concurrency/, 'maxCompressors'],
  [/^max(conn|client)/, 'maxPeers'],
  [/^connection$/, 'open'],
]

/** Returns the path of the option that the caller most likely meant. */
function nearestPath(key: string, paths: readonly string[]): string | undefined {
  const small = key.toLowerCase()
  const meant = otherNames.find(([others]) => others.test(small))?.[1]
  let nearest: string | undefined
  let fewest = Infinity
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('.') + 1)
    if (name === meant) return path
    const common = commonLetters(small, name.toLowerCase())
    const others = Math.max(key.length, name.length) - common
    if ((common > 4 || others < Math.min(4, key.length / 2)) && others < fewest) {
      nearest = path
      fewest = others
    }
  }
  return nearest
}

/** Returns the number of letters that two names share at the start and at the end. */
function commonLetters(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  let start = 0
  while (start < shorter && one[start] === other[start]) start++
  let end = start
  while (end < shorter && one.at(start - end - 1) === other.at(start - end - 1)) end++
  return end
}

/**
 * Creates the error for a callback that returned the wrong type. Callbacks are synchronous, so a promise is always wrong.
 *
 * @param name The option, such as `subprotocols`.
 * @param expected For example `a string or undefined`.
 */
export function wrongAnswer(name: string, expected: string, answer: unknown): TypeError {
  return new TypeError(`\`${name}\` must return ${expected}, at once; it returned ${describeType(answer)}`)
}

/**
 * Throws unless `value` is a whole number from `least` to `most`, or Infinity if `most` is Infinity: `TypeError` for another type,
 * `RangeError` for another number.
 */
export function requireWhole(value: unknown, name: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
  if (!((Number.isInteger(value) || value === Infinity) && (value as number) >= least && (value as number) <= most))
    throw wrongNumber(value, name, least, most)
  return value as number
}

/** Creates the error. It is a separate function, so that the check is small enough to be inlined. */
function wrongNumber(value: unknown, name: string, least: number, most: number): Error {
  return numberError(
    value,
    name,
    `a whole number from ${least} ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : 'on'}`,
  )
}

/** Creates the error for a wrong number: `RangeError` for a number, `TypeError` for another type. */
export function numberError(value: unknown, name: string, expected: string): Error {
  const error = wrongArgument(name, expected, describeValue(value))
  return typeof value === 'number' ? new RangeError(error.message) : error
}
