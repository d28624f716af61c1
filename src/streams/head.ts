/**
 * Reads the head of a request or response from a transport before any WebSocket frames, and ends transports whose handshake failed.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import type { Transport } from './transport.ts'

/** A request or response parser. */
interface HeadParser<Parsed> {
  push(chunk: Uint8Array): Parsed | undefined
}

/** Reads until the parser returns a head or an error; a transport that ends or fails earlier is an error too. */
export async function readHead<Parsed>(
  transport: Transport,
  parser: HeadParser<Parsed>,
): Promise<Parsed | ProtocolError> {
  let size = 0
  for (;;) {
    let chunk: Uint8Array | undefined
    try {
      chunk = await transport.read()
    } catch (error) {
      // The other direction is of no use any more.
      transport.abort(error)
      return cutShort('failed', size, error)
    }
    if (chunk === undefined) return cutShort('ended', size)
    const parsed = parser.push(chunk)
    if (parsed !== undefined) return parsed
    size += chunk.length
  }
}

// "A server that receives an incomplete request message … MAY send an error response prior to closing the connection."
//                                                                                                    RFC 9112 §8
function cutShort(verb: string, size: number, cause?: unknown): ProtocolError {
  const message = `the transport ${verb} after ${size} bytes of the head`
  return new ProtocolError('head-syntax', message, { reference: 'RFC 9112 §8', offset: size, cause })
}

/** Ends a transport after a failed handshake, once pending writes are done; what still arrives is discarded. */
export async function endTransport(transport: Transport): Promise<void> {
  await transport.end()
  void transport
    .discard()
    .catch(() => {})
    .then(() => transport.release())
}
