/**
 * The result of a handshake as plain data: returned by `acceptHandshake` and `verifyHandshake`, passed to the connection.
 *
 * @module
 */

import type { AgreedExtension } from '../extensions/extension.ts'

/** What was agreed. You can log it, store it, or pass it to another process. */
export interface Agreement<Subprotocol extends string = string> {
  /** `undefined`: none was agreed. */
  subprotocol: Subprotocol | undefined
  /** In the order in which they process outgoing messages. */
  extensions: AgreedExtension[]
}
