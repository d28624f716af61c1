/**
 * A head out of a transport, be it a request's or a response's. Knows that transports may end too early; not what a head says.
 *
 * @module
 */

import { ProtocolError } from '../errors.ts'
import type { Transport } from './transport.ts'

/** Either of the two parsers. */
interface HeadParser<Parsed> {
  push(chunk: Uint8Array): Parsed | undefined
}

/** Reads until the parser has its head, good or bad; the fault is that of a transport that ended or failed before. */
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
      // Nobody is left to be told anything.
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
  const message = `the transport ${verb} after ${size} bytes, before the head was whole`
  return new ProtocolError('head-syntax', message, { reference: 'RFC 9112 §8', offset: size, cause })
}

/** Ends a transport on which no WebSocket has come about, behind what was written; what still comes is read by nobody. */
export async function endTransport(transport: Transport): Promise<void> {
  await transport.end()
  void transport
    .discard()
    .catch(() => {})
    .then(() => transport.release())
}
