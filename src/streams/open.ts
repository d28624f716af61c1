/**
 * Client entry point of the streams layer: writes a request to a byte stream, reads the response, and returns message streams over
 * the same transport.
 *
 * @module
 */

import { requireOptions } from '../arguments.ts'
import { Connection } from '../connection/connection.ts'
import type { Offer } from '../handshake/offer.ts'
import type { ChosenSubprotocol } from '../handshake/subprotocol.ts'
import { upgradeClient } from '../handshake/upgrade-carrier.ts'
import { type Rejected, requireOffer, type Verified, verifyHead } from '../handshake/verify.ts'
import { formatRequestHead } from '../http/head-format.ts'
import { isMultiplexed } from '../http/request.ts'
import type { ResponseHead } from '../http/response.ts'
import { ResponseHeadParser } from '../http/response-parser.ts'
import { StreamDuplex } from './duplex.ts'
import { isMissing, leave, readHead } from './head.ts'
import { startStreams } from './message-streams.ts'
import { type ByteStreams, type HeadOptions, headOptionKinds, type MessageStreams } from './options.ts'
import { setUp } from './setup.ts'

/** A WebSocket that {@link openStream} has opened: the agreement and its streams. */
export type OpenedStream<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> = Verified<Subprotocol, Chosen> &
  MessageStreams & {
    /** The head of the response. */
    readonly response: ResponseHead
  }

/** The reason why {@link openStream} has opened nothing. */
export type RejectedStream = Rejected & {
  /** The head of the response; `undefined` if none could be read. */
  readonly response: ResponseHead | undefined
}

/**
 * Opens a WebSocket over a transport connected to a server: writes the offer's request, reads the response and checks it against
 * the offer as `verifyHandshake` does. The offer's extensions also apply to the messages.
 *
 * Never rejects because of the peer or the transport. A response that is truncated or too large is `kind: 'invalid'`, as is a response that
 * does not arrive within `headTimeout` (the error's code is `timeout`). A later transport failure surfaces in the streams.
 *
 * @param transport Locked until it is finished. If the promise rejects, the transport is released at once, unchanged; a `signal` destroys
 *   it instead.
 * @param offer An offer for HTTP/1.1.
 * @returns The agreement and its streams, see {@link messageStreams}; or why it failed, and then the transport has been destroyed. The body
 *   of a failed response is not read.
 * @throws TypeError for streams that are already locked, and for a wrong `offer`; `RangeError` for invalid limits and sizes. The reason of
 *   `signal` passes through.
 *
 * @example
 * const offer = offerHandshake('ws://localhost:8080/chat')
 * const opened = await openStream(await Deno.connect(offer), offer)
 * if (opened.ok) for await (const message of opened.readable) console.log(message)
 */
export async function openStream<Subprotocol extends string, Required extends boolean = boolean>(
  transport: ByteStreams,
  offer: Offer<Subprotocol, Required>,
  options: HeadOptions = {},
): Promise<OpenedStream<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | RejectedStream> {
  requireOptions(options, headOptionKinds, 'the options of openStream')
  requireOffer(offer)
  const { httpVersion, extensions } = offer.offered
  if (isMultiplexed(httpVersion)) throw new TypeError(`openStream takes an offer for HTTP/1.1, not HTTP/${httpVersion}`)
  const setup = setUp(options, 'client', extensions)
  const request = formatRequestHead(offer.request)
  const parser = new ResponseHeadParser(options.limits)
  const duplex = new StreamDuplex(transport)
  try {
    duplex.write(request)
    const parsed = await readHead(setup, duplex, parser)
    if (isMissing(parsed)) {
      leave(duplex)
      return { ok: false, errors: [parsed.missing], kind: 'invalid', status: undefined, response: undefined }
    }
    if (!parsed.ok) {
      leave(duplex)
      return { ...parsed, response: undefined }
    }
    const { head: response, rest } = parsed
    const answer = verifyHead(upgradeClient, response, offer)
    if (!answer.ok) {
      leave(duplex)
      return { ...answer, response }
    }
    const connection = new Connection(setup.connection, answer)
    const streams = startStreams(setup, duplex, connection, { response, rest })
    const opened: OpenedStream = { ...answer, ...streams, response }
    return opened as OpenedStream<Subprotocol, ChosenSubprotocol<Subprotocol, Required>>
  } catch (error) {
    duplex.giveBack()
    throw error
  }
}
