import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import { runs } from '../share.ts'
import { splits } from '../wire.ts'
import { concat, expectAll, expectSame, type Frame, hex, KEY, pattern, settings } from './vector.ts'

const frames = fc
  .array(
    fc.record({
      control: fc.constantFrom(0, 0, 8, 9, 10),
      fin: fc.boolean(),
      text: fc.boolean(),
      payload: fc.oneof(fc.uint8Array({ maxLength: 140 }), fc.integer({ min: 0, max: 700 }).map(pattern)),
    }),
    { maxLength: 12 },
  )
  .map((drafts) => {
    let open = false
    return drafts.map(({ control, fin, text, payload }): Frame => {
      // A Close of one byte is rejected by its header.
      const most = control === 8 && payload.length === 1 ? 0 : 125
      if (control !== 0) return { fin: true, rsv: 0, opcode: control, payload: payload.slice(0, most) }
      const opcode = open ? 0 : text ? 1 : 2
      open = !fin
      return { fin, rsv: 0, opcode, payload }
    })
  })

/** Chunks of the given sizes, repeated; every chunk is a copy. */
function cut(wire: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0, i = 0; at < wire.length; i++) {
    const size = sizes[i % sizes.length] as number
    chunks.push(wire.slice(at, at + size))
    at += size
  }
  return chunks
}

describe('FrameDecoder', () => {
  it('decodes what was encoded, in any chunks, with any options', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(frames, sizes, fc.boolean(), (expected, steps, masked) => {
        const maskKey = masked ? KEY : undefined
        const wire = concat(...expected.map((frame) => encodeFrame({ ...frame, maskKey })))
        for (const setting of settings) {
          const role = masked ? 'server' : 'client'
          expectAll({ role, ...setting }, cut(wire, steps), expected)
          expectAll({ role, ...setting }, [wire.slice()], expected)
        }
      }),
      { numRuns: runs(100, 500) },
    )
  })

  it('accepts pushes while bytes are unread, and loses none', () => {
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(3)), { minLength: 1 }),
        (expected, plan) => {
          const wire = concat(...expected.map((frame) => encodeFrame({ ...frame, maskKey: KEY })))
          const decoder = new FrameDecoder({ role: 'server' })
          const found: Frame[] = []
          const step = (): boolean => {
            if (!decoder.next()) return false
            const { fin, rsv, opcode } = decoder
            found.push({ fin, rsv, opcode, payload: decoder.payload() })
            return true
          }
          let at = 0
          for (let i = 0; at < wire.length; i++) {
            const [size, reads] = plan[i % plan.length] as [number, number]
            decoder.push(wire.slice(at, at + size))
            at += size
            for (let read = 0; read < reads; read++) step()
          }
          while (step());
          expectSame(found, expected)
        },
      ),
      { numRuns: runs(100, 500) },
    )
  })

  it('keeps a hundred thousand unread one-byte chunks in linear time', () => {
    const wire = concat(
      ...Array.from({ length: 10_000 }, () => encodeFrame({ opcode: 2, payload: pattern(4), maskKey: KEY })),
    )
    const decoder = new FrameDecoder({ role: 'server' })
    for (const byte of wire) decoder.push(Uint8Array.of(byte))
    let count = 0
    while (decoder.next()) count += decoder.payload().length
    expect(count).toBe(40_000)
  })

  it('never writes to borrowed chunks', () => {
    const wire = concat(
      encodeFrame({ opcode: 1, payload: 'Hello', maskKey: KEY }),
      encodeFrame({ opcode: 2, payload: pattern(300), maskKey: KEY }),
    )
    for (const pieces of [false, true]) {
      for (const size of [1, 7, 200, wire.length]) {
        const chunks = cut(wire, [size])
        const decoder = new FrameDecoder({ role: 'server', pieces })
        for (const chunk of chunks) {
          decoder.push(chunk)
          while (decoder.next()) {
            decoder.text()
            decoder.payload().fill(0xee)
          }
        }
        expect(concat(...chunks)).toEqual(wire)
      }
    }
  })

  it('does not use a chunk after next() has returned false', () => {
    const wire = encodeFrame({ opcode: 2, payload: pattern(50), maskKey: KEY })
    for (let place = 0; place <= wire.length; place++) {
      const decoder = new FrameDecoder({ role: 'server' })
      const head = wire.slice(0, place)
      decoder.push(head)
      if (place < wire.length) expect(decoder.next()).toBe(false)
      else continue
      head.fill(0xff)
      decoder.push(wire.slice(place))
      expect(decoder.next()).toBe(true)
      expect(decoder.payload()).toEqual(pattern(50))
    }
  })

  it('with ownsChunks returns views, unmasked once however often they are read', () => {
    for (const make of [(bytes: Uint8Array) => bytes.slice(), (bytes: Uint8Array) => Buffer.from(bytes)]) {
      const chunk = make(concat(hex('81 85'), KEY, hex('7f 9f 4d 51 58'), hex('82 82'), KEY, hex('36 f8')))
      const skipped = chunk.slice(11)
      const decoder = new FrameDecoder({ role: 'server', ownsChunks: true })
      decoder.push(chunk)
      expect(decoder.next()).toBe(true)
      const view = decoder.payload()
      expect(view.constructor).toBe(Uint8Array)
      expect(view.buffer).toBe(chunk.buffer)
      expect([decoder.text(), decoder.payload(), decoder.text()]).toEqual(['Hello', hex('48 65 6c 6c 6f'), 'Hello'])
      expect(view).toEqual(hex('48 65 6c 6c 6f'))
      expect(decoder.next()).toBe(true)
      // A payload that is not read is not unmasked.
      expect(Array.from(chunk.slice(11))).toEqual(Array.from(skipped))
    }
  })

  it('unmasks in place only what was given away', () => {
    const wire = concat(hex('81 85'), KEY, hex('7f 9f 4d 51 58'))
    const borrowing = new FrameDecoder({ role: 'server' })
    borrowing.push(wire)
    borrowing.next()
    expect(() => borrowing.unmask()).toThrow(
      new TypeError('`unmask` writes into chunks: it needs the option `ownsChunks`'),
    )
    expect([borrowing.text(), wire[6]]).toEqual(['Hello', 0x7f])
  })

  it('has an empty piece before the first frame and after the last', () => {
    const decoder = new FrameDecoder({ role: 'server', ownsChunks: true })
    const look = (): unknown[] => {
      decoder.unmask()
      return [decoder.start, decoder.end, decoder.copyTo(new Uint8Array(1), 1)]
    }
    expect(look()).toEqual([0, 0, 1])
    decoder.push(hex('81 80 00 00 00 00'))
    expect(decoder.next()).toBe(true)
    expect(look()).toEqual([6, 6, 1])
    expect(decoder.next()).toBe(false)
    expect(look()).toEqual([0, 0, 1])
  })

  it('unmasks in place once, whether by `unmask`, `payload` or `text`', () => {
    for (const size of [5, 30, 126, 2000]) {
      const decoder = new FrameDecoder({ role: 'server', ownsChunks: true })
      const text = 'x'.repeat(size)
      decoder.push(encodeFrame({ opcode: 1, payload: text, maskKey: KEY }))
      decoder.next()
      decoder.unmask()
      const { bytes, start, end } = decoder
      expect([decoder.text(), Buffer.from(decoder.payload()).toString()]).toEqual([text, text])
      decoder.unmask()
      expect(Buffer.from(bytes.subarray(start, end)).toString()).toBe(text)
      const target = new Uint8Array(size)
      decoder.copyTo(target, 0)
      expect(Buffer.from(target).toString()).toBe(text)
    }
  })

  it('unmasks and copies all of a payload if its memory grows while it is read', () => {
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: object,
    ) => ArrayBuffer & { resize(size: number): void }
    const frame = encodeFrame({ opcode: 2, payload: pattern(1500), maskKey: KEY })
    const grow = (size: number): { bytes: Uint8Array; resize: (size: number) => void } => {
      const buffer = new Resizable(size, { maxByteLength: 8000 })
      return { bytes: new Uint8Array(buffer), resize: (larger) => buffer.resize(larger) }
    }
    const chunk = grow(frame.length)
    chunk.bytes.set(frame)
    const target = grow(1500)
    const copier = new FrameDecoder({ role: 'server' })
    const unmasker = new FrameDecoder({ role: 'server', ownsChunks: true })
    copier.push(chunk.bytes)
    copier.next()
    copier.copyTo(target.bytes)
    unmasker.push(chunk.bytes)
    unmasker.next()
    unmasker.unmask()
    chunk.resize(2 * frame.length)
    target.resize(3000)
    chunk.bytes.set(frame, frame.length)
    copier.next()
    copier.copyTo(target.bytes, 1500)
    expect(Buffer.compare(target.bytes, concat(pattern(1500), pattern(1500)))).toBe(0)
    unmasker.next()
    unmasker.unmask()
    expect(Buffer.compare(chunk.bytes.subarray(unmasker.start, unmasker.end), pattern(1500))).toBe(0)
  })

  it('copies to the same target again, to another, and to places of any alignment', () => {
    const sizes = [0, 5, 127, 128, 129, 255, 256, 257, 1000, 1001, 1002, 1003, 5000, 70_000]
    const wire = concat(...sizes.map((size) => encodeFrame({ opcode: 2, payload: pattern(size), maskKey: KEY })))
    const [one, two] = [new Uint8Array(80_000), Buffer.alloc(80_010).subarray(3)]
    for (const targets of [[one], [two], [one, two], [one, one, two]]) {
      const decoder = new FrameDecoder({ role: 'server' })
      decoder.push(wire)
      for (const [index, size] of sizes.entries()) {
        expect(decoder.next()).toBe(true)
        const target = (targets[index % targets.length] as Uint8Array).fill(0)
        expect(decoder.copyTo(target, 7 * index + 1)).toBe(7 * index + 1 + size)
        const expected = new Uint8Array(target.length)
        expected.set(pattern(size), 7 * index + 1)
        expect(Buffer.compare(target, expected)).toBe(0)
      }
    }
  })

  it('reads and writes shared and resizable memory', () => {
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer
    const memories = [
      (size: number) => new SharedArrayBuffer(size + 5),
      (size: number) => new Resizable(size + 5, { maxByteLength: 2 * size + 5 }),
    ]
    for (const allocate of memories)
      for (const size of [0, 7, 40, 125, 130, 1000, 5000]) {
        const wire = encodeFrame({ opcode: 2, payload: pattern(size), maskKey: KEY })
        const chunk = new Uint8Array(allocate(wire.length), 5, wire.length)
        chunk.set(wire)
        const target = new Uint8Array(allocate(size), 2, size + 3)
        const decoder = new FrameDecoder({ role: 'server', ownsChunks: true })
        decoder.push(chunk)
        decoder.next()
        expect(decoder.copyTo(target, 1)).toBe(1 + size)
        expect(Buffer.compare(target, concat(hex('00'), pattern(size), hex('00 00')))).toBe(0)
        decoder.unmask()
        expect(Buffer.compare(chunk.subarray(decoder.start, decoder.end), pattern(size))).toBe(0)
      }
  })

  it('without ownsChunks returns copies, plain Uint8Arrays even from a Buffer', () => {
    const chunk = Buffer.from(hex('82 01 41 82 02 42 43'))
    const decoder = new FrameDecoder({ role: 'client' })
    decoder.push(chunk)
    decoder.next()
    const payload = decoder.payload()
    chunk.fill(0)
    expect(payload).toEqual(hex('41'))
    expect(payload.constructor).toBe(Uint8Array)
    expect(payload.buffer.byteLength).toBe(1)
  })

  it('with pieces returns no empty piece if the chunk ends after a header', () => {
    const decoder = new FrameDecoder({ role: 'server', pieces: true })
    const seen: unknown[] = []
    for (const text of ['81', '85 37 fa 21', '3d', '7f 9f', '4d', '51 58', '89 81', '00 00 00 00', '41']) {
      decoder.push(hex(text))
      while (decoder.next()) {
        const { opcode, payloadLength, first, last } = decoder
        seen.push([opcode, payloadLength, first, last, decoder.text()])
      }
    }
    expect(seen).toEqual([
      [1, 5, true, false, 'He'],
      [1, 5, false, false, 'l'],
      [1, 5, false, true, 'lo'],
      [9, 1, true, true, 'A'], // control frames come whole
    ])
  })

  it('with pieces returns one empty piece for each empty frame, in any chunks', () => {
    const wire = hex('01 00 00 00 00 01 41 80 00 82 00')
    for (const chunks of splits(wire)) {
      const decoder = new FrameDecoder({ role: 'client', pieces: true })
      const seen: unknown[] = []
      for (const chunk of chunks) {
        decoder.push(chunk)
        while (decoder.next()) seen.push([decoder.opcode, decoder.fin, decoder.first, decoder.last, decoder.text()])
      }
      expect(seen).toEqual([
        [1, false, true, true, ''],
        [0, false, true, true, ''],
        [0, false, true, true, 'A'],
        [0, true, true, true, ''],
        [2, true, true, true, ''],
      ])
    }
  })

  it('allocates nothing for a length that was only announced', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 200 }, () => {
      const decoder = new FrameDecoder({ role: 'client', limits: { maxFrameSize: 2 ** 40 } })
      decoder.push(hex('82 7f 00 00 00 ff 00 00 00 00 01 02 03'))
      expect(decoder.next()).toBe(false)
      return decoder
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024)
    expect(decoders.length).toBe(200)
  })

  it('keeps at most twice the bytes received, in one-byte chunks', () => {
    const decoder = new FrameDecoder({ role: 'client' })
    decoder.push(hex('82 7f 00 00 00 00 00 40 00 00'))
    const byte = Uint8Array.of(0x41)
    for (let received = 1; received <= 3 * 2 ** 20; received++) {
      decoder.push(byte)
      if (decoder.next()) expect.unreachable()
      if (received % 1000 !== 0) continue
      const { kept, tail } = decoder.collector as unknown as { kept: Uint8Array[]; tail: Uint8Array | undefined }
      const held = [...kept, tail ?? new Uint8Array(0)].reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
      expect(held).toBeLessThanOrEqual(Math.max(2 * received, received + 65_536))
    }
  })

  it('has an empty payload before the first frame', () => {
    const decoder = new FrameDecoder({ role: 'client' })
    expect([decoder.next(), decoder.payload(), decoder.text()]).toEqual([false, new Uint8Array(0), ''])
    decoder.push(new Uint8Array(0))
    expect(decoder.next()).toBe(false)
    decoder.push(hex('81 01 41'))
    expect([decoder.next(), decoder.text(), decoder.next(), decoder.text()]).toEqual([true, 'A', false, ''])
  })

  it('checks maxFrameSize by the header, before the payload arrives', () => {
    const decoder = new FrameDecoder({ role: 'client', limits: { maxFrameSize: 5 } })
    decoder.push(hex('81 05 48 65 6c 6c 6f 81 06'))
    expect(decoder.next()).toBe(true)
    expect(() => decoder.next()).toThrow(expect.objectContaining({ code: 'too-large', closeCode: 1009, offset: 7 }))
  })

  it("rejects the caller's mistakes", () => {
    expect(() => new FrameDecoder({ role: 'client', rsv: 8 })).toThrow(RangeError)
    expect(() => new FrameDecoder({ role: 'Server' as never })).toThrow(TypeError)
    expect(() => new FrameDecoder({ role: 'client' }).push('81' as never)).toThrow(TypeError)
    expect(() => new FrameDecoder({ role: 'client', limits: { maxFrameSize: -1 } })).toThrow(RangeError)
  })
})

it('a push does not change the current frame', () => {
  for (const setting of settings) {
    const decoder = new FrameDecoder({ role: 'client', ...setting })
    decoder.push(hex('82 05 48 65 6c 6c 6f'))
    expect(decoder.next()).toBe(true)
    decoder.push(hex('82 01 57'))
    expect(decoder.payload()).toEqual(hex('48 65 6c 6c 6f'))
    expect(decoder.text()).toBe('Hello')
    expect(decoder.next()).toBe(true)
    expect(decoder.text()).toBe('W')
    expect(decoder.next()).toBe(false)
  }
})

it('validates a text as it decodes it, owned or borrowed, whole or split', () => {
  const wrong = encodeFrame({ opcode: 1, payload: hex('61 c3 28'), maskKey: KEY })
  const right = encodeFrame({ opcode: 1, payload: '\ufeffKäse 世界 👋 and more than a few bytes', maskKey: KEY })
  for (const ownsChunks of [false, true])
    for (const cut of [0, 3, 9]) {
      const decoder = new FrameDecoder({ role: 'server', ownsChunks })
      for (const frame of [wrong, right]) {
        decoder.push(frame.slice(0, cut))
        decoder.push(frame.slice(cut))
      }
      expect([decoder.next(), decoder.validText()]).toEqual([true, undefined])
      expect(decoder.text()).toBe('a\ufffd(')
      expect(decoder.payload()).toEqual(hex('61 c3 28'))
      expect([decoder.next(), decoder.validText()]).toEqual([true, '\ufeffKäse 世界 👋 and more than a few bytes'])
      expect(decoder.text()).toBe('\ufeffKäse 世界 👋 and more than a few bytes')
    }
})
