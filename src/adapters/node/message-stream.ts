/**
 * A peer as one of Node's streams of messages.
 *
 * @module
 */

import type { AnyPeer } from './peer.ts'

/** Makes a Duplex of the messages of a peer, of the class given. */
export function messageStream<Stream>(
  _peer: AnyPeer,
  _classes: { readonly Duplex: new (options: object) => Stream },
): Stream {
  throw new Error('to come')
}
