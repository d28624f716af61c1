// Pending output, taken as parts for vectored writes or as one array: the same bytes, separate large frames, no partial frame.

import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { sendPrepared } from '../../src/connection/index.ts'
import { prepareBinary } from '../../src/connection/prepared.ts'
import { concat, hex, pattern } from '../wire.ts'
import { client, server, zeroKeys } from './outgoing-support.ts'

const APART = 65_536

/** Sends binary messages of these sizes; a size in an array is prepared first. */
function sendAll(connection: Connection, sizes: readonly (number | [number])[]): void {
  for (const size of sizes)
    if (typeof size === 'number') connection.sendBinary(pattern(size))
    else sendPrepared(connection, prepareBinary(pattern(size[0])))
}

describe('takeOutputParts', () => {
  const small = [0, 1, 125, 126, 300]
  const cases: readonly (readonly (number | [number])[])[] = [
    [],
    [3],
    small,
    [APART - 5],
    [APART],
    [APART - 1, APART, APART + 1],
    [1, 100_000, 2],
    [100_000, 200_000, 3, 4, 70_000],
    [[3]],
    [[3], [4]],
    [[3], [4], 5, [6]],
    [5, [6], 7],
    [[100_000], 1, [100_000], [2]],
    [1, [70_000]],
    [...small, [1000], ...small, [66_000], ...small],
  ]

  test.each(cases.map((sizes) => [sizes] as const))('returns the result of takeOutput when joined: %j', (sizes) => {
    for (const make of [server, client])
      for (const fragmentSize of [undefined, 50_000, 66_000]) {
        const whole = make({ fragmentSize })
        const parted = make({ fragmentSize })
        sendAll(whole, sizes)
        sendAll(parted, sizes)
        expect(parted.outputSize).toBe(whole.outputSize)
        const bytes = whole.takeOutput()
        const parts = parted.takeOutputParts()
        expect(Buffer.compare(concat(...parts), bytes ?? new Uint8Array(0))).toBe(0)
        expect(parts.every(({ length }) => length > 0)).toBe(true)
        expect([whole.outputSize, parted.outputSize, whole.takeOutput(), parted.takeOutputParts()]).toEqual([
          0,
          0,
          undefined,
          [],
        ])
      }
  })

  test('keeps frames of 64 KiB and more separate, and joins the small ones between them', () => {
    const connection = server()
    sendAll(connection, [1, 2, 100_000, 3, 4, 65_532, 5, 65_531])
    expect(connection.takeOutputParts().map(({ length }) => length)).toEqual([
      3 + 4,
      100_010,
      5 + 6,
      65_536,
      7 + 65_535,
    ])
  })

  test('begins with the queued pongs and ends with the Close', () => {
    const connection = client()
    connection.sendBinary(pattern(70_000))
    for (let i = 0; i < 70; i++) connection.receive(Uint8Array.of(0x89, 1, i))
    connection.receive(hex('88 02 03 e8'))
    const parts = connection.takeOutputParts()
    expect(parts.map(({ length }) => length)).toEqual([65 * 7, 70_014, 8])
    expect(parts[0]?.slice(-7)).toEqual(hex('8a 81 00 00 00 00 45'))
    expect(parts[2]).toEqual(hex('88 82 00 00 00 00 03 e8'))
    expect(connection.takeOutputParts()).toEqual([])
  })

  test('returns arrays that are not written to afterwards', () => {
    const connection = server()
    connection.sendBinary(hex('01'))
    const [first] = connection.takeOutputParts()
    sendAll(connection, [5, 70_000, 6])
    expect(first).toEqual(hex('82 01 01'))
    expect(first?.buffer.byteLength).toBe(3)
  })
})

describe('outputSize', () => {
  test('equals the size of takeOutput, including queued pongs and the Close', () => {
    for (const make of [server, client]) {
      const connection = make()
      let size = 0
      const header = make === server ? 2 : 6
      for (const send of [() => connection.sendText('abc'), () => connection.sendBinary(hex('01 02 03'))]) {
        send()
        size += header + 3
        expect(connection.outputSize).toBe(size)
      }
      connection.ping()
      connection.close(1000)
      for (let i = 0; i < 70; i++) connection.receive(make === server ? hex('89 80 00 00 00 00') : hex('89 00'))
      size += 65 * header
      expect(connection.outputSize).toBe(size + header + header + 2)
      expect(connection.takeOutput()?.length).toBe(size + header + header + 2)
      expect(connection.outputSize).toBe(0)
    }
  })
})

describe('a maskKeys that fails in the middle of a message', () => {
  /** Fails at the n-th frame from now on. */
  function failing() {
    let left = Infinity
    const connection = client({
      fragmentSize: 66_000,
      maskKeys: () => {
        if (--left === 0) throw new Error('no key')
        return zeroKeys()
      },
    })
    const failAt = (frame: number): void => {
      left = frame
    }
    return { connection, failAt }
  }

  test.each<[string, readonly number[]]>([
    ['nothing', []],
    ['small frames', [1, 2]],
    ['a large frame', [66_000]],
    ['a large frame and small ones', [1, 66_000, 3, 4]],
  ])('leaves all earlier output, and nothing of its own message: after %s', (_, sizes) => {
    for (const frame of [1, 2, 3, 4]) {
      const { connection, failAt } = failing()
      const other = client({ fragmentSize: 66_000 })
      for (const sender of [connection, other]) sendAll(sender, sizes)
      const size = connection.outputSize
      failAt(frame)
      expect(() => connection.sendBinary(pattern(200_000))).toThrow('no key')
      expect(connection.outputSize).toBe(size)
      for (const sender of [connection, other]) {
        sender.sendText('after')
        sender.sendBinary(pattern(200_000))
      }
      expect(Buffer.compare(connection.takeOutput() as Uint8Array, other.takeOutput() as Uint8Array)).toBe(0)
    }
  })

  test('keeps the Close and the pong for the next call', () => {
    const { connection, failAt } = failing()
    failAt(1)
    connection.receive(hex('89 01 07  88 00'))
    failAt(2)
    expect(() => connection.takeOutputParts()).toThrow('no key')
    expect(connection.transport).toBe('keep')
    expect(connection.takeOutput()).toEqual(hex('8a 81 00 00 00 00 07  88 80 00 00 00 00'))
  })
})
