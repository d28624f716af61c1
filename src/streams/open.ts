/**
 * The client's door: an offer into a byte stream, the answer out of it, and streams of messages behind it. Knows the order of
 * the steps; each is another room's.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import { ProtocolError } from '../errors.ts'
import type { Offer } from '../handshake/offer.ts'
import type { ChosenSubprotocol } from '../handshake/subprotocol.ts'
import { type Rejected, type Verified, verifyHandshake } from '../handshake/verify.ts'
import { formatRequestHead } from '../http/head-format.ts'
import { type ParsedResponse, ResponseHeadParser } from '../http/response-parser.ts'
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
 * Opens a WebSocket on a transport that leads to a server: writes the offer's request, reads the answer and holds it against the
 * offer as {@link verifyHandshake}. The offer's extensions are those of the messages, too.
 *
 * Never rejects for what a peer sent or a transport does: an answer that is cut short or too large is `kind: 'invalid'`, and a
 * transport that fails later shows in the streams.
 *
 * @param transport Locked until it is over; let go of at once, as it is, where this rejects.
 * @returns The agreement with its streams, see {@link messageStreams}; or why there is none, once the transport is ended. The
 *   body of such an answer is not read.
 * @throws TypeError for streams that somebody else holds; `RangeError` for limits and sizes that are none.
 *
 * @example
 * const offer = offerHandshake('ws://localhost:8080/chat')
 * const opened = await openStream(await Deno.connect(offer), offer)
 * if (opened.ok) for await (const message of opened.readable) console.log(message)
 */
export async function openStream<Subprotocol extends string, Required extends boolean = boolean>(
  transport: ByteStreams,
  offer: Offer<Subprotocol, Required>,
  options: StreamOptions = {},
): Promise<(Verified<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> & MessageStreams) | Rejected> {
  checkOptionNames(options, streamOptionNames, 'the options of openStream', { limits: limitNames })
  const readAhead = resolveReadAhead(options.readAhead)
  const parser = new ResponseHeadParser(options.limits)
  const bytes = new Transport(transport)
  try {
    // Not waited for: a server may answer before it has read all of it, and what fails shows when the answer is read.
    bytes.write(formatRequestHead(offer.request)).catch(() => {})
    const parsed = await readHead(bytes, parser)
    const answer = judge(parsed, offer)
    if (!answer.ok || parsed instanceof ProtocolError) {
      await endTransport(bytes)
      return answer as Rejected
    }
    const { extensions } = offer.offered
    const connection = new Connection({
      ...connectionOptionsOf(options),
      role: 'client',
      agreement: answer,
      extensions,
    })
    bytes.unshift(parsed.rest)
    return { ...answer, ...startStreams(connection, bytes, readAhead) }
  } catch (error) {
    bytes.release()
    throw error
  }
}

function judge<Subprotocol extends string, Required extends boolean>(
  parsed: ParsedResponse | ProtocolError,
  offer: Offer<Subprotocol, Required>,
): Verified<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | Rejected {
  if (!(parsed instanceof ProtocolError)) return verifyHandshake(parsed, offer)
  return { ok: false, faults: [parsed], kind: 'invalid', status: undefined }
}
