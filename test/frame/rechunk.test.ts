/**
 * Valid and invalid streams of frames, read whole and in random chunks: the same payloads, the same messages, the same error at the
 * same offset. `SEED=… RUNS=…` repeats or extends a run; a failure reports the seed of its stream.
 */

import { expect, test } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import type { FrameDecoderOptions } from '../../src/frame/decoder.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { MessageAssembler } from '../../src/frame/messages.ts'
import { createChance } from '../handshake/differential/message.ts'
import { runs } from '../share.ts'
import { MAX_SIZE, makeStream } from './streams.ts'
import { settings } from './vector.ts'

const RUNS = runs(2000, 20_000)
const SEED = Number(process.env.SEED ?? 1)
const TIMEOUT = Math.max(30_000, RUNS)

const limits = { maxFrameSize: MAX_SIZE - 1, maxMessageSize: MAX_SIZE }

/** Records what is read, so that two readings can be compared exactly and quickly. */
class Record {
  private bytes = Buffer.alloc(8192)
  size = 0
  error = 'none'
  /** Where the payload of the current frame begins. */
  private start = 0

  clear(): void {
    this.size = 0
    this.error = 'none'
  }

  frame(decoder: FrameDecoder): void {
    this.size = this.bytes.writeUInt8((decoder.fin ? 0x80 : 0) | (decoder.rsv << 4) | decoder.opcode, this.size)
    this.start = this.bytes.writeUInt32BE(decoder.payloadLength, this.size)
    this.size = this.start
  }

  payload(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.size)
    this.size += bytes.length
  }

  message(type: 'text' | 'binary', bytes: Uint8Array): void {
    this.size = this.bytes.write(type, this.size) + this.size
    this.size = this.bytes.writeUInt32BE(bytes.length, this.size)
    this.payload(bytes)
  }

  /** Invalid UTF-8 fails at the bad byte; the chunks decide how much of its frame was returned before. */
  fail(error: ProtocolError): void {
    if (error.code === 'utf8') this.size = this.start
    this.error = `${error.code} ${error.closeCode} at ${error.offset}`
  }

  equals(other: Record): boolean {
    return this.error === other.error && this.bytes.compare(other.bytes, 0, other.size, 0, this.size) === 0
  }

  toString(): string {
    return `${this.bytes.toString('hex', 0, this.size)}, error: ${this.error}`
  }
}

/** Reads everything that has been pushed. */
function drain(decoder: FrameDecoder, assembler: MessageAssembler, record: Record): void {
  while (decoder.next()) {
    if (decoder.first) record.frame(decoder)
    const payload = decoder.payload()
    const complete = decoder.opcode < 8 && assembler.push(decoder, payload)
    record.payload(payload)
    if (complete) record.message(assembler.type, assembler.bytes())
  }
}

/** `draining(i)`: whether everything is read before the chunk after chunk `i` is pushed. */
function read(
  options: FrameDecoderOptions,
  chunks: readonly Uint8Array[],
  draining: (index: number) => boolean,
  record: Record,
): void {
  record.clear()
  const decoder = new FrameDecoder(options)
  const assembler = new MessageAssembler(limits)
  try {
    for (const [index, chunk] of chunks.entries()) {
      decoder.push(chunk)
      if (draining(index)) drain(decoder, assembler, record)
    }
    drain(decoder, assembler, record)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    record.fail(error)
  }
}

/** Each chunk is a copy at some offset in a larger buffer. */
function cut(bytes: Uint8Array, below: (bound: number) => number): Uint8Array[] {
  const most = [1, 3, 9, 60, 400][below(5)] as number
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(1 + below(most), bytes.length - at)
    const place = below(4)
    const memory = new Uint8Array(place + size)
    memory.set(bytes.subarray(at, at + size), place)
    chunks.push(memory.subarray(place))
    at += size
  }
  return chunks
}

const whole = new Record()
const torn = new Record()

/** How often each kind of end has occurred. */
const endings = new Map<string, number>()

function compareOne(seed: number): void {
  const chance = createChance(seed)
  const { role, bytes } = makeStream(chance)
  const options = { role, limits, ...chance.oneOf(settings), rsv: chance.oneOf([0, 0, 4, 7]) }
  const chunks = cut(bytes, chance.below)
  read(options, [bytes.slice()], () => true, whole)
  read(options, chunks, () => chance.below(4) > 0, torn)
  const ending = whole.error.replace(/ at .*/, '')
  endings.set(ending, (endings.get(ending) ?? 0) + 1)
  if (whole.equals(torn)) return
  const hex = Buffer.from(bytes).toString('hex')
  const sizes = chunks.map((chunk) => chunk.length)
  throw new Error(`SEED=${seed} RUNS=1: ${JSON.stringify({ options, hex, sizes })}\nwhole ${whole}\ntorn  ${torn}`)
}

test(`${RUNS} random streams give the same result in any chunks`, { timeout: TIMEOUT }, () => {
  const { stackTraceLimit } = Error
  // Half of all streams end in an error, and its stack is not needed.
  Error.stackTraceLimit = 0
  try {
    for (let run = 0; run < RUNS; run++) compareOne(SEED + run)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  // A few streams may not cover everything.
  if (RUNS < 10_000) return
  expect([...endings.keys()].sort()).toEqual([
    'close-payload 1002',
    'continuation 1002',
    'control-frame 1002',
    'length 1002',
    'masked 1002',
    'none',
    'reserved-bits 1002',
    'reserved-opcode 1002',
    'too-large 1009',
    'unmasked 1002',
    'utf8 1007',
  ])
})
