/**
 * The interface that every extension implements (RFC 6455 §9), and helpers for extension parameters. Negotiation calls it during
 * the handshake; the connection then calls `open`.
 *
 * @module
 */

import { describeType, requireType, wrongArgument } from '../arguments.ts'
import type { Transform } from '../frame/transform.ts'
import type { Role } from '../types.ts'

/**
 * Parsed parameters, in order and with repeats. A parameter without a value is `true`, which JSON preserves.
 *
 * @category Compression and extensions
 */
export type ExtensionParams = [name: string, value: string | true][]

/**
 * One element of `Sec-WebSocket-Extensions`.
 *
 * @category Compression and extensions
 */
export interface ExtensionEntry {
  /** A token, as sent. */
  name: string
  /** The parameters, in order and with repeats. */
  params: ExtensionParams
}

/**
 * Parameters as input: pairs, or a record such as `{ server_max_window_bits: 10, server_no_context_takeover: true }`.
 *
 * @category Compression and extensions
 */
export type ExtensionParamsSource =
  | readonly (readonly [name: string, value: string | true])[]
  | { readonly [name: string]: string | number | true | undefined }

/**
 * The number of offers that may be declined with a reason before the rest is ignored. Errors are costly, and a head has space for
 * thousands of offers; clients send two or three.
 */
export const MAX_DECLINED = 32

/**
 * An extension in use, with its parameters.
 *
 * @category Compression and extensions
 */
export interface AgreedExtension {
  /** The extension's token. */
  name: string
  /** Plain data that the extension derived from the offer or the response. */
  params: unknown
}

/**
 * A server's answer to an offer that it accepts.
 *
 * @category Compression and extensions
 */
export interface AcceptedOffer<Params> {
  /** Plain data for the agreement. */
  readonly params: Params
  /** The parameters of the response. */
  readonly response: ExtensionParamsSource
}

/**
 * An extension. It has no state: one object serves the whole program, and the transform that `open` returns has the state of a
 * connection. Pass it to `defineExtension`, and the result to handshakes and connections.
 *
 * @example
 * const marked: Extension<null> = {
 *   name: 'x-marked',
 *   rsv: Rsv.RSV2,
 *   offer: () => [{}],
 *   accept: () => ({ params: null, response: {} }),
 *   verify: () => null,
 *   open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
 * }
 * const extensions = [defineExtension(marked)]
 *
 * @category Compression and extensions
 */
export interface Extension<Params = unknown> {
  /** A token (RFC 6455 §9.1). */
  readonly name: string
  /** The RSV bits that mark a message as transformed by this extension: 0, or a sum of `Rsv`. */
  readonly rsv: number
  /** Client: returns the alternatives to offer, best first. */
  offer(): readonly ExtensionParamsSource[]
  /**
   * Server: decides on one offer with this name. Return `undefined` or throw a `ProtocolError` to decline it; the client's next
   * offer is then tried. `Accepted.declined` lists the errors thrown. Any other exception passes through.
   */
  accept(offer: ExtensionParams): AcceptedOffer<Params> | undefined
  /**
   * Client: checks the server's response. Return `undefined` to fail the handshake, or throw a `ProtocolError`, which the handshake
   * then reports. Any other exception passes through.
   */
  verify(response: ExtensionParams, offers: readonly ExtensionParams[]): Params | undefined
  /**
   * Creates the transform for one connection. Return `undefined` if the work cannot be done synchronously, for example in a worker or
   * a runtime stream. Messages then arrive unchanged as `encoded` events, and you send them with `sendEncoded`.
   */
  open(params: Params, role: Role): Transform | undefined
}

/**
 * The result of `defineExtension`: an extension for handshakes and connections.
 *
 * @category Compression and extensions
 */
export interface DefinedExtension<Params = unknown> extends Extension<Params> {
  /** The functions with which handshakes and connections run it. Private to this package, and not enumerable. */
  readonly support: object
}

/**
 * Returns the value of a parameter; `undefined` if the parameter is absent or repeated. Names are case-sensitive.
 *
 * @throws TypeError unless `params` is an array of pairs and `name` is a string.
 * @example
 * getParam([['server_max_window_bits', '10'], ['x', true]], 'server_max_window_bits') // '10'
 */
export function getParam(params: ExtensionParams, name: string): string | true | undefined {
  if (!Array.isArray(params) || !params.every(Array.isArray))
    throw wrongArgument('`params`', 'an array of pairs', describeType(params))
  requireType(name, 'string', '`name`')
  const values = params.filter(([key]) => key === name)
  return values.length === 1 ? values[0]?.[1] : undefined
}

/** Whether a value has the shape of parameters: pairs, or a record. */
export function isExtensionParamsSource(value: unknown): value is ExtensionParamsSource {
  if (Array.isArray(value)) return value.every(isParam)
  if (typeof value !== 'object' || value === null || describeType(value) !== 'an object') return false
  return Object.values(value).every((item) => item === undefined || isParamValue(item) || typeof item === 'number')
}

/** Whether a value is a pair of a name and its value. */
export function isParam(value: unknown): value is ExtensionParams[number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isParamValue(value[1])
}

function isParamValue(value: unknown): boolean {
  return typeof value === 'string' || value === true
}

/** Converts either form of parameters to a new list, without entries that are `undefined`. */
export function toExtensionParams(source: ExtensionParamsSource): ExtensionParams {
  if (Array.isArray(source)) return source.map(([name, value]) => [name, value])
  const record = source as Readonly<Record<string, string | number | true | undefined>>
  const params: ExtensionParams = []
  for (const name of Object.keys(record)) {
    const value = record[name]
    if (value !== undefined) params.push([name, value === true || String(value)])
  }
  return params
}

/** Creates the error for an agreement on an extension that the connection does not have: it would misread its peer. */
export function missingExtension(name: string): TypeError {
  return new TypeError(`\`agreement\` names ${JSON.stringify(name)}, which \`extensions\` lacks`)
}
