/**
 * Promises for programs that wait for one thing at a time.
 *
 * @module
 */

import type { SendOptions } from '../connection/options.ts'
import type { PeerMessage } from './messages.ts'
import type { AnyPeer } from './peer.ts'

/**
 * Waits until a peer is no longer `full` or its WebSocket has ended.
 *
 * @example
 * for (const line of lines) {
 *   peer.send(line)
 *   await drained(peer)
 * }
 */
export function drained(peer: AnyPeer): Promise<void> {
  if (!peer.full || peer.closed !== undefined) return Promise.resolve()
  return new Promise((resolve) => {
    peer.waiting ??= []
    peer.waiting.push(resolve)
  })
}

/**
 * Sends a message and waits until the stream has taken it.
 *
 * @returns Rejects if the stream never will, because the WebSocket has ended. A resolved promise does not mean that the peer has received
 *   the message.
 * @throws TypeError as {@link Peer.send} does, as a rejection.
 * @example
 * await sent(peer, 'hello')
 */
export function sent(peer: AnyPeer, message: PeerMessage, options: SendOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    peer.send(message, { ...options, written: (error) => (error === undefined ? resolve() : reject(error)) })
  })
}
