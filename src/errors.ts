/**
 * `ProtocolError` reports what a peer did wrong: a code for programs, a message for people, the section of the standard, and the
 * answer to send (a close code or an HTTP status).
 *
 * @module
 */

/**
 * What a peer can do wrong. The list is closed, so TypeScript checks a `switch` over it for completeness. A new code is a minor
 * version; a renamed one is a major version.
 *
 * @category Errors, limits and registries
 */
export type ProtocolErrorCode =
  // heads and their fields
  | 'head-syntax'
  | 'head-too-large'
  | 'http-version'
  | 'method'
  | 'target'
  | 'host'
  | 'request-body'
  | 'response-body'
  | 'credentials'
  | 'pseudo-header'
  | 'setting'
  // upgrade
  | 'upgrade-missing'
  | 'connection-missing'
  | 'upgrade-not-offered'
  // handshake
  | 'key'
  | 'version'
  | 'origin'
  | 'subprotocol'
  | 'extension-syntax'
  | 'extension'
  | 'status'
  | 'accept'
  // frames and messages
  | 'reserved-bits'
  | 'reserved-opcode'
  | 'unmasked'
  | 'masked'
  | 'length'
  | 'control-frame'
  | 'continuation'
  | 'close-payload'
  | 'close-code'
  | 'utf8'
  | 'extension-data'
  // time
  | 'timeout'
  // limits
  | 'too-large'
  | 'too-many'

/**
 * The members of a `ProtocolError` other than its code and message.
 *
 * @category Errors, limits and registries
 */
export interface ProtocolErrorDetails {
  /** The section that contains the rule, e.g. `'RFC 6455 §5.1'`. */
  readonly reference?: string
  /** For a connection: the code of the Close frame that answers the error. */
  readonly closeCode?: number
  /** For a handshake: the HTTP status of the answer. */
  readonly status?: number
  /** Bytes from the start of the head, the field value, the message (in its compressed form) or the stream. */
  readonly offset?: number
  /** The underlying error, such as a library's. */
  readonly cause?: unknown
}

/**
 * A `ProtocolError` as plain data.
 *
 * @category Errors, limits and registries
 */
export interface ProtocolErrorData {
  /** The rule that the peer broke. */
  code: ProtocolErrorCode
  /** What was found, where, and what is expected, for people. */
  message: string
  /** The section that contains the rule; empty if unknown. */
  reference: string
  /** For a connection: the code of the Close frame that answers the error. */
  closeCode?: number
  /** For a handshake: the HTTP status of the answer. */
  status?: number
  /** Bytes from the start of the head, the field value, the message (in its compressed form) or the stream. */
  offset?: number
}

/**
 * Reports that a peer broke a rule. Low-level functions throw it; the main entry points return it as data. A caller's mistake is a
 * `TypeError` or a `RangeError` instead. Codes are part of the API, messages are not.
 *
 * @example
 * try {
 *   parseClosePayload(new Uint8Array([3]))
 * } catch (error) {
 *   if (error instanceof ProtocolError) console.log(error.code, error.closeCode) // close-payload 1002
 * }
 *
 * @category Errors, limits and registries
 */
export class ProtocolError extends Error {
  /** Identifies the class if `instanceof` cannot, for example across realms. */
  override readonly name = 'ProtocolError'
  /** The rule that the peer broke. Codes are part of the API. */
  declare readonly code: ProtocolErrorCode
  /** The section that contains the rule, e.g. `'RFC 6455 §5.1'`; may be empty if your own extension threw the error. */
  declare readonly reference: string
  /** For a connection: the code of the Close frame that answers the error. */
  declare readonly closeCode: number | undefined
  /** For a handshake: the HTTP status of the answer. The response has the header fields that belong to it. */
  declare readonly status: number | undefined
  /** Bytes from the start of the head, the field value, the message (in its compressed form) or the stream. */
  declare readonly offset: number | undefined

  constructor(code: ProtocolErrorCode, message: string, details: ProtocolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.reference = details.reference ?? ''
    this.closeCode = details.closeCode
    this.status = details.status
    this.offset = details.offset
  }

  /** Returns the error as plain data, with its message (`JSON.stringify` drops the message of a plain `Error`). */
  toJSON(): ProtocolErrorData {
    const { code, message, reference, closeCode, status, offset } = this
    return {
      code,
      message,
      reference,
      ...(closeCode !== undefined && { closeCode }),
      ...(status !== undefined && { status }),
      ...(offset !== undefined && { offset }),
    }
  }
}

/** The most code units of a peer's text that a message repeats. */
const MAX_QUOTED = 100

/** Text that needs no escapes, the usual case: visible ASCII without quotation marks and backslashes. */
const plain = /^[ !#-[\]-~]{0,100}$/

/**
 * Quotes a peer's text for a message: shortened, and in visible ASCII only, so that it can neither control a terminal
 * (`JSON.stringify` keeps U+009B) nor flood or forge a log.
 */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`
  const quoted = JSON.stringify(text.slice(0, MAX_QUOTED)).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return text.length > MAX_QUOTED ? `${quoted}...` : quoted
}

/** Creates the error for a request, with the status to send. */
export function requestError(code: ProtocolErrorCode, message: string, reference: string, status = 400): ProtocolError {
  return new ProtocolError(code, message, { reference, status })
}

/**
 * One error or more: `errors[0]` is never `undefined`.
 *
 * @category Errors, limits and registries
 */
export type ProtocolErrors = readonly [ProtocolError, ...ProtocolError[]]

/** Returns the result of a low-level function, or the `ProtocolError` that it threw. Any other exception is thrown again. */
export function attempt<Result>(read: () => Result): Result | ProtocolError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

/** Returns the `ProtocolError` that a low-level function throws or returns; `undefined` for any other result. */
export function errorOf(read: () => unknown): ProtocolError | undefined {
  const result = attempt(read)
  return result instanceof ProtocolError ? result : undefined
}
