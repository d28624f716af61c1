/**
 * The characters and small rules that all HTTP fields are made of (RFC 9110 §5.6), the ABNF above each. Cursor functions:
 * they take a text and a position, go forward only, and give where they stopped. Knows no field.
 *
 * @module
 */

/** tchar: a character of a token. */
export const TCHAR = 1
/** VCHAR: visible ASCII. */
export const VCHAR = 2
/** field-vchar, SP or HTAB: what a field value, or a reason phrase, may hold. */
export const FIELD_TEXT = 4
/** DIGIT. */
export const DIGIT = 8
/** What a host's name may hold: unreserved, sub-delims and the percent sign. */
export const REG_NAME = 16
/** What a request target may hold: visible ASCII but `#`, for a fragment stays with the client (RFC 9110 §4.2.5). */
export const TARGET = 32

/** The classes of each of the 256 code units that HTTP knows, as a sum of the bits above. */
export const charClass: Uint8Array = /* @__PURE__ */ classify()

function classify(): Uint8Array {
  const classes = new Uint8Array(256)
  for (let unit = 0x21; unit <= 0x7e; unit++) classes[unit] = VCHAR | FIELD_TEXT | (unit === 0x23 ? 0 : TARGET)
  // obs-text = %x80-FF                                                                              RFC 9110 §5.5
  for (let unit = 0x80; unit <= 0xff; unit++) classes[unit] = FIELD_TEXT
  classes[0x20] = FIELD_TEXT
  classes[0x09] = FIELD_TEXT
  // tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
  //                                                                                               RFC 9110 §5.6.2
  const alphanumerics = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const tchars = `!#$%&'*+-.^_\`|~${alphanumerics}`
  mark(classes, tchars, TCHAR)
  mark(classes, '0123456789', DIGIT)
  // reg-name = *( unreserved / pct-encoded / sub-delims )                                          RFC 3986 §3.2.2
  // A comma may stand there, too; but it comes from two lines of Host that somebody has joined.
  mark(classes, `${alphanumerics}-._~%!$&'()*+;=`, REG_NAME)
  return classes
}

function mark(classes: Uint8Array, characters: string, bit: number): void {
  for (let i = 0; i < characters.length; i++) {
    const unit = characters.charCodeAt(i)
    classes[unit] = (classes[unit] as number) | bit
  }
}

/** Where the run of characters of one class ends that begins at `position`. */
export function skipClass(text: string, position: number, bits: number): number {
  let i = position
  while (i < text.length && ((charClass[text.charCodeAt(i)] as number) & bits) !== 0) i++
  return i
}

/** `token = 1*tchar` (RFC 9110 §5.6.2): whether the whole text is one. */
export function isToken(text: string): boolean {
  return text !== '' && skipClass(text, 0, TCHAR) === text.length
}

/** `field-value` without CR, LF, NUL or any other control, every code unit below 256 (RFC 9110 §5.5). */
export function isFieldText(text: string): boolean {
  return skipClass(text, 0, FIELD_TEXT) === text.length
}

/**
 * The number that a text of digits spells, up to `most`; `undefined` for any other text. By hand, since `Number` reads far more
 * than digits.
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

/** `OWS = *( SP / HTAB )` (RFC 9110 §5.6.3): where it ends. */
export function skipWhitespace(text: string, position: number): number {
  let i = position
  while (i < text.length && isWhitespace(text.charCodeAt(i))) i++
  return i
}

/** The text without OWS at either end. */
export function trimWhitespace(text: string): string {
  const start = skipWhitespace(text, 0)
  let end = text.length
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isWhitespace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09
}

/** Recipients ignore empty list elements "of a reasonable number" (RFC 9110 §5.6.1.2); more are an attack or a mistake. */
export const MAX_EMPTY_ELEMENTS = 100

/**
 * `#element => [ element ] *( OWS "," OWS [ element ] )` (RFC 9110 §5.6.1.2): appends the elements of one field line to
 * `elements`, OWS trimmed and empty ones left out. A comma inside a quoted-string separates nothing. Returns how many were
 * empty, so that a caller can bound them over all lines. Linear.
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

/** What a cursor function found, and where it stopped. */
export interface Found {
  readonly value: string
  readonly end: number
}

/**
 * `quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE` (RFC 9110 §5.6.4), unquoted; `undefined`: there is none at
 * `position`, or it does not end.
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

/** A parameter; without `=` its value is `true`. */
export type Parameter = [name: string, value: string | true]

/**
 * `parameters = *( OWS ";" OWS [ parameter ] )`, `parameter = parameter-name "=" parameter-value`, the value a token or a
 * quoted-string (RFC 9110 §5.6.6); here a parameter may also have no value, and white space may stand around `=`, as
 * RFC 6455 §9.1 has it. Appends to `parameters`, names as they are spelt.
 *
 * @returns Where they end, which is the end of the text or whatever no parameter begins with; or `-1 - index` of what does
 *   not fit the grammar.
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

export function readParameter(text: string, start: number, parameters: Parameter[]): number {
  const nameEnd = skipClass(text, start, TCHAR)
  // An empty one: "; ;"
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

const ZERO = 0x30
const COMMA = 0x2c
const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c
