/**
 * A server that follows a script, for tests of clients.
 *
 * @module
 */

import { requireType, requireWhole } from '../arguments.ts'
import type { DuplexLike } from '../driver/shapes.ts'
import { type AcceptPeerOptions, acceptPeer } from './open-peer.ts'
import type { TestPeer } from './peer.ts'

/** What {@link scriptedServer} returns. */
export interface ScriptedServer {
  /** Serves a connection: pass it to `net.createServer`, or give it one end of a pair. */
  handle(transport: DuplexLike): void
  /**
   * Resolves once the script has run to its end for so many connections, 1 by default. Rejects with the first error of any.
   *
   * @throws RangeError for anything but a whole number from 1 on.
   */
  finished(count?: number): Promise<void>
}

/**
 * A server that runs a script for each connection. At its end the connection is closed, however far it has come.
 *
 * @param script Is given the peer behind the opening handshake.
 * @param options How the handshake is answered.
 * @throws TypeError for wrong arguments.
 * @example
 * const server = scriptedServer(async (peer) => {
 *   await peer.send({ opcode: Opcode.Text, fin: false, payload: 'never finished' })
 *   await peer.close(1001)
 * })
 * createServer(server.handle).listen(8080)
 * await server.finished()
 */
export function scriptedServer(
  script: (peer: TestPeer) => void | Promise<void>,
  options: AcceptPeerOptions = {},
): ScriptedServer {
  requireType(script, 'function', '`script`')
  const results: { readonly error?: unknown }[] = []
  const waiting = new Set<() => void>()
  const serve = async (transport: DuplexLike): Promise<void> => {
    const peer = await acceptPeer(transport, options)
    try {
      await script(peer)
      peer.end()
      await peer.ended().catch(() => {})
    } finally {
      peer.destroy()
    }
  }
  const settle = (result: { readonly error?: unknown }): void => {
    results.push(result)
    for (const check of waiting) check()
  }
  return {
    handle(transport) {
      serve(transport).then(
        () => settle({}),
        (error) => settle({ error }),
      )
    },
    finished(count = 1) {
      requireWhole(count, '`count`', 1)
      return new Promise((resolve, reject) => {
        const check = (): void => {
          const failed = results.find((result) => 'error' in result)
          if (failed === undefined && results.length < count) return
          waiting.delete(check)
          if (failed === undefined) resolve()
          else reject(failed.error)
        }
        waiting.add(check)
        check()
      })
    },
  }
}
