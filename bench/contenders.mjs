/**
 * Knows how each contender is driven: the fastest way that its users have. Each gets whole chunks and hands every payload
 * to a tally; what it is made of is made before the clock starts.
 */

import { Connection, FrameDecoder } from '../dist/index.js'

// ws looks for this once, when it is imported. Two installed copies are two modules: one with its addon, one without.
delete process.env.WS_NO_BUFFER_UTIL
const { Receiver: ReceiverWithAddon } = await import('ws')
process.env.WS_NO_BUFFER_UTIL = '1'
const { Receiver: ReceiverAlone } = await import('ws-alone')
delete process.env.WS_NO_BUFFER_UTIL

/** Counts what it is given; sums it up only when that is asked for, outside of the measured rounds. */
export class Tally {
  messages = 0
  bytes = 0
  sum = 0

  constructor(summing) {
    this.summing = summing
  }

  take(payload) {
    this.messages++
    this.bytes += payload.length
    if (this.summing) for (const byte of payload) this.sum = (Math.imul(this.sum, 31) + byte) | 0
  }
}

/** What a real server sets, for both: no bound is met here, but it is checked. */
const maxSize = 100 * 2 ** 20
const limits = { maxFrameSize: maxSize, maxMessageSize: maxSize }

/** Each makes a fresh one and returns what feeds it. */
export const contenders = [
  { name: 'FrameDecoder', ours: true, make: frameDecoder },
  { name: 'Connection', ours: true, make: connection },
  { name: 'ws + addon', ours: false, make: (tally) => receiver(ReceiverWithAddon, tally) },
  { name: 'ws alone', ours: false, make: (tally) => receiver(ReceiverAlone, tally) },
]

function frameDecoder(tally) {
  const decoder = new FrameDecoder({ role: 'server', ownsChunks: true, limits })
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) tally.take(decoder.payload())
    }
  }
}

function connection(tally) {
  const server = new Connection({ role: 'server', ownsChunks: true, limits })
  return (chunks) => {
    for (const chunk of chunks)
      for (const event of server.receive(chunk)) {
        if (event.type !== 'binary') throw new Error(`unexpected ${event.type}`, { cause: event })
        tally.take(event.data)
      }
  }
}

/**
 * ws reads within `write()`, and with synchronous events tells of every message there, so no promise is waited for. The
 * ticks of its stream come after the clock has stopped, in its favour.
 */
function receiver(Receiver, tally) {
  const options = { isServer: true, allowSynchronousEvents: true, maxPayload: maxSize }
  const stream = new Receiver({ ...options, maxFragments: 16 * 1024, maxBufferedChunks: 256 * 1024 })
  stream.on('message', (data) => tally.take(data))
  stream.on('error', (error) => {
    throw error
  })
  return (chunks) => {
    for (const chunk of chunks) stream.write(chunk)
  }
}
