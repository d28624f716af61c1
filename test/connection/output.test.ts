// The output queue: one array, in order, with a limit on queued pongs.
import { describe, expect, test } from 'vitest'
import { Output } from '../../src/connection/output.ts'
import { slabHolderOf } from '../../src/connection/slab.ts'
import { FIN_BIT as FIN } from '../../src/frame/header.ts'
import { Opcode } from '../../src/registry/websocket.ts'
import type { Role } from '../../src/types.ts'
import { concat, hex } from '../wire.ts'

const maskKeys = () => hex('37 fa 21 3d')

function open(role: Role, keys?: () => Uint8Array, fragmentSize = Infinity): Output {
  return new Output({
    role,
    maskKeys: keys,
    fragmentSize,
    native: undefined,
    slabs: slabHolderOf(undefined),
    sharesOutput: false,
    ownsMessages: false,
  })
}

describe('the output', () => {
  test('is undefined, not an empty array, if nothing is pending', () => {
    expect(open('server').take(Infinity)).toBeUndefined()
  })

  test('contains frames in order, pongs first, and is empty once taken', () => {
    const output = open('server')
    output.addText('Hello')
    output.addFrame(FIN | Opcode.Binary, hex('01 02'))
    output.addPong(hex('03'))
    expect(output.take(Infinity)).toEqual(hex('8a 01 03  81 05 48 65 6c 6c 6f  82 02 01 02'))
    expect(output.take(Infinity)).toBeUndefined()
  })

  test('masks a client’s frames, each with its own key (RFC 6455 §5.3)', () => {
    let calls = 0
    const output = open('client', () => {
      calls++
      return maskKeys()
    })
    output.addText('Hello')
    output.addFrame(FIN | Opcode.Text, hex('48 65 6c 6c 6f'))
    const masked = hex('81 85 37 fa 21 3d 7f 9f 4d 51 58')
    expect(output.take(Infinity)).toEqual(concat(masked, masked))
    expect(calls).toBe(2)
  })

  test('masks with new random keys by default', () => {
    const output = open('client')
    for (let i = 0; i < 2000; i++) output.addFrame(FIN | Opcode.Binary, new Uint8Array(0))
    const bytes = output.take(Infinity) as Uint8Array
    const keys = new Set<string>()
    for (let at = 2; at < bytes.length; at += 6) keys.add(Buffer.from(bytes.subarray(at, at + 4)).toString('hex'))
    // Two of 2000 random keys are equal once in 2000 runs; three never are.
    expect(keys.size).toBeGreaterThanOrEqual(1999)
  })

  test('splits a message into fragments, the last with FIN (RFC 6455 §5.4)', () => {
    const output = open('server', undefined, 2)
    output.addFrames(Opcode.Text, hex('48 65 6c 6c 6f'), true)
    expect(output.take(Infinity)).toEqual(hex('01 02 48 65  00 02 6c 6c  80 01 6f'))
    output.addFrames(Opcode.Binary, hex('01 02 03 04'), true)
    expect(output.take(Infinity)).toEqual(hex('02 02 01 02  80 02 03 04'))
  })

  test('returns arrays of the right size, however it grew', () => {
    const output = open('server')
    let expected = new Uint8Array(0)
    for (const size of [1, 100, 3, 70_000, 0, 125, 126]) {
      const payload = new Uint8Array(size).fill(size)
      output.addFrame(FIN | Opcode.Binary, payload)
      const single = open('server')
      single.addFrame(FIN | Opcode.Binary, payload)
      expected = concat(expected, single.take(Infinity) as Uint8Array)
    }
    expect(output.take(Infinity)).toEqual(expected)
  })

  test('answers 64 pings one by one; then the newest pong replaces the last (RFC 6455 §5.5.3)', () => {
    const output = open('server')
    for (let i = 0; i < 100_000; i++) output.addPong(hex((i % 256).toString(16).padStart(2, '0')))
    const first = Array.from({ length: 64 }, (_, i) => Uint8Array.of(0x8a, 1, i))
    expect(output.take(Infinity)).toEqual(concat(...first, Uint8Array.of(0x8a, 1, 99_999 % 256)))
    output.addPong(hex('07'))
    expect(output.take(Infinity)).toEqual(hex('8a 01 07'))
    expect(output.take(Infinity)).toBeUndefined()
  })

  test('loses nothing when the caller’s maskKeys fails', () => {
    let fails = false
    let calls = 0
    const output = open(
      'client',
      () => {
        if (fails && ++calls === 2) throw new Error('no key')
        return hex('00 00 00 00')
      },
      1,
    )
    output.addFrame(FIN | Opcode.Binary, hex('01'))
    fails = true
    expect(() => output.addFrames(Opcode.Binary, hex('02 03 04'), true)).toThrow('no key')
    calls = 0
    output.addPong(hex('05'))
    output.addPong(hex('06'))
    calls = 1
    expect(() => output.take(Infinity)).toThrow('no key')
    fails = false
    expect(output.take(Infinity)).toEqual(hex('8a 81 00 00 00 00 05  8a 81 00 00 00 00 06  82 81 00 00 00 00 01'))
  })

  test('copies a pending pong: the bytes of the event belong to the caller', () => {
    const output = open('server')
    for (let i = 0; i < 64; i++) output.addPong(new Uint8Array(0))
    const data = hex('01')
    output.addPong(data)
    data[0] = 9
    expect((output.take(Infinity) as Uint8Array).slice(-3)).toEqual(hex('8a 01 01'))
  })
})
