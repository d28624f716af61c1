/**
 * Server entry point of the streams layer: reads a request from a byte stream, writes the response, and returns message streams
 * over the same transport.
 *
 * @module
 */

import { type Kind, type Kinds, requireOptions } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import { destroy } from '../driver/holder.ts'
import { startRefusal, writeAnswer } from '../driver/refuse.ts'
import type { ProtocolErrorDetails } from '../errors.ts'
import { type Accepted, acceptHead } from '../handshake/accept.ts'
import { type AcceptOptions, HandshakeOptions } from '../handshake/accept-options.ts'
import type { ChosenSubprotocol } from '../handshake/subprotocol.ts'
import { upgradeServer } from '../handshake/upgrade-carrier.ts'
import { formatResponse } from '../http/head-format.ts'
import type { RequestHead } from '../http/request.ts'
import { RequestHeadParser } from '../http/request-parser.ts'
import { type Refused, refuseUnreadable } from '../http/response.ts'
import { StreamDuplex } from './duplex.ts'
import { isMissing, leave, readHead } from './head.ts'
import { startStreams } from './message-streams.ts'
import { type ByteStreams, type HeadOptions, headOptionKinds, type MessageStreams } from './options.ts'
import { type Setup, setUp } from './setup.ts'

/**
 * The options of {@link acceptStream}. `keepAlive`, `versions` and `offWire` are absent: a refusal always ends the transport, and only
 * version 13 is supported.
 */
export interface AcceptStreamOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends HeadOptions,
    Omit<AcceptOptions<Subprotocol, Required>, 'keepAlive' | 'versions' | 'offWire' | 'limits' | 'native'> {}

/** A WebSocket that {@link acceptStream} has accepted: the agreement, and its streams. */
export type AcceptedStream<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> = Accepted<Subprotocol, Chosen> &
  MessageStreams & {
    /** The head of the request. */
    readonly request: RequestHead
  }

/** A request that {@link acceptStream} has refused. */
export type RefusedStream = Refused & {
  /** The head of the request; `undefined` if none could be read. */
  readonly request: RequestHead | undefined
}

/**
 * Accepts a WebSocket on a transport: reads the client's request head, checks it as `acceptHandshake` does, and writes the response, even
 * if it is a refusal. `extensions` applies to both the handshake and the messages.
 *
 * Never rejects because of the peer or the transport. A head that is too large or truncated is refused, a head that does not arrive within
 * `headTimeout` is refused with 408, and a later transport failure surfaces in the streams.
 *
 * @param transport Locked until it is finished. If the promise rejects, the transport is released at once, unchanged; a `signal` destroys
 *   it instead.
 * @returns The agreement and its streams, see {@link messageStreams}. Or the refusal, after it was written and our direction of the
 *   transport has ended. A client that has sent nothing within `headTimeout` gets no answer.
 * @throws TypeError as `acceptHandshake` and {@link messageStreams} do; `RangeError` for invalid limits and sizes. Errors thrown by
 *   functions among the options, and the reason of `signal`, pass through.
 *
 * @example
 * async function echo(conn: Deno.Conn) {
 *   const accepted = await acceptStream(conn)
 *   if (accepted.ok) await accepted.readable.pipeTo(accepted.writable).catch(() => {}) // `closed` reports how it ended
 * }
 */
export async function acceptStream<const Subprotocol extends string = never, Required extends boolean = boolean>(
  transport: ByteStreams,
  options: AcceptStreamOptions<Subprotocol, Required> = {},
): Promise<AcceptedStream<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | RefusedStream> {
  requireOptions(options, kinds, 'the options of acceptStream')
  const handshake = new HandshakeOptions(handshakeOptionsOf(options))
  const setup = setUp(options, 'server', options.extensions)
  const parser = new RequestHeadParser(options.limits)
  const duplex = new StreamDuplex(transport)
  try {
    const parsed = await readHead(setup, duplex, parser, late)
    if (isMissing(parsed)) {
      const refused = refuseUnreadable([parsed.missing])
      if (parsed.missing.code === 'timeout' && parsed.size === 0) leave(duplex)
      else await refuse(setup, duplex, refused)
      return { ...refused, request: undefined }
    }
    if (!parsed.ok) {
      await refuse(setup, duplex, parsed)
      return { ...parsed, request: undefined }
    }
    const { head: request, rest } = parsed
    const answer = acceptHead(upgradeServer, request, false, handshake)
    if (!answer.ok) {
      await refuse(setup, duplex, answer)
      return { ...answer, request }
    }
    const connection = new Connection(setup.connection, answer)
    duplex.write(formatResponse(answer.response))
    const streams = startStreams(setup, duplex, connection, { request, rest })
    const accepted: AcceptedStream = { ...answer, ...streams, request }
    return accepted as AcceptedStream<Subprotocol, ChosenSubprotocol<Subprotocol, Required>>
  } catch (error) {
    duplex.giveBack()
    throw error
  }
}

/** "The server did not receive a complete request message within the time that it was prepared to wait." */
const late: ProtocolErrorDetails = { reference: 'RFC 9110 §15.5.9', status: 408 }

/** The handshake checks its own options. */
const kinds: Kinds = {
  ...headOptionKinds,
  subprotocols: 'any',
  prefer: 'any',
  requireSubprotocol: 'any',
  origins: 'any',
  scheme: 'any',
  hosts: 'any',
  extensions: 'any',
  headers: 'any',
  strictKey: 'any',
} satisfies Record<keyof AcceptStreamOptions, Kind>

/** Picks the handshake's options. */
function handshakeOptionsOf(options: AcceptStreamOptions): AcceptOptions {
  const { subprotocols, prefer, requireSubprotocol, origins, scheme, hosts, extensions, headers, strictKey } = options
  return { subprotocols, prefer, requireSubprotocol, origins, scheme, hosts, extensions, headers, strictKey }
}

/**
 * Writes a refusal. Resolves when the refusal has been written and our direction has ended; everything that still arrives is dropped.
 * Rejects with the reason of `signal` when it is aborted.
 */
function refuse({ host, signal }: Setup, duplex: StreamDuplex, { response }: Refused): Promise<void> {
  startRefusal(host, duplex, response, writeAnswer)
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      destroy(duplex)
      reject(signal?.reason)
    }
    const settle = (): void => {
      if (!duplex.isFlushed) return
      signal?.removeEventListener('abort', aborted)
      resolve()
    }
    signal?.addEventListener('abort', aborted)
    if (signal?.aborted) aborted()
    duplex.onprogress = settle
    settle()
  })
}
