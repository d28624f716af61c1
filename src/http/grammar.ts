/**
 * Character classes and common rules of HTTP fields, each with its ABNF (RFC 9110 §5.6); every parser in this folder uses them.
 * Cursor functions take a text and a position, move forward only, and return where they stopped.
 *
 * @module
 */

/** tchar: a character of a token. */
export const TCHAR = 1
/** VCHAR: visible ASCII. */
export const VCHAR = 2
/** field-vchar, SP or HTAB: allowed in a field value or a reason phrase. */
export const FIELD_TEXT = 4
/** DIGIT. */
export const DIGIT = 8
/** Allowed in a host name: unreserved, sub-delims (except the comma) and the percent sign. */
export const REG_NAME = 16
/** Allowed in a request target: visible ASCII except `#`, because a fragment stays with the client (RFC 9110 §4.2.5). */
export const TARGET = 32
/** The characters of most host names: those of {@link REG_NAME} that need no change, so no capitals and no percent sign. */
export const PLAIN_NAME = 64
/** The characters of base64, without its padding. */
export const BASE64 = 128

/** Recipients ignore empty list elements "of a reasonable number" (RFC 9110 §5.6.1.2); more indicate an attack or a bug. */
export const MAX_EMPTY_ELEMENTS = 100

const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a
export const SEMICOLON = 0x3b
const QUOTE = 0x22
const HASH = 0x23
export const COMMA = 0x2c
const ZERO = 0x30
const EQUALS = 0x3d
const BACKSLASH = 0x5c

/** The classes of each code unit below 256, as a sum of the bits above. */
export const charClass: Uint8Array = /* @__PURE__ */ classify()

/** Builds the table without regular expressions, which would take a millisecond when the package is loaded. */
function classify(): Uint8Array {
  const classes = new Uint8Array(256)
  const mark = (bits: number, first: number, last = first): void => {
    for (let unit = first; unit <= last; unit++) classes[unit] = (classes[unit] as number) | bits
  }
  const markAll = (bits: number, characters: string): void => {
    for (let i = 0; i < characters.length; i++) mark(bits, characters.charCodeAt(i))
  }
  mark(VCHAR | FIELD_TEXT | TARGET, 0x21, 0x7e)
  classes[HASH] = VCHAR | FIELD_TEXT
  // obs-text = %x80-FF                                                                              RFC 9110 §5.5
  mark(FIELD_TEXT, 0x80, 0xff)
  mark(FIELD_TEXT, SP)
  mark(FIELD_TEXT, HTAB)
  mark(DIGIT, 0x30, 0x39)
  const names = TCHAR | REG_NAME | BASE64
  mark(names | PLAIN_NAME, 0x30, 0x39)
  mark(names, 0x41, 0x5a)
  mark(names | PLAIN_NAME, 0x61, 0x7a)
  // tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
  //                                                                                               RFC 9110 §5.6.2
  markAll(TCHAR, "!#$%&'*+-.^_`|~")
  // reg-name = *( unreserved / pct-encoded / sub-delims )                                          RFC 3986 §3.2.2
  // A comma is also valid, but in practice it comes from two joined Host lines.
  markAll(REG_NAME | PLAIN_NAME, "!$&'()*+-.;=_~")
  markAll(REG_NAME, '%')
  markAll(BASE64, '+/')
  return classes
}

/** Returns the end of the run of characters of one class that begins at `position`. */
export function skipClass(text: string, position: number, bits: number): number {
  // Locals, since a module variable would be reloaded for each character.
  const classes = charClass
  const { length } = text
  let i = position
  while (i < length && ((classes[text.charCodeAt(i)] as number) & bits) !== 0) i++
  return i
}

/** Whether the whole text is a `token = 1*tchar` (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return text !== '' && skipClass(text, 0, TCHAR) === text.length
}

/** Whether the text is a `field-value`: no CR, LF, NUL or other control, and every code unit below 256 (RFC 9110 §5.5). */
export function isFieldText(text: string): boolean {
  return skipClass(text, 0, FIELD_TEXT) === text.length
}

/**
 * Parses decimal digits. Returns `undefined` for any other text and for a value above `most`. `Number` accepts much more than digits.
 */
export function readDecimal(text: string, most: number = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === '' || skipClass(text, 0, DIGIT) < text.length) return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) {
    value = value * 10 + (text.charCodeAt(i) - ZERO)
    if (value > most) return undefined
  }
  return value
}

/** Whether a byte or code unit is SP or HTAB. */
export function isWhitespace(unit: number | undefined): boolean {
  return unit === SP || unit === HTAB
}

/** Returns the end of `OWS = *( SP / HTAB )` (RFC 9110 §5.6.3). */
export function skipWhitespace(text: string, position: number): number {
  let i = position
  while (i < text.length && isWhitespace(text.charCodeAt(i))) i++
  return i
}

/** Removes OWS from both ends of a text. */
export function trimWhitespace(text: string): string {
  const start = skipWhitespace(text, 0)
  let end = text.length
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/**
 * `#element => [ element ] *( OWS "," OWS [ element ] )` (RFC 9110 §5.6.1.2): appends the elements of one field line to
 * `elements`, trimmed and without empty ones. A comma inside a quoted-string is not a separator. Returns the number of empty
 * elements, so that the caller can limit it over all lines. Takes linear time.
 */
export function splitList(text: string, elements: string[]): number {
  let empty = 0
  for (let start = 0; start <= text.length; ) {
    const end = findElementEnd(text, start)
    const element = trimWhitespace(text.slice(start, end))
    if (element === '') empty++
    else elements.push(element)
    start = end + 1
  }
  return empty
}

function findElementEnd(text: string, start: number): number {
  let quoted = false
  for (let i = start; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )                                            RFC 9110 §5.6.4
    if (quoted && unit === BACKSLASH) i++
    else if (unit === QUOTE) quoted = !quoted
    else if (unit === COMMA && !quoted) return i
  }
  return text.length
}

/** A cursor function's result, and where it stopped. */
export interface Found {
  readonly value: string
  readonly end: number
}

/**
 * Reads `quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE` (RFC 9110 §5.6.4) and unquotes it. Returns `undefined` if there is
 * no valid one at `position`.
 */
export function readQuotedString(text: string, position: number): Found | undefined {
  if (text.charCodeAt(position) !== QUOTE) return undefined
  let value = ''
  let start = position + 1
  for (let i = start; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) return { value: value + text.slice(start, i), end: i + 1 }
    if (unit === BACKSLASH) {
      value += text.slice(start, i)
      start = ++i
    }
    if (((charClass[text.charCodeAt(i)] as number) & FIELD_TEXT) === 0) return undefined
  }
  return undefined
}

/** A parameter. Its value is `true` if it has no `=`. */
export type Parameter = [name: string, value: string | true]

/**
 * Reads `parameters = *( OWS ";" OWS [ parameter ] )`, `parameter = parameter-name "=" parameter-value`; the value is a token or a
 * quoted-string (RFC 9110 §5.6.6). As in RFC 6455 §9.1, a parameter may also have no value, and white space is allowed around
 * `=`. Appends to `parameters`, with names as written.
 *
 * @returns Where the parameters end: at the end of the text, or before anything but a semicolon; or `-1 - index` of a syntax error,
 * see `errorIndex`.
 */
export function readParameters(text: string, position: number, parameters: Parameter[]): number {
  let end = position
  for (;;) {
    const semicolon = skipWhitespace(text, end)
    if (text.charCodeAt(semicolon) !== SEMICOLON) return end
    const start = skipWhitespace(text, semicolon + 1)
    end = readParameter(text, start, parameters)
    if (end < 0) return end
  }
}

/** Reads one parameter. Returns its end, or `-1 - index` of a syntax error, see `errorIndex`. */
export function readParameter(text: string, start: number, parameters: Parameter[]): number {
  const nameEnd = skipClass(text, start, TCHAR)
  // An empty parameter, as in "; ;"
  if (nameEnd === start) return isSeparator(text, start) ? start : -1 - start
  const name = text.slice(start, nameEnd)
  const equals = skipWhitespace(text, nameEnd)
  if (text.charCodeAt(equals) !== EQUALS) {
    parameters.push([name, true])
    return nameEnd
  }
  const valueStart = skipWhitespace(text, equals + 1)
  const tokenEnd = skipClass(text, valueStart, TCHAR)
  const value =
    tokenEnd > valueStart
      ? { value: text.slice(valueStart, tokenEnd), end: tokenEnd }
      : readQuotedString(text, valueStart)
  if (value === undefined) return -1 - valueStart
  parameters.push([name, value.value])
  return value.end
}

function isSeparator(text: string, position: number): boolean {
  const unit = text.charCodeAt(position)
  return position === text.length || unit === SEMICOLON || unit === COMMA
}

/** Describes a byte of a head for a message. */
export function describeByte(byte: number | undefined): string {
  if (byte === CR) return 'a CR'
  if (byte === LF) return 'an LF'
  if (byte === SP) return 'a space'
  if (byte === undefined) return 'nothing'
  if (byte > SP && byte < 0x7f) return `'${String.fromCharCode(byte)}'`
  return `the byte 0x${byte.toString(16).padStart(2, '0')}`
}
