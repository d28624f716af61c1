// Output with native functions has the same bytes as without. Previous contents of memory are never sent, and a failure loses nothing.

import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Connection,
  type ConnectionOptions,
  connectionOptions,
  encodeFrame,
  type Native,
  prepareBinary,
  sendPrepared,
} from '../../src/index.ts'
import { native } from '../../src/platform/native.ts'
import { concat, hex } from '../wire.ts'

/** Returns an array with other bytes in it, as a pool does. */
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
  connection.sendText('after it')
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
  test('creates the arrays for the output, with the same bytes', () => {
    const sizes: number[] = []
    const allocate = (size: number) => {
      sizes.push(size)
      return dirty(size)
    }
    expectSame(concat(...conversation({ native: { allocate } })), concat(...conversation({})))
    // A slab for small outputs; a pong; a large frame.
    expect(sizes).toEqual([16_384, 3, 70_010, 70_010])
  })

  test('may be Node’s pool, whose arrays sockets write directly', () => {
    const taken = conversation({ native: { allocate: Buffer.allocUnsafe } })
    expectSame(concat(...taken), concat(...conversation({})))
    // The arrays that a pong or large frames are joined into are separate ones.
    expect(taken.map((bytes) => Buffer.isBuffer(bytes))).toEqual([true, false, true, true, false])
  })

  test.each<[string, () => unknown, string]>([
    ['too many bytes', () => new Uint8Array(8), '`native.allocate` must return exactly 16384 bytes, not 8'],
    ['too few', () => new Uint8Array(6), '`native.allocate` must return exactly 16384 bytes, not 6'],
    [
      'no bytes',
      () => [0, 0, 0, 0, 0, 0, 0],
      '`native.allocate` must return a Uint8Array of 16384 bytes, at once; it returned an array',
    ],
  ])('throws a TypeError if it returns %s, and nothing is sent', (_, allocate, message) => {
    const connection = new Connection({ role: 'server', native: { allocate: allocate as () => Uint8Array } })
    expect(() => connection.sendText('Hello')).toThrow(new TypeError(message))
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('may return an array of another realm', () => {
    const allocate: (size: number) => Uint8Array = runInNewContext('(size) => new Uint8Array(size)')
    const connection = new Connection({ role: 'server', native: { allocate } })
    connection.sendText('Hello')
    expect(connection.takeOutput()).toHaveLength(7)
  })

  test('must be a function', () => {
    expect(() => new Connection({ role: 'server', native: { allocate: 7 as never } })).toThrow(TypeError)
  })

  test('loses nothing if it fails, at any call', () => {
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
      again(() => connection.sendText('after it'))
      taken.push(...again(() => connection.takeOutputParts()))
      again(() => connection.sendBinary(new Uint8Array(70_000)))
      connection.close(1000, 'done')
      take()
      expectSame(concat(...taken), expected)
    }
  })
})

describe('encodeUtf8Into', () => {
  const role = 'server'

  test('sends nothing if it throws, and is called again for the next text', () => {
    let fails = true
    const encodeUtf8Into: Native['encodeUtf8Into'] = (...given) => {
      if (fails) throw new Error('not now')
      return native.encodeUtf8Into?.(...given) ?? 0
    }
    const connection = new Connection({ role, native: { encodeUtf8Into } })
    connection.sendText('Hello')
    expect(() => connection.sendText('a'.repeat(50))).toThrow('not now')
    fails = false
    connection.sendText('b'.repeat(50))
    const expected = ['Hello', 'b'.repeat(50)].map((payload) => encodeFrame({ opcode: 1, payload }))
    expect(connection.takeOutput()).toEqual(concat(...expected))
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('must not call back', () => {
    const connection: Connection = new Connection({ role, native: { encodeUtf8Into: () => +connection.sendText('b') } })
    expect(() => connection.sendText('a'.repeat(50))).toThrow('called back into its connection')
    expect(connection.takeOutput()).toBeUndefined()
  })
})

describe.each<[string, Native | undefined]>([
  ['pure', undefined],
  ['native', native],
  ['a caller’s arrays', { allocate: dirty }],
])('outputs of many connections, %s', (_, given) => {
  const key = hex('37 fa 21 3d')
  const unit = fc.constantFrom('a', 'é', '€', '\u{1f600}', '\ud800')
  const lengths = fc.constantFrom(0, 1, 30, 126, 400, 1300, 1400, 5000)
  const steps = fc.array(
    fc.record({ index: fc.nat(3), unit, length: lengths, kind: fc.constantFrom('text', 'binary', 'take', 'parts') }),
    { maxLength: 60 },
  )

  test.each(['server', 'client'] as const)('of a %s contain only its own frames, and do not change', (role) => {
    const shared = connectionOptions({ role, native: given, maskKeys: () => key })
    const frame = (opcode: number, payload: Uint8Array): Uint8Array =>
      encodeFrame({ opcode, payload, maskKey: role === 'client' ? key : undefined })
    fc.assert(
      fc.property(steps, (all) => {
        const ends = Array.from({ length: 4 }, () => new End(new Connection(shared), frame))
        for (const { index, unit, length, kind } of all) ends[index]?.[kind](unit.repeat(length))
        for (const end of ends) {
          end.take()
          expectSame(concat(...end.taken), concat(...end.expected))
        }
      }),
    )
  })
})

/** A connection, the output taken from it, and the expected output. */
class End {
  readonly taken: Uint8Array[] = []
  readonly expected: Uint8Array[] = []
  readonly #connection: Connection
  readonly #frame: (opcode: number, payload: Uint8Array) => Uint8Array

  constructor(connection: Connection, frame: (opcode: number, payload: Uint8Array) => Uint8Array) {
    this.#connection = connection
    this.#frame = frame
  }

  text(text: string): void {
    this.#connection.sendText(text)
    this.expected.push(this.#frame(1, new TextEncoder().encode(text)))
  }

  binary(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.#connection.sendBinary(bytes)
    this.expected.push(this.#frame(2, bytes))
  }

  take(): void {
    this.taken.push(this.#connection.takeOutput() ?? hex(''))
  }

  parts(): void {
    this.taken.push(...this.#connection.takeOutputParts())
  }
}
