/**
 * The transports and options that a case runs with, and the results that need no connection.
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

/** Names and values as an HTTP/2 stack has them. Pseudo-fields come first. */
export type Fields = readonly (readonly [name: string, value: string])[]

/** A connection over HTTP/2 to a server under test. */
export interface Http2Request {
  /** Distinguishes it from a transport. */
  readonly carrier: 'http/2'
  /** The `:scheme`. Default: `'http'`. */
  readonly scheme?: string | undefined
  /** Sends the head of a request. Resolves with the response, and rejects if there is none. */
  request(fields: Fields): Promise<Http2Opened>
}

/** A response over HTTP/2, and the stream that it opens. */
export interface Http2Opened {
  /** The fields of the response, including `:status`. */
  readonly fields: Fields
  /** The stream, from which nothing has been read. */
  readonly stream: DuplexLike
}

/** An HTTP/2 request of a client under test. */
export interface Http2Response {
  /** Tells it from a transport. */
  readonly carrier: 'http/2'
  /** The fields of the request. */
  readonly fields: Fields
  /** Sends the head of the response, and returns the stream that follows it. */
  respond(fields: Fields): DuplexLike
}

/**
 * The suite's end of a connection. For a server under test: a transport that is connected to it, or a function to send HTTP/2
 * requests. For a client under test: the accepted transport, or its HTTP/2 request.
 */
export type CaseTransport = DuplexLike | Http2Request | Http2Response

/** Options of {@link runCase}. */
export interface CaseOptions {
  /** `Host` in the suite's requests. Default: `'localhost'`. */
  readonly host?: string | undefined
  /** The path and query in the suite's requests. Default: `'/'`. */
  readonly path?: string | undefined
  /** A subprotocol that the server under test accepts. Without it, cases that need one are skipped. */
  readonly subprotocol?: string | undefined
  /** Whether the agent echoes messages. With false, cases that need an echo are skipped. Default: true. */
  readonly echo?: boolean | undefined
  /**
   * How long the agent may take for each answer, in milliseconds. A case ends after the first answer that does not arrive in time. All
   * waits of a case together last at most five times as long. Default: 2000.
   */
  readonly timeout?: number | undefined
  /** How to cut all bytes, instead of as the cases define. Writes of more than 64 KiB are not changed. */
  readonly chunks?: Chunks | undefined
  /** The seed for keys. Default: 1. */
  readonly seed?: number | undefined
  /** Inflates messages. Without it, cases that need permessage-deflate are skipped. */
  readonly codec?: DeflateCodec | undefined
  /** The clients' keys so far. Pass one set for a whole run. Default: a new one. */
  readonly keys?: Set<string> | undefined
  /** Ends the case with the verdict `'error'` when it is aborted. */
  readonly signal?: Signal | undefined
  /** Another clock, for your own tests. Default: the platform's. */
  readonly timers?: Timers | undefined
}

/** The checks of the options. */
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

/** Throws a `TypeError` if the value is not a transport. @param name Its name in the message. */
export function requireTransport(value: unknown, name: string): void {
  const has = (...members: readonly string[]): boolean =>
    members.every((member) => typeof (value as Readonly<Record<string, unknown>>)[member] === 'function')
  const isObject = typeof value === 'object' && value !== null
  const isTransport =
    isObject && ('carrier' in value ? has('request') || has('respond') : has('on', 'off', 'write', 'end', 'destroy'))
  if (!isTransport)
    throw wrongArgument(name, 'a stream like those of Node, an Http2Request or an Http2Response', describeValue(value))
}

/** Destroys a transport that no case uses. */
export function refuse(transport: CaseTransport): void {
  if ('respond' in transport) transport.respond([[':status', '503']]).end()
  else if (!('carrier' in transport)) transport.destroy()
}

/** Returns what carries the WebSocket. */
export function carrierOf(transport: CaseTransport): Carrier {
  return 'carrier' in transport ? transport.carrier : 'http/1.1'
}

/** Returns why a case cannot run at all, or `undefined`. */
export function findSkipReason(
  { carriers, needs, side }: Case,
  carrier: Carrier | undefined,
  { codec, echo = true, subprotocol }: CaseOptions,
): string | undefined {
  if (carrier !== undefined && !carriers.includes(carrier)) return `The case is for ${carriers.join(' and ')} only.`
  if (needs.includes('echo') && !echo) return 'The agent does not echo messages.'
  if (needs.includes('deflate') && codec === undefined) return 'There is no codec for permessage-deflate.'
  if (needs.includes('subprotocol') && side === 'server' && subprotocol === undefined)
    return 'No subprotocol of the server is known.'
  return undefined
}

/** The reason of a case that a signal has ended. */
export const STOPPED = 'The run was stopped.'

/** Returns a result without a connection. */
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
