/**
 * Wraps each decoder in the fastest API it offers its users. Each gets whole chunks and passes every message to a tally; it is
 * constructed before the clock starts.
 */

import { createRequire } from 'node:module'
import { native } from '../dist/adapters/node/index.js'
import { Connection, FrameDecoder, MessageAssembler } from '../dist/index.js'

// ws checks this variable once, at import. Two installed copies are two modules: one with its addon, one without.
delete process.env.WS_NO_BUFFER_UTIL
// By its path: under its name, Bun has a module of its own.
const withAddon = await import('./node_modules/ws/wrapper.mjs')
process.env.WS_NO_BUFFER_UTIL = '1'
const alone = await import('ws-alone')
delete process.env.WS_NO_BUFFER_UTIL

export const SenderWithAddon = withAddon.Sender
export const ReceiverWithAddon = withAddon.Receiver
export const SenderAlone = alone.Sender
export const SocketWithAddon = withAddon.WebSocket
export const SocketAlone = alone.WebSocket

/** ws does not report that its addon failed to load: both columns would then measure the same code. */
const bufferUtil = createRequire(import.meta.url)('bufferutil')
if (!/native code/.test(String(bufferUtil.unmask)))
  throw new Error('bufferutil fell back to JavaScript: no build for here')
export const unmaskNative = bufferUtil.unmask

/** Counts messages. Checksums them only on request, outside of the measured rounds. */
export class Tally {
  messages = 0
  bytes = 0
  sum = 0

  constructor(summing) {
    this.summing = summing
  }

  /** Bytes or text. */
  take(message) {
    this.messages++
    this.bytes += message.length
    if (!this.summing) return
    for (const byte of typeof message === 'string' ? Buffer.from(message) : message)
      this.sum = (Math.imul(this.sum, 31) + byte) | 0
  }
}

/** What a real server would set, the same for both: the limit is checked, but never reached. */
const maxSize = 100 * 2 ** 20
export const limits = { maxFrameSize: maxSize, maxMessageSize: maxSize }

const rivals = [
  { name: 'ws + addon', ours: false, make: (tally) => receiver(withAddon.Receiver, tally) },
  { name: 'ws alone', ours: false, make: (tally) => receiver(alone.Receiver, tally) },
]

/** Each creates a fresh reader and returns the function that feeds it. */
export const binaryDecoders = [
  { name: 'FrameDecoder', ours: true, make: frameDecoder },
  { name: 'Connection', ours: true, make: connection },
  ...rivals,
]

/** The same for text, which all of them validate and decode to strings. */
export const textDecoders = [
  { name: 'FrameDecoder', ours: true, make: textDecoder },
  { name: 'FrameDecoder, native', ours: true, make: (tally) => textDecoder(tally, native) },
  { name: 'MessageAssembler', ours: true, make: assembler },
  { name: 'Connection', ours: true, make: connection },
  { name: 'Connection, native', ours: true, make: (tally) => connection(tally, native) },
  ...rivals,
]

/** Header fields only, the use case of a cursor. The least that ws offers is messages. */
export const walkers = [{ name: 'FrameDecoder', ours: true, make: walker }, rivals[0]]

function frameDecoder(tally) {
  const decoder = new FrameDecoder({ role: 'server', ownsChunks: true, limits })
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) tally.take(decoder.payload())
    }
  }
}

/** For text messages of a single frame, as here. */
function textDecoder(tally, native) {
  const decoder = new FrameDecoder({ role: 'server', ownsChunks: true, limits, native })
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) {
        const text = decoder.opcode === 1 && decoder.fin ? decoder.validText() : undefined
        if (text === undefined) throw new Error('an unexpected frame')
        tally.take(text)
      }
    }
  }
}

function assembler(tally) {
  const decoder = new FrameDecoder({ role: 'server', ownsChunks: true, limits })
  const messages = new MessageAssembler(limits)
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) if (messages.push(decoder, decoder.payload())) tally.take(messages.text())
    }
  }
}

const nothing = new Uint8Array(0)

function connection(tally, native) {
  const server = new Connection({ role: 'server', ownsChunks: true, limits, native })
  return (chunks) => {
    for (const chunk of chunks)
      for (let next = chunk; ; next = nothing) {
        for (const event of server.receive(next)) {
          if (event.type !== 'binary' && event.type !== 'text') throw new Error(event.type, { cause: event })
          tally.take(event.data)
        }
        if (!server.hasPending) break
      }
  }
}

/** Nothing is unmasked or kept, so `ownsChunks` makes no difference; a payload split by a chunk boundary comes in pieces. */
export function walker(tally) {
  const decoder = new FrameDecoder({ role: 'server', pieces: true, limits })
  return (chunks) => {
    for (const chunk of chunks) {
      decoder.push(chunk)
      while (decoder.next()) {
        if (!decoder.last) continue
        if (!decoder.fin || decoder.opcode !== 2 || decoder.rsv !== 0) throw new Error('an unexpected frame')
        tally.messages++
        tally.bytes += decoder.payloadLength
      }
    }
  }
}

/**
 * ws reads inside `write()`, and with synchronous events reports every message there, so there is no promise to await. The ticks of
 * its stream run after the clock has stopped, in its favour.
 */
function receiver(Receiver, tally) {
  const options = { isServer: true, allowSynchronousEvents: true, maxPayload: maxSize }
  const stream = new Receiver({ ...options, maxFragments: 16 * 1024, maxBufferedChunks: 256 * 1024 })
  // It passes text on as bytes, and leaves the conversion to a string to its users.
  stream.on('message', (data, isBinary) => tally.take(isBinary ? data : data.toString()))
  stream.on('error', (error) => {
    throw error
  })
  return (chunks) => {
    for (const chunk of chunks) stream.write(chunk)
  }
}
