/**
 * Server entry point of the streams layer: reads a request from a byte stream, writes the response, and returns message streams
 * over the same transport.
 *
 * @module
 */

import { requireOptions } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import { ProtocolError } from '../errors.ts'
import { type Accepted, acceptHandshake } from '../handshake/accept.ts'
import type { AcceptOptions } from '../handshake/accept-options.ts'
import type { ChosenSubprotocol } from '../handshake/subprotocol.ts'
import { formatResponse } from '../http/head-format.ts'
import { RequestHeadParser } from '../http/request-parser.ts'
import { type Refused, refuseUnreadable } from '../http/response.ts'
import { endTransport, readHead } from './head.ts'
import { startStreams } from './message-streams.ts'
import {
  type ByteStreams,
  connectionOptionsOf,
  type MessageStreams,
  resolveReadAhead,
  type StreamOptions,
  streamOptionKinds,
} from './options.ts'
import { Transport } from './transport.ts'

/**
 * The options of {@link acceptStream}. `keepAlive`, `versions` and `offWire` are absent: a refusal always ends the transport, and
 * the frames are those of version 13.
 */
export interface AcceptStreamOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends StreamOptions,
    Omit<AcceptOptions<Subprotocol, Required>, 'keepAlive' | 'versions' | 'offWire' | 'limits'> {}

/**
 * Accepts a WebSocket on a transport: reads the client's request head, checks it as {@link acceptHandshake} does, and writes the
 * response, even if it is a refusal. `extensions` serves both the handshake and the messages.
 *
 * Never rejects because of the peer or the transport: a head that is too large or cut short is refused like any other, and a later
 * transport failure surfaces in the streams.
 *
 * @param transport Locked until it is finished; released at once, as it is, if this rejects.
 * @returns The agreement with its streams, see {@link messageStreams}; or the refusal, once it is written and our direction of the
 *   transport has ended.
 * @throws TypeError as {@link acceptHandshake} and {@link messageStreams} do; `RangeError` for invalid limits and sizes. Errors
 *   thrown by functions among the options pass through.
 *
 * @example
 * async function echo(transport: ByteStreams) {
 *   const accepted = await acceptStream(transport)
 *   if (accepted.ok) await accepted.readable.pipeTo(accepted.writable)
 * }
 * for await (const transport of Deno.listen({ port: 8080 })) echo(transport).catch(console.error)
 */
export async function acceptStream<const Subprotocol extends string = never, Required extends boolean = boolean>(
  transport: ByteStreams,
  options: AcceptStreamOptions<Subprotocol, Required> = {},
): Promise<(Accepted<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> & MessageStreams) | Refused> {
  requireOptions(options, optionKinds, 'the options of acceptStream')
  const readAhead = resolveReadAhead(options.readAhead)
  const parser = new RequestHeadParser(options.limits)
  const bytes = new Transport(transport)
  try {
    const parsed = await readHead(bytes, parser)
    if (parsed instanceof ProtocolError) return await refuse(bytes, refuseUnreadable([parsed]))
    const answer = acceptHandshake(parsed, handshakeOptions(options))
    if (!answer.ok) return await refuse(bytes, answer)
    const { extensions } = options
    const connection = new Connection({
      ...connectionOptionsOf(options),
      role: 'server',
      agreement: answer,
      extensions,
    })
    bytes.unshift(parsed.rest)
    // Not awaited: a failure surfaces in the streams.
    bytes.write(formatResponse(answer.response)).catch(() => {})
    return { ...answer, ...startStreams(connection, bytes, readAhead) }
  } catch (error) {
    bytes.release()
    throw error
  }
}

/** The handshake checks its own. */
const optionKinds = {
  ...streamOptionKinds,
  subprotocols: 'any',
  prefer: 'any',
  requireSubprotocol: 'any',
  origins: 'any',
  scheme: 'any',
  hosts: 'any',
  extensions: 'any',
  headers: 'any',
  strictKey: 'any',
} as const

/** The handshake's options. */
function handshakeOptions<Subprotocol extends string, Required extends boolean>(
  options: AcceptStreamOptions<Subprotocol, Required>,
): AcceptOptions<Subprotocol, Required> {
  const { subprotocols, prefer, requireSubprotocol, origins, scheme, hosts, extensions, headers, strictKey } = options
  return { subprotocols, prefer, requireSubprotocol, origins, scheme, hosts, extensions, headers, strictKey }
}

async function refuse(transport: Transport, refused: Refused): Promise<Refused> {
  transport.write(formatResponse(refused.response)).catch(() => {})
  await endTransport(transport)
  return refused
}
