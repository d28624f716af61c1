/**
 * An extension as one object (RFC 6455 §9): what it offers, accepts and verifies, and what it opens once it is agreed on.
 * Types, and what is read of parameters. Knows no extension by name.
 *
 * @module
 */

import { describeType, requireType } from '../arguments.ts'
import type { Transform } from '../frame/transform.ts'
import type { Role } from '../types.ts'

/** Parameters as they come out: in order, repeats kept. One without a value is `true`, so that JSON keeps it. */
export type ExtensionParams = [name: string, value: string | true][]

/** One element of `Sec-WebSocket-Extensions`. */
export interface ExtensionEntry {
  /** A token, as it was sent. */
  name: string
  /** In order, repeats kept. */
  params: ExtensionParams
}

/** Parameters as they go in: pairs, or a record such as `{ server_max_window_bits: 10, server_no_context_takeover: true }`. */
export type ExtensionParamsSource =
  | readonly (readonly [name: string, value: string | true])[]
  | { readonly [name: string]: string | number | true | undefined }

/** What an extension makes of one offer. */
export interface AcceptedOffer<Params> {
  /** Plain data, kept in the agreement. */
  readonly params: Params
  /** What the answer says. */
  readonly response: ExtensionParamsSource
}

/**
 * How many offers are declined with a reason before the rest is left unread. A reason costs 10 µs (Node 20), and a head has room
 * for 2800 of them; clients offer two or three alternatives.
 */
export const MAX_DECLINED = 32

/**
 * All that an extension does. Stateless: one object serves the whole program; state lives in what `open` makes.
 *
 * @example
 * const upper: Extension<null> = {
 *   name: 'x-upper',
 *   rsv: Rsv.RSV2,
 *   offer: () => [{}],
 *   accept: () => ({ params: null, response: {} }),
 *   verify: () => null,
 *   open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
 * }
 */
export interface Extension<Params = unknown> {
  /** A token (RFC 6455 §9.1). */
  readonly name: string
  /** The RSV bits that a message carries when this extension has transformed it: 0, or of `Rsv`. */
  readonly rsv: number
  /** Client: alternatives, best first. */
  offer(): readonly ExtensionParamsSource[]
  /**
   * Server: one offer of this name. `undefined`, or a thrown `ProtocolError` that says why, declines it, and the client's next
   * one comes; the reasons are kept in `Accepted.declined`. Anything else that is thrown passes through.
   */
  accept(offer: ExtensionParams): AcceptedOffer<Params> | undefined
  /**
   * Client: the server's answer. `undefined` fails the handshake, and so does a thrown `ProtocolError`, which is then the fault
   * that is told. Anything else that is thrown passes through.
   */
  verify(response: ExtensionParams, offers: readonly ExtensionParams[]): Params | undefined
  /**
   * Once agreed on, for each connection. `undefined`: its work cannot be done at once (it takes a worker, or a stream of the
   * runtime's); then its messages are handed out as they came, as `encoded` events, and sent by `sendEncoded`.
   */
  open(params: Params, role: Role): Transform | undefined
}

/**
 * The one value of a parameter; `undefined` when it is absent or repeated. Names compare with letter case.
 *
 * @example
 * getParam([['server_max_window_bits', '10'], ['x', true]], 'server_max_window_bits') // '10'
 */
export function getParam(params: ExtensionParams, name: string): string | true | undefined {
  if (!Array.isArray(params) || !params.every(Array.isArray))
    throw new TypeError(`\`params\` must be an array of pairs, not ${describeType(params)}`)
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

function isParam(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isParamValue(value[1])
}

function isParamValue(value: unknown): boolean {
  return typeof value === 'string' || value === true
}

/** Parameters from any source, as a fresh list; what is `undefined` is left out. */
export function toExtensionParams(source: ExtensionParamsSource): ExtensionParams {
  if (isPairs(source)) return source.map(([name, value]) => [name, value])
  const params: ExtensionParams = []
  for (const name of Object.keys(source)) {
    const value = source[name]
    if (value !== undefined) params.push([name, value === true ? true : String(value)])
  }
  return params
}

function isPairs(source: ExtensionParamsSource): source is readonly (readonly [string, string | true])[] {
  return Array.isArray(source)
}
