/**
 * A server that follows a script, for tests of clients.
 *
 * @module
 */

import { requireType, requireWhole } from '../arguments.ts'
import type { DuplexLike } from '../driver/shapes.ts'
import { systemTimers } from '../platform/timers.ts'
import { type AcceptPeerOptions, acceptPeer, requireAcceptOptions } from './open-peer.ts'
import type { TestPeer } from './peer.ts'

/** What {@link scriptedServer} returns. */
export interface ScriptedServer {
  /** Serves a connection: pass it to `net.createServer`, or call it with one end of a pair. */
  readonly handle: (transport: DuplexLike) => void
  /**
   * Resolves once the script has finished for so many connections, 1 by default. Rejects with the first error of any connection, and
   * if no client is connected for `timeout` milliseconds.
   *
   * @throws RangeError for anything but a whole number from 1 on.
   */
  finished(count?: number): Promise<void>
}

/**
 * Creates a server that runs a script for each connection. When the script ends, the server closes the connection in any state.
 *
 * @param script Called with the peer after the opening handshake.
 * @param options How to answer the handshake, and how long to wait.
 * @throws TypeError for wrong arguments.
 * @example
 * import { createServer } from 'node:net'
 *
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
  requireAcceptOptions(options)
  const { timeout = 2000, timers = systemTimers } = options
  const results: { readonly error?: unknown }[] = []
  const waiting = new Set<() => void>()
  let active = 0
  const changed = (): void => {
    for (const check of [...waiting]) check()
  }
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
    active--
    results.push(result)
    changed()
  }
  return {
    handle(transport) {
      active++
      changed()
      serve(transport).then(
        () => settle({}),
        (error: unknown) => settle({ error }),
      )
    },
    finished(count = 1) {
      requireWhole(count, '`count`', 1)
      return new Promise((resolve, reject) => {
        let timer: unknown
        const stop = (): void => {
          timers.clear(timer)
          waiting.delete(check)
        }
        const giveUp = (): void => {
          stop()
          const found = `${results.length} of ${count} ${count === 1 ? 'connection' : 'connections'}`
          reject(new Error(`waited ${timeout} ms for a client; there have been ${found}`))
        }
        const check = (): void => {
          const failed = results.find((result) => 'error' in result)
          timers.clear(timer)
          if (failed !== undefined || results.length >= count) stop()
          else if (active === 0) timer = timers.set(giveUp, timeout, true)
          if (failed !== undefined) reject(failed.error)
          else if (results.length >= count) resolve()
        }
        waiting.add(check)
        check()
      })
    },
  }
}
