/**
 * The server's door: a request out of a byte stream, an answer into it, and streams of messages behind it. Knows the order of
 * the steps; each is another room's.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import { ProtocolError } from '../errors.ts'
import { type Accepted, type AcceptOptions, acceptHandshake } from '../handshake/accept.ts'
import type { ChosenSubprotocol } from '../handshake/subprotocol.ts'
import { formatResponse } from '../http/head-format.ts'
import { RequestHeadParser } from '../http/request-parser.ts'
import { type Refused, refuseUnreadable } from '../http/response.ts'
import { limitNames } from '../limits.ts'
import { endTransport, readHead } from './head.ts'
import { startStreams } from './message-streams.ts'
import {
  type ByteStreams,
  connectionOptionsOf,
  type MessageStreams,
  resolveReadAhead,
  type StreamOptions,
  streamOptionNames,
} from './options.ts'
import { Transport } from './transport.ts'

/**
 * What a server speaks, and whom it serves. Refusals always end the transport, so they never keep it alive; there is a wire, and
 * frames of version 13 on it.
 */
export interface AcceptStreamOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends StreamOptions,
    Omit<AcceptOptions<Subprotocol, Required>, 'keepAlive' | 'versions' | 'offWire' | 'limits'> {}

/**
 * Opens a WebSocket on a transport where a client is about to ask for one: reads the head, judges it as
 * {@link acceptHandshake}, and writes the answer, a refusal too. `extensions` is the one list for handshake and messages.
 *
 * Never rejects for what a peer sent or a transport does: a head that is too large, cut short or never whole is refused as any
 * other, and a transport that fails later shows in the streams.
 *
 * @param transport Locked until it is over; let go of at once, as it is, where this rejects.
 * @returns The agreement with its streams, see {@link messageStreams}; or the refusal, once it is written and our direction
 *   of the transport is ended.
 * @throws TypeError as {@link acceptHandshake} and {@link messageStreams}; `RangeError` for limits and sizes that are none. What
 *   functions among the options throw passes through.
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
  checkOptionNames(options, optionNames, 'the options of acceptStream', { limits: limitNames })
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
    // Not waited for: what fails shows in the streams.
    bytes.write(formatResponse(answer.response)).catch(() => {})
    return { ...answer, ...startStreams(connection, bytes, readAhead) }
  } catch (error) {
    bytes.release()
    throw error
  }
}

const optionNames: readonly string[] = [
  ...streamOptionNames,
  'subprotocols',
  'prefer',
  'requireSubprotocol',
  'origins',
  'scheme',
  'hosts',
  'extensions',
  'headers',
  'strictKey',
]

/** The members that are the handshake's. */
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
