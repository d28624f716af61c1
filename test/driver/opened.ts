/**
 * Peers over fake streams and time, for the tests of the adapter.
 *
 * @module
 */

import { acceptUpgrade, Endpoint, type EndpointOptions, type Peer } from '../../src/adapters/node/index.ts'
import type { TextForm } from '../../src/connection/index.ts'
import { Clock, FakeStream, noHead, upgradeRequest } from './fakes.ts'

/** Everything that a test of one peer needs. */
export interface Opened<Data, Text extends TextForm, Pieces extends boolean> {
  readonly clock: Clock
  readonly endpoint: Endpoint<Data, Text, Pieces>
  readonly stream: FakeStream
  readonly peer: Peer<Data, Text, Pieces>
  /** The calls of the handlers, in order. */
  readonly log: unknown[]
}

/** A server's peer whose 101 has been written and taken. `log` contains all calls; `options` are added. */
export async function open<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false>(
  options: EndpointOptions<Data, Text, Pieces> = {},
  head: Uint8Array = noHead,
): Promise<Opened<Data, Text, Pieces>> {
  const clock = new Clock()
  const log: unknown[] = []
  let peer: Peer<Data, Text, Pieces> | undefined
  const endpoint = new Endpoint<Data, Text, Pieces>({
    timers: clock,
    ...options,
    open(opened) {
      peer = opened
      return options.open?.(opened)
    },
    ...(options.pieces !== true && {
      message(from: Peer<Data, Text, Pieces>, data) {
        log.push(data)
        return options.message?.(from, data)
      },
    }),
    drain(from) {
      log.push('drain')
      return options.drain?.(from)
    },
    close(from, closed) {
      log.push(closed.code)
      return options.close?.(from, closed)
    },
    gone(from) {
      log.push('gone')
      return options.gone?.(from)
    },
  })
  const stream = new FakeStream()
  acceptUpgrade(endpoint, upgradeRequest, stream, head)
  await clock.settle()
  if (peer === undefined) throw new Error('no peer')
  stream.written.length = 0
  return { clock, endpoint, stream, peer, log }
}
