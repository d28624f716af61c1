/**
 * The one class of fault. Knows nothing of what went wrong, only how it is told: by a code that programs read, a message
 * that people read, the section that was broken, and the answer that is owed (a close code or a status).
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
  | 'time-out'
  // limits
  | 'too-large'
  | 'too-many'

/** Everything about a fault but its code and message. */
export interface ProtocolErrorDetails {
  /** Where the rule stands, e.g. `'RFC 6455 §5.1'`. */
  readonly reference?: string
  /** For a connection: the code that the Close frame carries. */
  readonly closeCode?: number
  /** For a handshake: the HTTP status that is owed. */
  readonly status?: number
  /** Bytes from the start of the head, the field value, the message (as it is compressed) or the stream. */
  readonly offset?: number
  /** What led to it, such as an error of a library. */
  readonly cause?: unknown
}

/** A fault as plain data. */
export interface ProtocolErrorData {
  /** Which rule was broken. */
  code: ProtocolErrorCode
  /** What was found, where, and what is expected, for people. */
  message: string
  /** Where the rule stands; empty where nobody said. */
  reference: string
  /** For a connection: the code that the Close frame carries. */
  closeCode?: number
  /** For a handshake: the HTTP status that is owed. */
  status?: number
  /** Bytes from the start of the head, the field value, the message (as it is compressed) or the stream. */
  offset?: number
}

/**
 * A peer broke a rule. Low floors throw it, upper doors hand it over as data; a mistake of the caller is a `TypeError` or
 * a `RangeError` instead. Codes are a contract, messages are not.
 *
 * @example
 * try {
 *   parseClosePayload(new Uint8Array([3]))
 * } catch (error) {
 *   if (error instanceof ProtocolError) console.log(error.code, error.closeCode) // close-payload 1002
 * }
 */
export class ProtocolError extends Error {
  /** Tells it apart where `instanceof` cannot, such as across realms. */
  override readonly name = 'ProtocolError'
  /** Which rule was broken: a contract, for programs. */
  readonly code: ProtocolErrorCode
  /** Where the rule stands, e.g. `'RFC 6455 §5.1'`; empty for a fault that a user's own extension found. */
  readonly reference: string
  /** For a connection: the code that the Close frame carries. */
  readonly closeCode: number | undefined
  /** For a handshake: the HTTP status that is owed; the fields that go with it stand in the response. */
  readonly status: number | undefined
  /** Bytes from the start of the head, the field value, the message (as it is compressed) or the stream. */
  readonly offset: number | undefined

  constructor(code: ProtocolErrorCode, message: string, details: ProtocolErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.reference = details.reference ?? ''
    this.closeCode = details.closeCode
    this.status = details.status
    this.offset = details.offset
  }

  /** The fault as plain data, message included (that of a plain `Error` is lost in `JSON.stringify`). */
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

/** How much of a peer's text a message repeats. */
const MAX_QUOTED = 100

/**
 * A peer's text as a message repeats it: cut, in quotes, and visible ASCII only, so that it can neither move a terminal
 * (`JSON.stringify` lets U+009B pass) nor fill or forge a log.
 */
export function quote(text: string): string {
  const quoted = JSON.stringify(text.slice(0, MAX_QUOTED)).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return text.length > MAX_QUOTED ? `${quoted}...` : quoted
}

/** One fault at least: `faults[0]` is never `undefined`. */
export type Faults = readonly [ProtocolError, ...ProtocolError[]]

/** What a low floor says, with a thrown fault as data. Anything else that is thrown passes through. */
export function attempt<Result>(read: () => Result): Result | ProtocolError {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}
