/**
 * Header fields as data: converts them from any source to one ordered list, looks fields up in it, and checks the fields that a
 * caller adds to our heads. Keeps spelling and repeats; names are case-insensitive.
 *
 * @module
 */

import { describeType, requireRecord, requireType, wrongArgument } from '../arguments.ts'
import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import { ProtocolError, quote, requestError } from '../errors.ts'
import { type Limits, ResolvedLimits, resolveLimits } from '../limits.ts'
import { isFieldText, isToken, MAX_EMPTY_ELEMENTS, splitList } from './grammar.ts'

/**
 * Fields as output: in order, with spelling and repeats kept. You may change the list, and `new Headers(list)` accepts it.
 *
 * @category HTTP heads
 */
export type HeaderList = [name: string, value: string][]

/**
 * Fields as input pairs.
 *
 * @category HTTP heads
 */
export type HeaderPairs = readonly (readonly [name: string, value: string])[]

/**
 * Fetch `Headers`, a `Map`, or anything else with such a `forEach`.
 *
 * @category HTTP heads
 */
export interface HeadersLike {
  /** Calls `visit` for each field, value first. */
  forEach(visit: (value: string, name: string) => void): void
}

/**
 * Node's `headers`, those of HTTP/2 with pseudo-headers, or your own object. An array has one line per element.
 *
 * @category HTTP heads
 */
export interface HeaderRecord {
  readonly [name: string]: string | number | readonly string[] | undefined
}

/**
 * Fields as input: pairs, Node's flat `rawHeaders`, Fetch `Headers` or a `Map`, or a record.
 *
 * @category HTTP heads
 */
export type HeaderSource = HeaderPairs | readonly string[] | HeadersLike | HeaderRecord

/**
 * Returns the fields of any source, in order, as a new list, without checking names or values. Leaves out HTTP/2 pseudo-headers
 * (`:method`), which Node puts among the fields in records and `rawHeaders`: they are not fields (RFC 9113 §8.3).
 *
 * @throws TypeError for an invalid source: a string, a promise, a field value that is not a string.
 *
 * @example
 * toHeaderList({ upgrade: 'websocket', 'x-a': ['1', '2'] }) // [['upgrade', 'websocket'], ['x-a', '1'], ['x-a', '2']]
 */
export function toHeaderList(source: HeaderSource): HeaderList {
  const list: HeaderList = []
  if (isArray(source)) appendArray(source, list)
  // Not `requireRecord`: its message says that arrays are not allowed.
  else if (typeof source !== 'object' || source === null)
    throw wrongSource(source, 'an array, Headers, a Map or a record')
  else if (typeof source.forEach === 'function') {
    source.forEach((value, name) => {
      append(list, name, value)
    })
  } else appendRecord(source as HeaderRecord, list)
  return list
}

function append(list: HeaderList, name: string, value: string): void {
  requireFieldType(name, value)
  list.push([name, value])
}

function appendArray(source: HeaderPairs | readonly string[], list: HeaderList): void {
  if (isPairs(source)) {
    requirePairs(source, '`headers`')
    for (const [name, value] of source) list.push([name, value])
    return
  }
  if (source.length % 2 !== 0) throw new TypeError('`headers` must have a value after each name')
  for (let i = 0; i < source.length; i += 2) {
    const name = source[i] as string
    const value = source[i + 1] as string
    requireFieldType(name, value)
    if (!isPseudoHeader(name)) list.push([name, value])
  }
}

function appendRecord(source: HeaderRecord, list: HeaderList): void {
  requireRecord(source, '`headers`')
  // A Response, a Request or a Date would look like an empty record.
  if (Object.prototype.toString.call(source) !== '[object Object]') throw wrongSource(source, 'a record')
  for (const name of Object.keys(source)) {
    const value = source[name]
    if (value === undefined || isPseudoHeader(name)) continue
    if (Array.isArray(value)) for (const line of value as readonly string[]) append(list, name, line)
    else append(list, name, typeof value === 'number' ? String(value) : (value as string))
  }
}

function wrongSource(source: unknown, expected: string, name = '`headers`'): TypeError {
  return wrongArgument(name, expected, describeType(source))
}

function isArray(source: HeaderSource): source is HeaderPairs | readonly string[] {
  return Array.isArray(source)
}

function isPairs(source: HeaderSource): source is HeaderPairs {
  return isArray(source) && typeof source[0] !== 'string'
}

function isPseudoHeader(name: string): boolean {
  return name[0] === ':'
}

/**
 * Returns the fields as a record, in order, for `response.writeHead(status, record)`: names in lower case, repeats as arrays, and no
 * prototype, so that `__proto__` is an ordinary name.
 *
 * @throws TypeError for an invalid source.
 *
 * @example
 * toHeaderRecord([['X-A', '1'], ['x-a', '2'], ['Host', 'a']]) // { 'x-a': ['1', '2'], host: 'a' }
 *
 * @category HTTP heads
 */
export function toHeaderRecord(source: HeaderSource): { [name: string]: string | string[] } {
  const record: { [name: string]: string | string[] } = Object.create(null)
  for (const [name, value] of toHeaderList(source)) {
    const key = lowerCase(name)
    const known = record[key]
    if (known === undefined) record[key] = value
    else if (typeof known === 'string') record[key] = [known, value]
    else known.push(value)
  }
  return record
}

/**
 * Returns the value of a field. Returns `undefined` if the field is absent or repeated, so that neither the first nor the last line
 * wins by accident.
 *
 * @throws TypeError for an invalid source, and for a name that is not a string.
 *
 * @example
 * getHeader({ Host: 'a' }, 'host') // 'a'
 * getHeader([['Host', 'a'], ['Host', 'b']], 'host') // undefined
 *
 * @category HTTP heads
 */
export function getHeader(source: HeaderSource, name: string): string | undefined {
  const values = getHeaders(source, name)
  return values.length === 1 ? values[0] : undefined
}

/**
 * Returns all values of a field, one per line, in order.
 *
 * @throws TypeError for an invalid source, and for a name that is not a string.
 *
 * @example
 * getHeaders([['Via', '1.1 a, 1.1 b'], ['via', '1.1 c']], 'Via') // ['1.1 a, 1.1 b', '1.1 c']
 *
 * @category HTTP heads
 */
export function getHeaders(source: HeaderSource, name: string): string[] {
  requireType(name, 'string', 'the name of a field')
  const pairs = toPairs(source)
  const wanted = lowerCase(name)
  const values: string[] = []
  for (const pair of pairs) if (equalsIgnoringCase(pair[0], wanted)) values.push(pair[1])
  return values
}

/**
 * Returns the comma-separated elements of all lines of a field, in order, without empty ones (RFC 9110 §5.6.1).
 *
 * @throws ProtocolError `head-syntax` (400) for more than 100 empty elements, `TypeError` for an invalid source, and for a name that is
 *   not a string.
 *
 * @example
 * getHeaderElements([['Connection', 'keep-alive, Upgrade'], ['connection', 'x']], 'connection') // ['keep-alive', 'Upgrade', 'x']
 */
export function getHeaderElements(source: HeaderSource, name: string): string[] {
  return toElements(getHeaders(source, name), name)
}

/** Splits the values of a field into elements, as {@link getHeaderElements} does. `name` is for the message. */
export function toElements(values: readonly string[], name: string): string[] {
  const elements: string[] = []
  let empty = 0
  for (const value of values) empty += splitList(value, elements)
  if (empty > MAX_EMPTY_ELEMENTS)
    throw requestError('head-syntax', `${name} has more than ${MAX_EMPTY_ELEMENTS} empty elements`, 'RFC 9110 §5.6.1.2')
  return elements
}

/**
 * Returns the error of a head that another parser has read and that has more fields than `limits.maxHeadFields`: `too-many` (431).
 * Node keeps the first 1000 pairs of `rawHeaders` and silently drops the rest, even `Host` and `Content-Length`.
 */
export function findFieldCountError(
  headers: HeaderPairs,
  limits: Limits | undefined,
  inRequest = true,
): ProtocolError | undefined {
  const { maxHeadFields } = resolveLimits(limits)
  if (headers.length <= maxHeadFields) return undefined
  const message = `${headers.length} fields exceed limits.maxHeadFields (${maxHeadFields})`
  // "The 431 status code indicates that the server is unwilling to process the request because its header fields are too
  // large. … It can be used both when the set of request header fields in total is too large, and …"       RFC 6585 §5
  // A client sends no status, and a status here would look like the server's.
  return new ProtocolError('too-many', message, { reference: 'RFC 6585 §5', ...(inRequest && { status: 431 }) })
}

/** Returns the fields of any source, for reading only: pairs unchanged, any other source as a new list. */
export function toPairs(source: HeaderSource): HeaderPairs {
  if (!isPairs(source)) return toHeaderList(source)
  requirePairs(source, '`headers`')
  return source
}

/** Throws `TypeError` for anything but pairs of two strings. Messages do not contain values: they may be secrets. */
export function requirePairs(pairs: unknown, name: string): void {
  if (!Array.isArray(pairs)) throw wrongSource(pairs, 'an array of pairs', name)
  for (let i = 0; i < pairs.length; i++) {
    const pair: unknown = pairs[i]
    if (!Array.isArray(pair) || pair.length !== 2) throw wrongSource(pair, 'a name and a value', `${name}[${i}]`)
    requireFieldType(pair[0], pair[1])
  }
}

/** Throws `TypeError` for a name or value that is not a string. */
export function requireFieldType(name: unknown, value: unknown): void {
  if (typeof name !== 'string') requireType(name, 'string', 'the name of a field')
  else if (typeof value !== 'string') requireType(value, 'string', `the value of the field ${quote(name)}`)
}

/**
 * Returns the fields that a caller adds to one of our heads, as a new list. Checks them now, since another formatter may write the
 * head. Throws `TypeError` for an invalid field and for a reserved one.
 *
 * @param reserved The names of the fields that the caller of this function writes itself, in lower case.
 */
export function toExtraHeaders(source: HeaderSource | undefined, reserved: readonly string[] = []): HeaderList {
  const headers = toHeaderList(source ?? [])
  for (const [name, value] of headers) {
    requireField(name, value)
    if (reserved.includes(lowerCase(name))) throw new TypeError(`\`headers\` must not have ${name}`)
  }
  return headers
}

/** Throws `TypeError` for an invalid name or value. The message never contains the value: it may be a secret. */
export function requireField(name: string, value: string): void {
  requireFieldType(name, value)
  // field-name = token                                                                                RFC 9110 §5.1
  if (!isToken(name)) throw new TypeError(`${quote(name)} is not a field name (RFC 9110 §5.1)`)
  // "Field values containing CR, LF, or NUL characters are invalid and dangerous"                     RFC 9110 §5.5
  if (!isFieldText(value))
    throw new TypeError(`the value of the field ${quote(name)} has an invalid character (RFC 9110 §5.5)`)
}

/** Whether a name and a value are valid. */
export function isSendableField(name: string, value: string): boolean {
  return isToken(name) && isFieldText(value)
}

/** For heads whose fields have been counted, and for results that do not depend on fields that a runtime may have dropped. */
export const anyFieldCount: ResolvedLimits = /* @__PURE__ */ new ResolvedLimits({ maxHeadFields: Infinity })
