/**
 * Drives a connection over a stream, after any handshake.
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
  /** The peer's `data`. Default: what the endpoint's `data` function returns. */
  readonly data?: Data
  /** Bytes that were already read from the stream after the head of the handshake. */
  readonly rest?: Uint8Array | undefined
  /** Read nothing until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
  /** The request that opened the WebSocket, for the peer's `request`. */
  readonly request?: RequestHead | undefined
  /** The response that opened it, for the peer's `response`. */
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
 * Drives your own connection over a stream: reads, writes, keeps its deadlines, and releases the stream. Use this function after a
 * handshake that the other functions here do not support.
 *
 * @param connection A connection with its own options, which should include `keepalive`. The endpoint's options for connections have no
 *   effect on it.
 * @throws TypeError for wrong arguments, and for a stream or connection that was already given to an endpoint.
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
 * Does the same after all arguments except `rest` have been checked.
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
 * Creates a peer over a stream that is already counted as held.
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
