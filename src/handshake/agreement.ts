/**
 * The result of a handshake as plain data: `acceptHandshake` and `verifyHandshake` return it, and the connection takes it.
 *
 * @module
 */

import type { AgreedExtension } from '../extensions/extension.ts'

/**
 * What both sides agreed on. You can log it, store it, or pass it to another process.
 *
 * @category Opening handshake
 */
export interface Agreement<Subprotocol extends string = string> {
  /** The agreed subprotocol; `undefined` if there is none. */
  subprotocol: Subprotocol | undefined
  /** The agreed extensions, in the order in which they process outgoing messages. */
  extensions: AgreedExtension[]
}
