/**
 * The part of an endpoint that one peer of message streams needs. An `Endpoint` itself would add what many peers share.
 *
 * @module
 */

import { Queue } from '../bytes/queue.ts'
import { Deadlines } from '../driver/deadlines.ts'
import type { Job } from '../driver/job.ts'
import type { EndpointNumbers } from '../driver/options.ts'
import type { Peer, PeerHandlers, PeerHost } from '../driver/peer.ts'
import type { RefusalHost } from '../driver/refuse.ts'
import { inMicrotask, type Timers } from '../platform/timers.ts'

/** The peer of one transport. */
export type StreamPeer = Peer<undefined, 'string', false>

/** Hosts the peer of one transport, from its handshake on. */
export class Host implements PeerHost<undefined, 'string', false>, RefusalHost {
  readonly handlers: PeerHandlers<undefined, 'string', false> = {}
  readonly numbers: EndpointNumbers
  readonly timers: Timers
  readonly deadlines: Deadlines
  readonly openPeers: Set<StreamPeer> = new Set()
  readonly jobs: Queue<Job> = new Queue()
  readonly readsOnDemand: true = true
  peerStreams = 0
  refusals = 0
  /** The first error that a user's function has thrown. */
  thrown: unknown

  constructor(numbers: EndpointNumbers, timers: Timers) {
    this.numbers = numbers
    this.timers = timers
    this.deadlines = new Deadlines(timers, () => this.openPeers.size === 0)
  }

  wake(peer: StreamPeer): void {
    inMicrotask(() => {
      try {
        peer.settle()
      } catch (error) {
        // `maskKeys` or the user's own transport has thrown.
        peer.abandon()
        this.report(error)
      }
    })
  }

  report(error: unknown): void {
    this.thrown ??= error
  }

  streamReleased(): void {}
}
