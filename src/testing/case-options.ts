/**
 * What a case is run over and with: transports, options, and what can be said of a case without a connection.
 *
 * @module
 */

import { describeValue, requireOptions, requireWhole, wrongArgument } from '../arguments.ts'
import type { DeflateCodec } from '../deflate/codec.ts'
import type { DuplexLike } from '../driver/shapes.ts'
import type { Signal } from '../platform/abort.ts'
import type { Timers } from '../platform/timers.ts'
import type { Carrier, Case, Chunks } from './case.ts'
import type { CaseResult } from './result.ts'

/** A pair of names and values, as an HTTP/2 stack has them; pseudo-fields come first. */
export type Fields = readonly (readonly [name: string, value: string])[]

/** A connection over HTTP/2 to a server under test. */
export interface Http2Request {
  /** Tells it from a transport. */
  readonly carrier: 'http/2'
  /** The `:scheme`. Default: `'http'`. */
  readonly scheme?: string | undefined
  /** Sends the head of a request. Resolves with the response's; rejects if there is none. */
  request(fields: Fields): Promise<Http2Opened>
}

/** A response over HTTP/2, and the stream that it opens. */
export interface Http2Opened {
  /** Of the response, `:status` among them. */
  readonly fields: Fields
  /** Nothing has been read from it. */
  readonly stream: DuplexLike
}

/** A request over HTTP/2 of a client under test. */
export interface Http2Response {
  /** Tells it from a transport. */
  readonly carrier: 'http/2'
  /** Of the request. */
  readonly fields: Fields
  /** Sends the head of the response, and returns the stream after it. */
  respond(fields: Fields): DuplexLike
}

/**
 * The suite's end of a connection. To a server under test: a transport that is connected to it, or a way to make requests over
 * HTTP/2. Of a client under test: the accepted end, or a request of it.
 */
export type CaseTransport = DuplexLike | Http2Request | Http2Response

/** Options of {@link runCase}. */
export interface CaseOptions {
  /** `Host` in requests of the suite. Default: `'localhost'`. */
  readonly host?: string | undefined
  /** The path in requests of the suite, with its query. Default: `'/'`. */
  readonly path?: string | undefined
  /** A subprotocol that the server under test serves. Without it, cases that need one are skipped. */
  readonly subprotocol?: string | undefined
  /** Whether the agent sends messages back. Default: true. With false, cases that need it are skipped. */
  readonly echo?: boolean | undefined
  /**
   * How long the agent may take for each answer, in milliseconds; after the first that does not come a case ends. All waits of a case
   * together last five times as long at most. Default: 2000.
   */
  readonly timeout?: number | undefined
  /** How all bytes are cut, in place of what the cases say. Writes of more than 64 KiB stay as the case has them. */
  readonly chunks?: Chunks | undefined
  /** For keys. Default: 1. */
  readonly seed?: number | undefined
  /** What inflates messages. Without it, cases that need permessage-deflate are skipped. */
  readonly codec?: DeflateCodec | undefined
  /** The keys of clients seen so far: a set for a whole run. Default: a new one. */
  readonly keys?: Set<string> | undefined
  /** Aborted: the case ends with the verdict `'error'`. */
  readonly signal?: Signal | undefined
  /** Another clock, for tests of your own. Default: the platform's. */
  readonly timers?: Timers | undefined
}

/** What each option must be. */
export const caseKinds = {
  host: 'string',
  path: 'string',
  subprotocol: 'string',
  echo: 'boolean',
  timeout: 'number',
  chunks: 'any',
  seed: 'number',
  codec: 'any',
  keys: 'any',
  signal: 'any',
  timers: 'any',
} as const

/** Throws `TypeError` or `RangeError` for wrong options. */
export function requireCaseOptions(options: CaseOptions): void {
  requireOptions(options, caseKinds, 'the options of runCase')
  if (options.timeout !== undefined) requireWhole(options.timeout, '`timeout`', 1)
  if (options.seed !== undefined) requireWhole(options.seed, '`seed`')
}

/** Throws `TypeError` for what is no transport. @param name What to call it. */
export function requireTransport(value: unknown, name: string): void {
  const has = (...members: readonly string[]): boolean =>
    members.every((member) => typeof (value as Readonly<Record<string, unknown>>)[member] === 'function')
  const isObject = typeof value === 'object' && value !== null
  const isTransport =
    isObject && ('carrier' in value ? has('request') || has('respond') : has('on', 'off', 'write', 'end', 'destroy'))
  if (!isTransport)
    throw wrongArgument(name, 'a stream as Node has them, an Http2Request or an Http2Response', describeValue(value))
}

/** Lets go of a transport that no case is run over. */
export function refuse(transport: CaseTransport): void {
  if ('respond' in transport) transport.respond([[':status', '503']]).end()
  else if (!('carrier' in transport)) transport.destroy()
}

/** What carries it. */
export function carrierOf(transport: CaseTransport): Carrier {
  return 'carrier' in transport ? transport.carrier : 'http/1.1'
}

/** Why a case cannot be run at all. */
export function findSkipReason(
  { carriers, needs, side }: Case,
  carrier: Carrier | undefined,
  { codec, echo = true, subprotocol }: CaseOptions,
): string | undefined {
  if (carrier !== undefined && !carriers.includes(carrier)) return `The case is for ${carriers.join(' and ')} only.`
  if (needs.includes('echo') && !echo) return 'The agent does not send messages back.'
  if (needs.includes('deflate') && codec === undefined) return 'There is no codec for permessage-deflate.'
  if (needs.includes('subprotocol') && side === 'server' && subprotocol === undefined)
    return 'No subprotocol of the server is known.'
  return undefined
}

/** The reason of what a signal has ended. */
export const STOPPED = 'The run was stopped.'

/** A result without a connection. */
export function resultWithout(
  { id, title, why, level, references, outcomes }: Case,
  carrier: Carrier,
  verdict: CaseResult['verdict'],
  reason: string,
): CaseResult {
  const expected = outcomes.filter((outcome) => outcome.verdict === 'pass').map((outcome) => outcome.reason)
  return {
    id,
    title,
    why,
    level,
    carrier,
    references,
    verdict,
    reason,
    expected,
    ending: undefined,
    transcript: [],
    duration: 0,
  }
}
