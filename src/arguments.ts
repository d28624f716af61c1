/**
 * Checks of what a caller passes in, with one wording for the whole package. A caller's mistake is always a `TypeError` or a
 * `RangeError` that names the argument, what was given and what is expected. Never call these with a value that a peer sent.
 *
 * @module
 */

import { quote } from './errors.ts'

/** Names an argument that does not fit, for a message: `null`, `a promise`, `an array`, `the number 5`, `"text"`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`
  return typeof value === 'boolean' ? String(value) : describeType(value)
}

/** The same without the value, for what may be a secret or long: `a string`, `a number`, `a Uint8Array`. */
export function describeType(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (isPromise(value)) return 'a promise'
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (tag === 'Array' || tag === 'Object') return `an ${tag.toLowerCase()}`
  return `${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag}`
}

function isPromise(value: object): boolean {
  return 'then' in value && typeof value.then === 'function'
}

/** Throws `TypeError` unless `value` is an object and no array. */
export function requireRecord(value: unknown, name: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value)) return
  throw new TypeError(`${name} must be an object, not ${describeValue(value)}`)
}

type TypeName = 'boolean' | 'function' | 'number' | 'object' | 'string'

/** Throws `TypeError` unless `value` has this type. It is not repeated, for it may be a secret; except in place of a boolean. */
export function requireType(value: unknown, type: TypeName, name: string): void {
  if (typeof value === type) return
  if (type === 'boolean') throw new TypeError(`${name} must be true or false, not ${describeValue(value)}`)
  throw new TypeError(`${name} must be ${type === 'object' ? 'an' : 'a'} ${type}, not ${describeType(value)}`)
}

/** Throws `TypeError` unless `value` is an array. */
export function requireArray(value: unknown, name: string): void {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array, not ${describeType(value)}`)
}

/** The same of what may be left out. */
export function requireOptional(value: unknown, type: TypeName, name: string): void {
  if (value !== undefined) requireType(value, type, name)
}

/**
 * What a member of an options object must be, unless it is absent: a type, one of some strings, an object with members of its own, or
 * `'any'`, for members that are checked elsewhere.
 */
export type Kind = TypeName | 'array' | 'any' | readonly string[] | Kinds

/** The members of an options object. */
export interface Kinds {
  readonly [member: string]: Kind
}

/**
 * Throws `TypeError` unless `options` is an object whose members are all known and of the right kind. The message for an unknown
 * member names the one that was most likely meant, at its path: `limits.maxMessageSize`.
 *
 * @param name What to call the object in the message, such as `the options of acceptHandshake`.
 */
export function requireOptions(options: unknown, kinds: Kinds, name: string): void {
  requireRecord(options, name)
  requireMembers(options as Kinds, kinds, name, '')
}

function requireMembers(options: Readonly<Record<string, unknown>>, kinds: Kinds, name: string, path: string): void {
  for (const key in options) {
    const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined
    if (kind === undefined) throw unknownOption(key, listPaths(kinds), name)
    const value = options[key]
    if (value !== undefined && kind !== 'any') requireKind(value, kind, path + key)
  }
}

function requireKind(value: unknown, kind: Kind, path: string): void {
  const name = `\`${path}\``
  if (kind === 'array') requireArray(value, name)
  else if (typeof kind === 'string') requireType(value, kind as TypeName, name)
  else if (isList(kind)) requireOneOf(value, kind, name)
  else {
    requireRecord(value, name)
    requireMembers(value as Kinds, kind, name, `${path}.`)
  }
}

function isList(kind: Kinds | readonly string[]): kind is readonly string[] {
  return Array.isArray(kind)
}

/** Throws `TypeError` unless `value` is one of some strings. */
export function requireOneOf(value: unknown, expected: readonly string[], name: string): void {
  if (expected.includes(value as string)) return
  throw new TypeError(
    `${name} must be ${expected.map((text) => `'${text}'`).join(' or ')}, not ${describeValue(value)}`,
  )
}

function listPaths(kinds: Kinds): string[] {
  const inner = Object.keys(kinds).flatMap((key) => {
    const kind = kinds[key]
    return typeof kind === 'object' && !isList(kind) ? listPaths(kind).map((path) => `${key}.${path}`) : []
  })
  return [...Object.keys(kinds), ...inner]
}

/**
 * Throws `TypeError` unless `options` is an object whose members all have a known name. The message names the member that was
 * most likely meant.
 *
 * @param name What to call the object in the message, such as `the options of acceptHandshake`.
 * @param nested Names inside of members, for a member that was set one level too high: `{ limits: limitNames }`.
 */
export function checkOptionNames(
  options: unknown,
  known: readonly string[],
  name: string,
  nested: Readonly<Record<string, readonly string[]>> = {},
): void {
  requireRecord(options, name)
  for (const key in options as object)
    if (!isKnown(key, known)) throw unknownOption(key, [...known, ...nestedPaths(nested)], name)
}

function nestedPaths(nested: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.keys(nested).flatMap((member) => (nested[member] ?? []).map((inner) => `${member}.${inner}`))
}

/** As `includes`, which takes twice as long for lists that are this short. */
function isKnown(key: string, known: readonly string[]): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] === key) return true
  return false
}

function unknownOption(key: string, paths: readonly string[], name: string): TypeError {
  const meant = nearestPath(key, paths)
  return new TypeError(
    `${name}: unknown option ${quote(key)}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
  )
}

/** What other packages call our options, in lower case. The last part of the path is looked for. */
const otherNames: Readonly<Record<string, string>> = {
  maxpayload: 'maxMessageSize',
  maxpayloadsize: 'maxMessageSize',
  maxpayloadlength: 'maxMessageSize',
  maxlength: 'maxMessageSize',
  maxreceivedmessagesize: 'maxMessageSize',
  maxreceivedframesize: 'maxFrameSize',
  maxheaderlistsize: 'maxHeadSize',
  maxheadline: 'maxHeadSize',
  protocol: 'subprotocols',
  protocols: 'subprotocols',
  handleprotocols: 'subprotocols',
  permessagedeflate: 'extensions',
  compression: 'extensions',
  verifyclient: 'origins',
  checkorigin: 'origins',
  allowedorigins: 'origins',
  allowedhosts: 'hosts',
  pinginterval: 'keepalive',
  heartbeat: 'keepalive',
  idletimeout: 'keepalive',
  closetimeout: 'closeAfter',
  fragmentationthreshold: 'fragmentSize',
  generatemask: 'maskKeys',
  isserver: 'role',
  binarytype: 'text',
  windowbits: 'serverMaxWindowBits',
  compressionlevel: 'level',
  zlibdeflateoptions: 'level',
  concurrencylimit: 'maxCompressors',
}

/** The known path that was most likely meant: a synonym, else the one with the fewest letters to change. */
function nearestPath(key: string, paths: readonly string[]): string | undefined {
  const small = key.toLowerCase()
  const synonym = Object.hasOwn(otherNames, small) ? otherNames[small] : undefined
  const byName = paths.find((path) => lastPart(path) === (synonym ?? key))
  if (byName !== undefined) return byName
  let nearest: string | undefined
  let fewest = Math.min(4, Math.ceil(key.length / 2))
  for (const path of paths) {
    const distance = editDistance(small, lastPart(path).toLowerCase())
    if (distance < fewest) {
      nearest = path
      fewest = distance
    }
  }
  return nearest
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

/** Letters to insert, remove or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const next = [i]
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[other.length] as number
}

/**
 * The error for a callback whose answer has the wrong type. Callbacks are synchronous: a promise is never an answer.
 *
 * @param name The option, such as `subprotocols`.
 * @param expected Such as `a string or undefined`.
 */
export function wrongAnswer(name: string, expected: string, answer: unknown): TypeError {
  return new TypeError(`\`${name}\` must return ${expected}, at once; it returned ${describeType(answer)}`)
}
