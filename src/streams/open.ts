/**
 * Client entry point of the streams layer: writes a request to a byte stream, reads the response, and returns message streams over
 * the same transport.
 *
 * @module
 */

import { requireOptions } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import { ProtocolError } from '../errors.ts'
import type { Offer } from '../handshake/offer.ts'
import type { ChosenSubprotocol } from '../handshake/subprotocol.ts'
import { type Rejected, type Verified, verifyHandshake } from '../handshake/verify.ts'
import { formatRequestHead } from '../http/head-format.ts'
import { type ParsedResponse, ResponseHeadParser } from '../http/response-parser.ts'
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
 * Opens a WebSocket over a transport connected to a server: writes the offer's request, reads the response and checks it against
 * the offer as {@link verifyHandshake} does. The offer's extensions also apply to the messages.
 *
 * Never rejects because of the peer or the transport: a response that is cut short or too large is `kind: 'invalid'`, and a later
 * transport failure surfaces in the streams.
 *
 * @param transport Locked until it is finished; released at once, as it is, if this rejects.
 * @returns The agreement with its streams, see {@link messageStreams}; or why it failed, once the transport has ended. The body of
 *   a failed response is not read.
 * @throws TypeError for streams that are already locked; `RangeError` for invalid limits and sizes.
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
  requireOptions(options, streamOptionKinds, 'the options of openStream')
  const readAhead = resolveReadAhead(options.readAhead)
  const parser = new ResponseHeadParser(options.limits)
  const bytes = new Transport(transport)
  try {
    // Not awaited: a server may respond before it has read the whole request, and a failure surfaces when the response is read.
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
  return { ok: false, errors: [parsed], kind: 'invalid', status: undefined }
}
