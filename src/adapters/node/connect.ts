/**
 * The client's side: an offer over a socket or a stream of HTTP/2, until it is answered.
 *
 * @module
 */

import type { TextForm } from '../../connection/events.ts'
import type { Offer } from '../../handshake/offer.ts'
import type { Rejected } from '../../handshake/verify.ts'
import type { ResponseHead } from '../../http/response.ts'
import type { AbortSignalLike } from '../../platform/abort.ts'
import type { Endpoint } from './endpoint.ts'
import type { Peer } from './peer.ts'
import type { ClientStreamLike, DuplexLike } from './shapes.ts'

/** Options of {@link connectSocket} and {@link connectStream}. */
export interface ConnectOptions<Data> {
  /** `data` of the peer. Default: what `data` of the endpoint returns. */
  readonly data?: Data
  /** Read nothing behind the handshake until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
  /** Gives up. */
  readonly signal?: AbortSignalLike | undefined
}

/** Why there is no WebSocket. */
export class HandshakeError extends Error {
  /** What the server answered; `undefined`: it did not, or the socket failed, which is the `cause`. */
  readonly rejection: Rejected | undefined
  /** The head of its answer, if there is one. */
  readonly response: ResponseHead | undefined

  /** @internal */
  constructor(message: string, rejection: Rejected | undefined, response: ResponseHead | undefined, cause: unknown) {
    super(message, { cause })
    this.name = 'HandshakeError'
    this.rejection = rejection
    this.response = response
  }
}

/** Opens a WebSocket over a socket that is connected or connecting. */
export function connectSocket<Data, Text extends TextForm, Pieces extends boolean>(
  _endpoint: Endpoint<Data, Text, Pieces>,
  _socket: DuplexLike,
  _offer: Offer,
  _options: ConnectOptions<Data> = {},
): Promise<Peer<Data, Text, Pieces>> {
  throw new Error('to come')
}

/** Opens a WebSocket over a stream of HTTP/2. */
export function connectStream<Data, Text extends TextForm, Pieces extends boolean>(
  _endpoint: Endpoint<Data, Text, Pieces>,
  _stream: ClientStreamLike,
  _offer: Offer,
  _options: ConnectOptions<Data> = {},
): Promise<Peer<Data, Text, Pieces>> {
  throw new Error('to come')
}
