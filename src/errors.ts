/**
 * `ProtocolError`: what a peer did wrong, as a code for programs, a message for people, the section that was broken, and the
 * answer (a close code or a status).
 *
 * @module
 */

/**
 * What a peer can do wrong. The list is closed, so a `switch` over it is checked for completeness: adding a code is a
 * minor version, renaming one a major.
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

/** All of a `ProtocolError` except its code and message. */
export interface ProtocolErrorDetails {
  /** Where the rule stands, e.g. `'RFC 6455 §5.1'`. */
  readonly reference?: string
  /** For a connection: the code that the Close frame carries. */
  readonly closeCode?: number
  /** For a handshake: the HTTP status of the answer. */
  readonly status?: number
  /** Bytes from the start of the head, the field value, the message (as it is compressed) or the stream. */
  readonly offset?: number
  /** The underlying error, such as a library's. */
  readonly cause?: unknown
}

/** A `ProtocolError` as plain data. */
export interface ProtocolErrorData {
  /** Which rule was broken. */
  code: ProtocolErrorCode
  /** What was found, where, and what is expected, for people. */
  message: string
  /** Where the rule stands; empty if unknown. */
  reference: string
  /** For a connection: the code that the Close frame carries. */
  closeCode?: number
  /** For a handshake: the HTTP status of the answer. */
  status?: number
  /** Bytes from the start of the head, the field value, the message (as it is compressed) or the stream. */
  offset?: number
}

/**
 * A peer broke a rule. Low-level functions throw it; the main entry points return it as data. A mistake of the caller is a
 * `TypeError` or a `RangeError` instead. Codes are a contract, messages are not.
 *
 * @example
 * try {
 *   parseClosePayload(new Uint8Array([3]))
 * } catch (error) {
 *   if (error instanceof ProtocolError) console.log(error.code, error.closeCode) // close-payload 1002
 * }
 */
export class ProtocolError extends Error {
  /** Identifies the class where `instanceof` cannot, such as across realms. */
  override readonly name = 'ProtocolError'
  /** Which rule was broken: a contract, for programs. */
  declare readonly code: ProtocolErrorCode
  /** Where the rule stands, e.g. `'RFC 6455 §5.1'`; empty if a user's own extension threw it. */
  declare readonly reference: string
  /** For a connection: the code that the Close frame carries. */
  declare readonly closeCode: number | undefined
  /** For a handshake: the HTTP status of the answer; the fields that belong to it are in the response. */
  declare readonly status: number | undefined
  /** Bytes from the start of the head, the field value, the message (as it is compressed) or the stream. */
  declare readonly offset: number | undefined

  constructor(code: ProtocolErrorCode, message: string, details: ProtocolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.reference = details.reference ?? ''
    this.closeCode = details.closeCode
    this.status = details.status
    this.offset = details.offset
  }

  /** The error as plain data, with its message (`JSON.stringify` drops that of a plain `Error`). */
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

/** Code units of a peer's text that a message repeats. */
const MAX_QUOTED = 100

/** What is quoted as it is, as nearly all is: visible ASCII without quotation marks and backslashes. */
const plain = /^[ !#-[\]-~]{0,100}$/

/**
 * Quotes a peer's text for a message: cut, and in visible ASCII only, so that it can neither control a terminal
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

/** The error of a request, with the status to send. */
export function requestError(code: ProtocolErrorCode, message: string, reference: string, status = 400): ProtocolError {
  return new ProtocolError(code, message, { reference, status })
}

/** At least one error: `errors[0]` is never `undefined`. */
export type ProtocolErrors = readonly [ProtocolError, ...ProtocolError[]]

/** The result of a low-level function, or the `ProtocolError` that it threw. Any other exception passes through. */
export function attempt<Result>(read: () => Result): Result | ProtocolError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

/** The `ProtocolError` that a low-level function throws or returns; `undefined` for any other result. */
export function errorOf(read: () => unknown): ProtocolError | undefined {
  const result = attempt(read)
  return result instanceof ProtocolError ? result : undefined
}
