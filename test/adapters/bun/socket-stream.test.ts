// A stream over a fake Bun socket: what is written, read and reported, in which order.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { socketHandlers } from '../../../src/adapters/bun/index.ts'
import type { DuplexLike } from '../../../src/driver/shapes.ts'
import { FakeSocket, openStream, settle } from './fakes.ts'

/** The arguments of a callback. */
const outcomes = (stream: DuplexLike) => {
  const all: string[] = []
  return {
    all,
    write: (name: string, ...bytes: number[]) =>
      stream.write(Uint8Array.from(bytes), (error) => all.push(`${name} ${error?.message ?? 'taken'}`)),
    end: () => stream.end(() => all.push('ended')),
  }
}

test("the stream is paused, is the socket's `data`, and is passed to the callback", () => {
  const opened: DuplexLike[] = []
  const socket = new FakeSocket(socketHandlers((stream) => opened.push(stream)))
  expect(opened).toEqual([socket.data])
  expect(socket.calls).toEqual(['pause'])
  expect(new FakeSocket(socketHandlers()).calls).toEqual(['pause'])
  expect(() => socketHandlers({} as () => void)).toThrow(new TypeError('`opened` must be a function, not an object'))
})

describe('writing', () => {
  test.each([0, 1, 2, 3, 4, 5, 6])('continues where the socket stopped: %i bytes of six', async (space) => {
    const { socket, stream } = openStream()
    const { all, write } = outcomes(stream)
    socket.space = space
    expect(write('a', 1, 2, 3)).toBe(space >= 3)
    expect(write('b', 4, 5, 6)).toBe(space >= 6)
    await settle()
    expect(all).toEqual(['a taken', 'b taken'].slice(0, Math.floor(space / 3)))
    expect(socket.taken).toHaveLength(space)
    for (let i = space; i < 6; i++) socket.drain(1)
    await settle()
    expect(socket.taken).toEqual([1, 2, 3, 4, 5, 6])
    expect(all).toEqual(['a taken', 'b taken'])
  })

  test('an empty write needs no space', async () => {
    const { socket, stream } = openStream()
    const { all, write } = outcomes(stream)
    socket.space = 0
    expect(write('a')).toBe(true)
    await settle()
    expect(all).toEqual(['a taken'])
  })

  test('the end comes after everything written, and nothing is written after it', async () => {
    const { socket, stream } = openStream()
    const { all, write, end } = outcomes(stream)
    socket.space = 1
    write('a', 1, 2)
    end()
    write('b', 3)
    await settle()
    expect([socket.calls, all]).toEqual([[], ['b the socket is closed']])
    socket.drain(1)
    socket.drain(5)
    await settle()
    expect([socket.calls, all.slice(1), socket.taken]).toEqual([['shutdown'], ['a taken', 'ended'], [1, 2]])
  })

  test('fails once for each write that a reset drops, and for later writes', async () => {
    const { socket, stream, told } = openStream()
    const { all, write } = outcomes(stream)
    socket.space = 1
    for (const name of ['a', 'b']) write(name, 1, 2)
    socket.close(new Error('ECONNRESET'))
    write('c', 3)
    socket.drain(9)
    await settle()
    expect(all).toEqual(['a', 'b', 'c'].map((name) => `${name} ECONNRESET`))
    expect(told).toEqual(['ECONNRESET', 'close'])
    expect(socket.taken).toEqual([1])
  })

  test('-1 means the end of the socket', async () => {
    const { socket, stream, told } = openStream()
    const { all, write } = outcomes(stream)
    socket.isShut = true
    write('a', 1)
    expect(all).toEqual([])
    await settle()
    expect([all, told, socket.isClosed]).toEqual([['a the socket is closed'], ['close'], true])
  })
})

describe('reading', () => {
  test('begins with `resume`', async () => {
    const { socket, stream, told } = openStream()
    socket.receive(1)
    socket.receive(2)
    socket.receiveEnd()
    await settle()
    expect(told).toEqual([])
    stream.resume()
    expect([told, socket.calls]).toEqual([[], ['resume']])
    socket.receive(3)
    await settle()
    expect(told).toEqual([[1], [2], [3], 'end'])
    expect(stream.readableEnded).toBe(true)
  })

  test('stops when a listener pauses it, even between two chunks of one read', async () => {
    const { socket, stream, told } = openStream()
    const pause = () => stream.pause()
    stream.on('data', pause)
    stream.resume()
    for (const byte of [1, 2, 3]) socket.receive(byte)
    await settle()
    expect(told).toEqual([[1]])
    stream.resume()
    await settle()
    expect(told).toEqual([[1], [2]])
    stream.off('data', pause)
    stream.resume()
    await settle()
    expect(told).toEqual([[1], [2], [3]])
  })

  test('a socket that Bun closes after the end of the peer is read to its end', async () => {
    const { socket, stream, told } = openStream()
    socket.receive(1)
    socket.receiveEnd()
    socket.close()
    await settle()
    expect([told, stream.destroyed]).toEqual([[], false])
    stream.resume()
    await settle()
    expect(told).toEqual([[1], 'end', 'close'])
    expect([stream.destroyed, socket.calls]).toEqual([true, []])
  })

  test('bytes before a reset are dropped', async () => {
    const { socket, stream, told } = openStream()
    socket.receive(1)
    socket.close(new Error('ECONNRESET'))
    await settle()
    stream.resume()
    await settle()
    expect(told).toEqual(['ECONNRESET', 'close'])
  })
})

describe('the end', () => {
  test('`destroy` closes the socket at once, and reports it after the code that runs', async () => {
    const { socket, stream, told } = openStream()
    const { all, write, end } = outcomes(stream)
    socket.space = 0
    write('a', 1)
    end()
    socket.receive(1)
    socket.receiveEnd()
    stream.destroy()
    stream.destroy()
    expect([socket.calls, told, stream.destroyed]).toEqual([['end'], [], true])
    socket.receive(2)
    stream.pause()
    stream.resume()
    stream.setNoDelay?.(true)
    await settle()
    expect([all, told]).toEqual([['a the socket is closed', 'ended'], ['close']])
    expect(socket.calls).toHaveLength(1)
  })

  test('over TLS it sends close_notify, and does not wait for the peer', async () => {
    const { socket, stream, told } = openStream()
    socket.handlers.handshake(socket, true, null)
    stream.destroy()
    await settle()
    expect([socket.calls, told]).toEqual([['shutdown', 'terminate'], ['close']])
  })

  test('over TLS Bun closes a socket whose directions have both ended: a reset would lose bytes in flight', async () => {
    const { socket, stream, told } = openStream()
    socket.handlers.handshake(socket, true, null)
    stream.resume()
    socket.receiveEnd()
    stream.end(() => stream.destroy())
    await settle()
    expect([socket.calls, socket.isClosed]).toEqual([['resume', 'shutdown'], true])
    expect(told).toEqual(['end', 'close'])
  })

  test('an error that destroys it is emitted', async () => {
    const { stream, told } = openStream()
    stream.destroy(new Error('mine'))
    await settle()
    expect(told).toEqual(['mine', 'close'])
  })

  test('a TLS handshake that fails is reported with its error', async () => {
    const { socket, told } = openStream()
    socket.handlers.handshake(socket, false, new Error('DEPTH_ZERO_SELF_SIGNED_CERT'))
    socket.close()
    await settle()
    expect(told).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT', 'close'])
  })

  test('a TLS handshake that succeeds without a client certificate is not an error', async () => {
    const { socket, told } = openStream()
    socket.handlers.handshake(socket, true, new Error('UNABLE_TO_GET_ISSUER_CERT'))
    socket.close(undefined)
    await settle()
    expect(told).toEqual(['close'])
  })
})

/** An event, and the number of its bytes. */
type Step = readonly [act: string, size: number]

const step = (weight: number, ...acts: string[]) => ({
  weight,
  arbitrary: fc.tuple(fc.constantFrom(...acts), fc.nat(5)),
})
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    step(3, 'write', 'drain', 'receive'),
    step(3, 'pause', 'resume', 'wait'),
    step(1, 'end', 'destroy', 'receiveEnd', 'close', 'reset'),
  ),
  { maxLength: 30 },
)

/** A number of bytes that continue the last ones. */
const more = (bytes: readonly number[], size: number): number[] =>
  Array.from({ length: size }, (_, i) => (bytes.length + i) % 256)

test('in any order: bytes in their order, each callback once, `close` once and last', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const { socket, stream, told } = openStream()
      socket.space = 0
      const written: number[] = []
      const received: number[] = []
      const sizes: number[] = []
      const outcomes: [index: number, isTaken: boolean][] = []
      let isPaused = true
      let isEnded = false
      let isHeard = true
      for (const event of ['data', 'end']) stream.on(event, () => expect(isPaused).toBe(false))
      const acts: Readonly<Record<string, (size: number) => unknown>> = {
        write(size) {
          const bytes = more(written, size)
          if (!isEnded && !socket.isClosed) written.push(...bytes)
          const index = sizes.push(size) - 1
          stream.write(Uint8Array.from(bytes), (error) => outcomes.push([index, !error]))
        },
        drain: (size) => !socket.isClosed && socket.drain(size),
        receive(size) {
          if (socket.isClosed || !isHeard) return
          const bytes = more(received, size)
          received.push(...bytes)
          socket.receive(...bytes)
        },
        pause() {
          isPaused = true
          stream.pause()
        },
        resume() {
          isPaused = false
          stream.resume()
        },
        wait: settle,
        end() {
          isEnded = true
          stream.end()
        },
        destroy: () => stream.destroy(),
        receiveEnd() {
          if (!socket.isClosed && isHeard) socket.receiveEnd()
          isHeard = false
        },
        close: () => socket.close(),
        reset: () => socket.close(new Error('reset')),
      }
      for (const [act, size] of list) await acts[act]?.(size)
      const isLost = list.some(([act]) => act === 'destroy' || act === 'reset')
      for (const act of ['resume', 'wait', 'destroy', 'wait']) await acts[act]?.(0)

      expect(socket.taken).toEqual(written.slice(0, socket.taken.length))
      // Each once, and successful ones in their order. Writes that come too late fail before those that still wait.
      expect(outcomes.map(([index]) => index).sort((a, b) => a - b)).toEqual(sizes.map((_, index) => index))
      const taken = outcomes.flatMap(([index, isTaken]) => (isTaken ? [index] : []))
      expect(taken).toEqual(taken.map((_, index) => index))
      expect(taken.reduce((sum, index) => sum + (sizes[index] as number), 0)).toBeLessThanOrEqual(socket.taken.length)
      const bytes = told.filter((item) => typeof item !== 'string').flat()
      expect(bytes).toEqual(isLost ? received.slice(0, bytes.length) : received)
      expect(told.filter((item) => typeof item === 'string').join()).toMatch(/^(end,)?(reset,)?close$/)
      expect(told.at(-1)).toBe('close')
      expect([socket.isClosed, stream.destroyed]).toEqual([true, true])
    }),
  )
})
