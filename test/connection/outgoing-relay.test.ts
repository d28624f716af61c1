// Another connection can send everything that one connection reports: `send` is the inverse of `receive`, byte for byte.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { concat, hex } from '../wire.ts'
import { client, deflating, server, taken, wire } from './outgoing-support.ts'

/** Frames from a server, each in one chunk, so that a relay that passes pieces on sends the same frames. */
const frames = [
  '81 05 48 65 6c 6c 6f',
  '01 03 e4 b8 96',
  '00 02 f0 9f',
  '80 02 98 80',
  '02 01 01',
  '00 01 02',
  '80 00',
  '81 00',
  '82 00',
  '82 02 ff fe',
].map(hex)

describe('a relay', () => {
  test('with pieces and text as bytes sends the frames that it received', () => {
    const from = new Connection({ role: 'client', pieces: true, text: 'bytes' })
    const to = server()
    for (const frame of frames)
      for (const event of from.receive(frame)) if (event.type === 'text' || event.type === 'binary') to.send(event)
    expect(taken(to)).toBe(Buffer.from(concat(...frames)).toString('hex'))
  })

  test('passes on the same messages, whatever the chunks, the form and the fragments', () => {
    const all = concat(...frames)
    const forms = fc.constantFrom('string', 'bytes') as fc.Arbitrary<'string' | 'bytes'>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        forms,
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
        fc.boolean(),
        (size, text, pieces, fragmentSize, compressed) => {
          const from = new Connection({ role: 'client', pieces, text })
          const agreement = compressed ? deflating() : {}
          const to = client({ ...agreement, fragmentSize })
          const end = server(agreement)
          for (let at = 0; at < all.length; at += size)
            for (const event of from.receive(all.slice(at, at + size)))
              if (event.type === 'text' || event.type === 'binary') expect(to.send(event)).toBe(true)
          const events = end.receive(to.takeOutput() as Uint8Array)
          const expected = ['Hello', '世😀', hex('01 02'), '', hex(''), hex('ff fe')]
          expect(events.map((event) => 'data' in event && event.data)).toEqual(expected)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('passes on whole messages without extra steps', () => {
    const to = server()
    for (const event of client().receive(hex('81 01 61 82 01 01')))
      if (event.type === 'text' || event.type === 'binary') expect(to.send(event)).toBe(true)
    expect(to.send({ type: 'text', data: 'b' })).toBe(true)
    expect(to.send({ type: 'text', data: hex('63'), first: undefined, last: undefined })).toBe(true)
    expect(taken(to)).toBe(wire('81 01 61  82 01 01  81 01 62  81 01 63'))
  })

  test('that received half a message can continue it, or close', () => {
    const from = new Connection({ role: 'client', pieces: true, text: 'bytes' })
    const to = server()
    for (const event of from.receive(hex('02 01 01'))) if (event.type === 'binary') to.send(event)
    expect(() => to.sendText('between')).toThrow(TypeError)
    expect(from.receiveEnd()).toHaveLength(1)
    to.close(1001)
    expect(to.send({ type: 'binary', data: hex('02'), first: false })).toBe(false)
    expect(taken(to)).toBe(wire('02 01 01  88 02 03 e9'))
  })
})
