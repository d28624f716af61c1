/**
 * A connection of one's own over a stream, past its handshake.
 *
 * @module
 */

import { type Kind, type Kinds, requireOptions } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Connection } from '../connection/connection.ts'
import type { TextForm } from '../connection/events.ts'
import type { RequestHead } from '../http/request.ts'
import type { ResponseHead } from '../http/response.ts'
import { CloseCode } from '../registry/websocket.ts'
import { type Endpoint, requireEndpoint } from './endpoint.ts'
import { requireFree } from './holder.ts'
import { Peer, type PeerStart, requireConnection } from './peer.ts'
import type { DuplexLike } from './shapes.ts'

/** Options of {@link drive}. */
export interface DriveOptions<Data> {
  /** `data` of the peer. Default: what `data` of the endpoint returns. */
  readonly data?: Data
  /** Bytes that came behind the head of the handshake, already read from the stream. */
  readonly rest?: Uint8Array | undefined
  /** Read nothing until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
  /** The request that opened the WebSocket, for `request` of the peer. */
  readonly request?: RequestHead | undefined
  /** The response that opened it, for `response` of the peer. */
  readonly response?: ResponseHead | undefined
}

/** @internal */
export const driveKinds: Kinds = {
  data: 'any',
  rest: 'any',
  paused: 'boolean',
  request: 'any',
  response: 'any',
} satisfies Record<keyof DriveOptions<unknown>, Kind>

/**
 * Drives a connection of your own over a stream: reads, writes, keeps its deadlines, and lets go of the stream. For handshakes that
 * the other functions here do not make.
 *
 * @param connection With its own options; those of the endpoint for connections have no effect. A `keepalive` should be among them.
 * @throws TypeError for wrong arguments, and a stream or connection that has been given to an endpoint already.
 * @example
 * const peer = drive(endpoint, socket, new Connection({ role: 'server' }))
 */
export function drive<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  stream: DuplexLike,
  connection: Connection<Text, Pieces>,
  options: DriveOptions<Data> = {},
): Peer<Data, Text, Pieces> {
  requireEndpoint(endpoint)
  requireFree(stream)
  requireConnection(connection)
  requireOptions(options, driveKinds, 'the options of drive')
  return driveOn(endpoint, stream, connection, options)
}

/**
 * The same, once all has been checked but for `rest`.
 *
 * @internal
 */
export function driveOn<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  stream: DuplexLike,
  connection: Connection<Text, Pieces>,
  options: DriveOptions<Data>,
): Peer<Data, Text, Pieces> {
  const { request, response, rest, paused } = options
  if (rest !== undefined) requireBytes(rest, '`rest`')
  const data = 'data' in options ? (options.data as Data) : endpoint.createData(request)
  endpoint.streams++
  return startPeer(endpoint, stream, connection, { data, request, response, rest, paused })
}

/**
 * Makes a peer, over a stream that is counted as held already.
 *
 * @internal
 */
export function startPeer<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  stream: DuplexLike,
  connection: Connection<Text, Pieces>,
  start: PeerStart<Data>,
): Peer<Data, Text, Pieces> {
  const peer = new Peer(endpoint, stream, connection, start)
  peer.start(start)
  if (endpoint.closing) peer.close(CloseCode.GoingAway)
  return peer
}
