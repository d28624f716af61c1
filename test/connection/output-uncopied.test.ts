// Output that is only read: large payloads are not copied, and the output is the same as with copies.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Output } from '../../src/connection/output.ts'
import { slabHolderOf } from '../../src/connection/slab.ts'
import { FIN_BIT as FIN } from '../../src/frame/header.ts'
import { Opcode } from '../../src/registry/websocket.ts'
import type { Role } from '../../src/types.ts'
import { runs } from '../share.ts'
import { hex } from '../wire.ts'

const UNCOPIED_FROM = 4096
const maskKeys = () => hex('37 fa 21 3d')

function open(sharesOutput: boolean, role: Role = 'server'): Output {
  const slabs = slabHolderOf(undefined)
  return new Output({
    role,
    maskKeys,
    fragmentSize: Infinity,
    native: undefined,
    slabs,
    sharesOutput,
    ownsMessages: sharesOutput,
  })
}

const resizable = (size: number): ArrayBuffer => Reflect.construct(ArrayBuffer, [size, { maxByteLength: 2 * size }])
const pattern = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251)
const payloadOf = (size: number) => pattern.slice(0, size)

describe('a payload from 4 KiB on', () => {
  test('is returned without a copy, after its header', () => {
    const output = open(true)
    const payload = payloadOf(UNCOPIED_FROM)
    output.addFrames(Opcode.Binary, payload, true)
    const parts = output.takeParts(Infinity)
    expect(parts).toEqual([hex('82 7e 10 00'), payload])
    expect(parts[1]).toBe(payload)
  })

  test.each([
    ['a smaller payload', true, 'server', payloadOf(UNCOPIED_FROM - 1)],
    ['output that is not only read', false, 'server', payloadOf(UNCOPIED_FROM)],
    ['a masked payload', true, 'client', payloadOf(UNCOPIED_FROM)],
    ['shared memory', true, 'server', new Uint8Array(new SharedArrayBuffer(UNCOPIED_FROM))],
    ['resizable memory', true, 'server', new Uint8Array(resizable(UNCOPIED_FROM))],
  ] as const)('is copied: %s', (_, sharesOutput, role, payload) => {
    const output = open(sharesOutput, role)
    output.addFrames(Opcode.Binary, payload, true)
    const parts = output.takeParts(Infinity)
    expect(parts.map(({ buffer }) => buffer)).not.toContain(payload.buffer)
    expect(parts).toHaveLength(1)
  })

  test('of a masked text is masked in its own array', () => {
    const [sharing, copied] = [open(true, 'client'), open(false, 'client')]
    for (const output of [sharing, copied]) output.addText('é'.repeat(UNCOPIED_FROM))
    expect(sharing.takeParts(Infinity)).toHaveLength(2)
    sharing.addText('é'.repeat(UNCOPIED_FROM))
    expect(sharing.take(Infinity)).toEqual(copied.take(Infinity))
  })

  test('that many connections share is not copied', () => {
    const output = open(true)
    const frame = payloadOf(70_000)
    output.addShared(frame, 69_990)
    expect(output.takeParts(Infinity)[0]).toBe(frame)
  })
})

test('a payload whose header was partly taken when an error drops the output is written to its end, and nothing after it', () => {
  for (let cut = 1; cut < 4; cut++) {
    const output = open(true)
    const payload = payloadOf(UNCOPIED_FROM)
    for (let count = 0; count < 3; count++) output.addFrames(Opcode.Binary, payload, true)
    const first = output.takeParts(cut)
    output.drop()
    const all = Buffer.concat([...first, ...output.takeParts(Infinity)])
    expect(all).toEqual(Buffer.concat([hex('82 7e 10 00'), payload]))
    expect(output.size).toBe(0)
  }
})

test('a payload that was transferred before it was written is a TypeError', () => {
  const output = open(true)
  const payload = payloadOf(UNCOPIED_FROM)
  output.addFrames(Opcode.Binary, payload, true)
  structuredClone(payload.buffer, { transfer: [payload.buffer] })
  expect(() => output.takeParts(Infinity)).toThrow('a payload was transferred')
})

test('a payload that was transferred while its frame was partly taken is replaced by zeros after an error, to its end', () => {
  const output = open(true)
  const payload = payloadOf(UNCOPIED_FROM)
  for (let count = 0; count < 2; count++) output.addFrames(Opcode.Binary, payload, true)
  const first = Buffer.concat(output.takeParts(14))
  structuredClone(payload.buffer, { transfer: [payload.buffer] })
  output.drop()
  expect(output.takeParts(Infinity)).toEqual([new Uint8Array(UNCOPIED_FROM - 10)])
  expect([first.length, output.size]).toEqual([14, 0])
})

test('the rest of a payload after an error is a copy, because the array belongs to the caller again', () => {
  const output = open(true)
  const payload = payloadOf(UNCOPIED_FROM)
  output.addFrames(Opcode.Binary, payload, true)
  output.takeParts(14)
  output.addFrames(Opcode.Binary, payload, true)
  output.drop()
  payload.fill(0)
  expect(output.takeParts(Infinity)).toEqual([payloadOf(UNCOPIED_FROM).subarray(10)])
})

type Step =
  | { readonly do: 'message' | 'text' | 'pong' | 'urgent'; readonly size: number }
  | { readonly do: 'take' | 'takeParts'; readonly size: number }
  | { readonly do: 'drop'; readonly size: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom('message', 'text', 'pong', 'urgent', 'take', 'takeParts', 'takeParts', 'drop'),
    size: fc.oneof(
      fc.integer({ min: 1, max: 130 }),
      fc.integer({ min: UNCOPIED_FROM - 3, max: UNCOPIED_FROM + 3 }),
      fc.constant(9000),
    ),
  }) as fc.Arbitrary<Step>,
  { maxLength: 20 },
)

/** Returns the output of a step, and the number of bytes queued after it. */
function apply(output: Output, step: Step): unknown {
  const control = payloadOf(step.size).subarray(0, 125)
  let taken: Uint8Array = new Uint8Array(0)
  if (step.do === 'message') output.addFrames(Opcode.Binary, payloadOf(step.size), true)
  else if (step.do === 'text') output.addText('é'.repeat(step.size))
  else if (step.do === 'pong') output.addPong(control)
  else if (step.do === 'urgent') output.addUrgent(FIN | Opcode.Ping, control)
  else if (step.do === 'drop') output.drop()
  else if (step.do === 'take') taken = output.take(step.size) ?? taken
  else taken = Buffer.concat(output.takeParts(step.size))
  return {
    bytes: createHash('sha1').update(taken).digest('hex'),
    size: output.size,
    front: output.front,
    rest: output.rest,
  }
}

test.each(['server', 'client'] as const)('a %s sends the same bytes with copies and without', (role) => {
  fc.assert(
    fc.property(steps, (all) => {
      const [sharing, copied] = [open(true, role), open(false, role)]
      for (const step of [...all, { do: 'takeParts', size: 1e6 } as const])
        expect(apply(sharing, step)).toEqual(apply(copied, step))
    }),
    { numRuns: runs(200, 5000) },
  )
})
