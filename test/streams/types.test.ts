// Types: streams of the DOM and of Node fit as transports, and ours fit where theirs are expected. The test is that it compiles.
import { Duplex, PassThrough } from 'node:stream'
import type * as node from 'node:stream/web'
import { expect, expectTypeOf, test } from 'vitest'
import type { Accepted, ConnectionClosed, Offer, Refused, Rejected, Verified } from '../../src/index.ts'
import {
  type AcceptedStream,
  acceptStream,
  type ByteStreams,
  type MessageStreams,
  type OpenedStream,
  openStream,
  type RefusedStream,
  type RejectedStream,
} from '../../src/streams/index.ts'
import { line } from './pipes.ts'

test('transports of any runtime fit', () => {
  expectTypeOf<{
    readable: ReadableStream<Uint8Array>
    writable: WritableStream<Uint8Array>
  }>().toExtend<ByteStreams>()
  expectTypeOf<{
    readable: ReadableStream<Uint8Array<ArrayBuffer>>
    writable: WritableStream<Uint8Array<ArrayBuffer>>
  }>().toExtend<ByteStreams>()
  expectTypeOf<{
    readable: node.ReadableStream<Uint8Array>
    writable: node.WritableStream<Uint8Array>
  }>().toExtend<ByteStreams>()
  expectTypeOf<TransformStream<Uint8Array, Uint8Array>>().toExtend<ByteStreams>()
  expectTypeOf<ReturnType<typeof Duplex.toWeb>>().toExtend<ByteStreams>()
  const ends: ByteStreams = Duplex.toWeb(new PassThrough())
  expect(ends).toBeTypeOf('object')
})

test('streams of other things do not', () => {
  expectTypeOf<{
    readable: ReadableStream<string>
    writable: WritableStream<Uint8Array>
  }>().not.toExtend<ByteStreams>()
})

test('our streams fit where a runtime’s are expected', () => {
  const use = ({ readable, writable }: MessageStreams): void => {
    // Under `exactOptionalPropertyTypes` no DOM stream fits Node's own type either, which has `value?: T` and gets `undefined`.
    const readables: [ReadableStream<string | Uint8Array>, AsyncIterable<string | Uint8Array>] = [readable, readable]
    const writables: [
      WritableStream<string | Uint8Array>,
      WritableStream<string>,
      node.WritableStream<string | Uint8Array>,
    ] = [writable, writable, writable]
    const pair: ReadableWritablePair<string | Uint8Array, string | Uint8Array> = { readable, writable }
    expect([readables, writables, pair]).toBeTypeOf('object')
  }
  expectTypeOf(use).toBeFunction()
})

test('our streams pipe to and from a runtime’s', () => {
  const use = ({ readable, writable }: MessageStreams, text: ReadableStream<string>): unknown[] => [
    readable.pipeThrough(new TransformStream<string | Uint8Array, number>()).getReader().read(),
    readable.pipeTo(new WritableStream<string | Uint8Array>(), { signal: new AbortController().signal }),
    readable.pipeTo(writable),
    readable.tee()[0].getReader().closed,
    text.pipeTo(writable),
    text.pipeThrough({ readable, writable }),
    new Response(readable.pipeThrough(new TransformStream<string | Uint8Array, Uint8Array>())),
  ]
  expectTypeOf(use).toBeFunction()
})

test('`ok` tells the results of a handshake apart', async () => {
  const accept = () => acceptStream(line().server, { subprotocols: ['a', 'b'] })
  expectTypeOf(accept).returns.resolves.toEqualTypeOf<AcceptedStream<'a' | 'b'> | RefusedStream>()
  const open = (offer: Offer<'a'>) => openStream(line().client, offer)
  expectTypeOf(open).returns.resolves.toEqualTypeOf<OpenedStream<'a'> | RejectedStream>()
  expectTypeOf<AcceptedStream<'a'>>().toExtend<Accepted<'a'> & MessageStreams>()
  expectTypeOf<OpenedStream<'a'>>().toExtend<Verified<'a'> & MessageStreams>()
  expectTypeOf<RefusedStream>().toExtend<Refused>()
  expectTypeOf<RejectedStream>().toExtend<Rejected>()
  expectTypeOf<MessageStreams['closed']>().resolves.toEqualTypeOf<ConnectionClosed>()
})
