/**
 * The server's door: a request out of a byte stream, an answer into it, and streams of messages behind it. Knows the order of
 * the steps; each is another room's.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import { ProtocolError } from '../errors.ts'
import { type Accepted, type AcceptOptions, acceptHandshake } from '../handshake/accept.ts'
import { formatResponse } from '../http/head-format.ts'
import { RequestHeadParser } from '../http/request-parser.ts'
import { type Refused, refuseUnreadable } from '../http/response.ts'
import { endTransport, readHead } from './head.ts'
import { startStreams } from './message-streams.ts'
import { type ByteStreams, type MessageStreams, resolveReadAhead, type StreamOptions } from './options.ts'
import { Transport } from './transport.ts'

/**
 * What a server wishes. Refusals always end the transport, so they never keep it alive; and no codec for another version can
 * be brought.
 */
export interface AcceptStreamOptions<Subprotocol extends string = string>
  extends StreamOptions,
    Omit<AcceptOptions<Subprotocol>, 'keepAlive' | 'versions'> {}

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
export async function acceptStream<const Subprotocol extends string = never>(
  transport: ByteStreams,
  options: AcceptStreamOptions<Subprotocol> = {},
): Promise<(Accepted<Subprotocol> & MessageStreams) | Refused> {
  requireRecord(options, 'the options of acceptStream')
  // What is left is for the handshake, which checks the names.
  const { readAhead: told, ownsChunks, fragmentSize, maskKeys, loneSurrogates, ...accepting } = options
  const readAhead = resolveReadAhead(told)
  const parser = new RequestHeadParser(options.limits)
  const bytes = new Transport(transport)
  try {
    const parsed = await readHead(bytes, parser)
    if (parsed instanceof ProtocolError) return await refuse(bytes, refuseUnreadable([parsed]))
    const answer = acceptHandshake(parsed, { ...accepting, keepAlive: false })
    if (!answer.ok) return await refuse(bytes, answer)
    const { limits, extensions } = accepting
    const own = { limits, ownsChunks, fragmentSize, maskKeys, loneSurrogates }
    const connection = new Connection({ ...own, role: 'server', agreement: answer, extensions })
    bytes.unshift(parsed.rest)
    // Not waited for: what fails shows in the streams.
    bytes.write(formatResponse(answer.response)).catch(() => {})
    return { ...answer, ...startStreams(connection, bytes, readAhead) }
  } catch (error) {
    bytes.release()
    throw error
  }
}

async function refuse(transport: Transport, refused: Refused): Promise<Refused> {
  transport.write(formatResponse(refused.response)).catch(() => {})
  await endTransport(transport)
  return refused
}
