// Output arrays from the caller's allocator: their previous contents never show, and a failure loses nothing.
import { describe, expect, test } from 'vitest'
import { Connection, type ConnectionOptions, prepareBinary, sendPrepared } from '../../src/index.ts'
import { concat, hex } from '../wire.ts'

/** Filled with other bytes, as arrays from a pool are. */
const dirty = (size: number): Uint8Array => new Uint8Array(size).fill(0xee)

function conversation(options: Partial<ConnectionOptions>): Uint8Array[] {
  const connection = new Connection({ role: 'server', ...options })
  const taken: Uint8Array[] = []
  const take = () => taken.push(connection.takeOutput() as Uint8Array)
  connection.sendText('Hello')
  take()
  for (let i = 0; i < 50; i++) connection.sendBinary(new Uint8Array(i))
  connection.receive(hex('89 81 00 00 00 00 01'))
  sendPrepared(connection, prepareBinary(new Uint8Array(200)))
  take()
  connection.sendBinary(new Uint8Array(70_000))
  connection.sendText('behind it')
  taken.push(...connection.takeOutputParts())
  connection.sendBinary(new Uint8Array(70_000))
  connection.close(1000, 'done')
  take()
  return taken
}

/** `toEqual` is slow for byte arrays. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect([actual.length, Buffer.compare(actual, expected)]).toEqual([expected.length, 0])
}

describe('allocate', () => {
  test('makes the arrays for the output, with the same bytes', () => {
    const sizes: number[] = []
    const allocate = (size: number) => {
      sizes.push(size)
      return dirty(size)
    }
    expectSame(concat(...conversation({ native: { allocate } })), concat(...conversation({})))
    expect(sizes).toContain(7)
    expect(sizes).toContain(70_010)
  })

  test('may be Node’s pool, whose arrays go to sockets as they are', () => {
    const taken = conversation({ native: { allocate: Buffer.allocUnsafe } })
    expectSame(concat(...taken), concat(...conversation({})))
    // The arrays that a pong or large frames are joined into are separate ones.
    expect(taken.map((bytes) => Buffer.isBuffer(bytes))).toEqual([true, false, true, true, false])
  })

  test.each<[string, () => unknown, string]>([
    ['too many bytes', () => new Uint8Array(8), '`allocate` has made 8 bytes, where 7 are wanted'],
    ['too few', () => new Uint8Array(6), '`allocate` has made 6 bytes, where 7 are wanted'],
    ['no bytes', () => [0, 0, 0, 0, 0, 0, 0], 'what `allocate` makes must be a Uint8Array, not an array'],
  ])('that returns %s is a TypeError, and nothing is sent', (_, allocate, message) => {
    const connection = new Connection({ role: 'server', native: { allocate: allocate as () => Uint8Array } })
    expect(() => connection.sendText('Hello')).toThrow(new TypeError(message))
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('must be a function', () => {
    expect(() => new Connection({ role: 'server', native: { allocate: 7 as never } })).toThrow(TypeError)
  })

  test('that fails loses nothing, at any call', () => {
    const expected = concat(...conversation({ autoPong: false }))
    for (let failing = 0; failing < 20; failing++) {
      let calls = 0
      const allocate = (size: number) => {
        if (calls++ === failing) throw new Error('no memory')
        return dirty(size)
      }
      const connection = new Connection({ role: 'server', native: { allocate }, autoPong: false })
      /** Repeats the call after a failure. */
      const again = <Result>(act: () => Result): Result => {
        try {
          return act()
        } catch (error) {
          expect(error).toEqual(new Error('no memory'))
          return act()
        }
      }
      const taken: Uint8Array[] = []
      const take = () => taken.push(again(() => connection.takeOutput()) as Uint8Array)
      again(() => connection.sendText('Hello'))
      take()
      for (let i = 0; i < 50; i++) again(() => connection.sendBinary(new Uint8Array(i)))
      again(() => sendPrepared(connection, prepareBinary(new Uint8Array(200))))
      take()
      again(() => connection.sendBinary(new Uint8Array(70_000)))
      again(() => connection.sendText('behind it'))
      taken.push(...again(() => connection.takeOutputParts()))
      again(() => connection.sendBinary(new Uint8Array(70_000)))
      connection.close(1000, 'done')
      take()
      expectSame(concat(...taken), expected)
    }
  })
})
