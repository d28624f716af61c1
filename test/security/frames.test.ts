/**
 * Published holes of WebSocket libraries, tried on frames, messages, compression and peers that are silent or slow. SECURITY.md lists each
 * test by its title.
 *
 * @module
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { encodeFrame } from '../../src/frame/index.ts'
import {
  acceptHandshake,
  Connection,
  connectionOptions,
  offerHandshake,
  permessageDeflate,
  publicServerLimits,
  verifyHandshake,
} from '../../src/index.ts'
import { native } from '../../src/platform/native.ts'
import { open } from '../driver/opened.ts'
import { patient } from '../peers/support.ts'
import { receiveAll } from '../receive.ts'
import { concat, hex } from '../wire.ts'

vi.setConfig(patient)

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** The bytes that are in use after this and were not before. What it returns is kept until they are counted. */
function memoryOf(act: () => unknown): number {
  const inUse = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = inUse()
  const kept = act()
  const after = inUse()
  expect(kept).toBeDefined()
  return after - before
}

const MIB = 2 ** 20
const maskKey = Uint8Array.of(1, 2, 3, 4)
const roles = ['server', 'client'] as const
type Role = (typeof roles)[number]

/** A frame as a peer of this role receives it. */
const frameTo = (role: Role, opcode: number, payload: Uint8Array | string = '', more: object = {}): Uint8Array =>
  encodeFrame({ opcode, payload, ...(role === 'server' && { maskKey }), ...more })

/** The head of a binary frame with a 64-bit length, given in hexadecimal. */
const longHead = (role: Role, length: string): Uint8Array =>
  hex(role === 'server' ? `82 ff ${length} 01 02 03 04` : `82 7f ${length}`)

/** The code with which a connection ends when these bytes arrive. */
function codeAfter(connection: Connection, ...chunks: readonly Uint8Array[]): number | undefined {
  for (const chunk of chunks)
    for (const event of receiveAll(connection, chunk, 0)) if (event.type === 'close') return event.code
  return undefined
}

/** An agreement on permessage-deflate, and the options of a connection with it. */
function deflated(role: Role, codec = zlib, limits = {}) {
  const extensions = [permessageDeflate({ codec })]
  const offer = offerHandshake('ws://a.example/', { extensions })
  const accepted = acceptHandshake(offer.request, { extensions })
  if (!accepted.ok) throw accepted.errors[0]
  return new Connection(connectionOptions({ role, extensions, limits }), accepted)
}

/** So many zeros, compressed as in a message. */
const bomb = (size: number): Uint8Array =>
  deflateRawSync(new Uint8Array(size), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

const large = bomb(64 * MIB)

describe.each(roles)('a %s', (role) => {
  test('refuses lengths that overflow, at the header, and reads nothing more', () => {
    const lengths = {
      'ff ff ff ff ff ff ff ff': 1002,
      'ff ff ff ff ff ff ff fc': 1002,
      '80 00 00 00 00 00 00 00': 1002,
      '7f ff ff ff ff ff ff ff': 1009,
      '00 20 00 00 00 00 00 00': 1009,
      '00 1f ff ff ff ff ff ff': 1009,
      '00 00 00 01 00 00 00 00': 1009,
      '00 00 00 00 80 00 00 00': 1009,
      '00 00 00 00 00 00 00 05': 1002, // not the shortest form
    }
    for (const [length, code] of Object.entries(lengths)) {
      expect(codeAfter(new Connection({ role }), longHead(role, length)), length).toBe(code)
      const connection = new Connection({ role })
      const bytes = Array.from(longHead(role, length), (byte) => Uint8Array.of(byte))
      expect(codeAfter(connection, ...bytes), length).toBe(code)
      expect(connection.receive(frameTo(role, 1, 'more'), 0)).toEqual([])
    }
  })

  test('refuses a message that is too large before its payload arrives', () => {
    const limits = { maxMessageSize: 100 }
    expect(codeAfter(new Connection({ role, limits }), frameTo(role, 2, new Uint8Array(101)).subarray(0, 8))).toBe(1009)
    const parts = [frameTo(role, 2, new Uint8Array(60), { fin: false }), frameTo(role, 0, new Uint8Array(41))]
    expect(codeAfter(new Connection({ role, limits }), parts[0] as Uint8Array)).toBeUndefined()
    expect(codeAfter(new Connection({ role, limits }), concat(...parts).subarray(0, role === 'server' ? 72 : 64))).toBe(
      1009,
    )
  })

  test('allocates no memory for a payload that is only announced', () => {
    const options = connectionOptions({ role })
    const size = (16 * MIB).toString(16).padStart(16, '0')
    const memory = memoryOf(() =>
      Array.from({ length: 100 }, () => {
        const connection = new Connection(options)
        expect(codeAfter(connection, longHead(role, size), new Uint8Array(10))).toBeUndefined()
        return connection
      }),
    )
    expect(memory).toBeLessThan(MIB)
  })

  test('keeps little memory for many tiny fragments, and limits their number', () => {
    const options = connectionOptions({ role, limits: { maxFragments: 131_072 } })
    const tiny = frameTo(role, 0, 'x', { fin: false })
    const many = concat(...Array.from({ length: 1000 }, () => tiny))
    const memory = memoryOf(() =>
      Array.from({ length: 3 }, () => {
        const connection = new Connection(options)
        connection.receive(frameTo(role, 1, 'x', { fin: false }), 0)
        for (let i = 0; i < 131; i++) expect(codeAfter(connection, many)).toBeUndefined()
        return connection
      }),
    )
    expect(memory).toBeLessThan(3 * MIB) // 131 kB of data in each
    const limited = new Connection({ role, limits: publicServerLimits })
    const none = frameTo(role, 0, '', { fin: false })
    expect(
      codeAfter(limited, frameTo(role, 1, '', { fin: false }), concat(...Array.from({ length: 16_384 }, () => none))),
    ).toBe(1009)
  })

  test('keeps little memory for tiny chunks of one frame', () => {
    const options = connectionOptions({ role })
    const memory = memoryOf(() => {
      const connection = new Connection(options)
      connection.receive(longHead(role, '00 00 00 00 00 02 00 00'), 0)
      for (let i = 0; i < 131_071; i++) connection.receive(Uint8Array.of(0), 0)
      return connection
    })
    expect(memory).toBeLessThan(2 * MIB)
  })

  test.each([
    ['zlib', zlib],
    ['pako', pako],
  ])('stops inflating a bomb at the limit (%s)', (_, codec) => {
    const connection = deflated(role, codec, { maxMessageSize: MIB })
    const message = frameTo(role, 2, large, { rsv: 4 })
    expect(message.length).toBeLessThan(70_000)
    const { external } = process.memoryUsage()
    expect(codeAfter(connection, message)).toBe(1009)
    expect(process.memoryUsage().external - external).toBeLessThan(16 * MIB)
    const small = deflated(role, codec, { maxMessageSize: 16 * MIB, maxInflateRatio: 200 })
    expect(codeAfter(small, frameTo(role, 2, bomb(8 * MIB), { rsv: 4 }))).toBe(1009)
    // In fragments, none of which inflates to too much.
    const data = bomb(2 * MIB)
    const parts = Array.from({ length: 4 }, (_, i) =>
      data.subarray((i * data.length) >> 2, ((i + 1) * data.length) >> 2),
    )
    const fragments = parts.map((part, i) => frameTo(role, i ? 0 : 2, part, { rsv: i ? 0 : 4, fin: i === 3 }))
    expect(codeAfter(deflated(role, codec, { maxMessageSize: MIB }), ...fragments)).toBe(1009)
    expect(codeAfter(deflated(role, codec, { maxMessageSize: 2 * MIB }), ...fragments)).toBeUndefined()
  })

  test('refuses a compressed frame that nobody agreed on', () => {
    expect(codeAfter(new Connection({ role }), frameTo(role, 1, bomb(10), { rsv: 4 }))).toBe(1002)
    const connection = deflated(role)
    for (const frame of [
      frameTo(role, 9, '', { rsv: 4 }),
      frameTo(role, 8, '', { rsv: 4 }),
      concat(frameTo(role, 1, 'a', { fin: false }), frameTo(role, 0, 'b', { rsv: 4 })),
    ])
      expect(codeAfter(deflated(role), frame)).toBe(1002)
    expect(codeAfter(connection, frameTo(role, 1, 'plain'))).toBeUndefined()
  })

  test('refuses compressed data that is damaged or incomplete with 1007', () => {
    const whole = deflateRawSync('Hello, hello, hello', { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    expect(codeAfter(deflated(role), frameTo(role, 1, whole, { rsv: 4 }))).toBeUndefined()
    for (const data of [whole.subarray(0, -3), whole.subarray(0, 4), hex('ff ff ff'), hex('06'), hex('01 05 00 00 00')])
      expect(codeAfter(deflated(role), frameTo(role, 1, data, { rsv: 4 }))).toBe(1007)
  })

  test('refuses text that is not UTF-8 at its first bad byte', () => {
    const start = hex(role === 'server' ? '81 fe 10 00 00 00 00 00' : '81 7e 10 00')
    for (const bad of [
      'c0 80',
      'c1 bf',
      'e0 80 80',
      'ed a0 80',
      'f0 80 80 80',
      'f4 90 80 80',
      'f8',
      'ff',
      '80',
      'c3 28',
    ]) {
      const bytes = hex(bad)
      for (let at = 0; at <= 1; at++)
        expect(codeAfter(new Connection({ role }), start, bytes.subarray(0, at), bytes.subarray(at)), bad).toBe(1007)
    }
  })

  test('ends a flood of pings with 1008, and queues few pongs before that', () => {
    const ping = frameTo(role, 9, 'x'.repeat(125))
    const flood = concat(...Array.from({ length: 1000 }, () => ping))
    expect(codeAfter(new Connection({ role, limits: publicServerLimits }), flood)).toBe(1008)
    const unlimited = new Connection({ role })
    for (let i = 0; i < 30; i++) expect(codeAfter(unlimited, flood)).toBeUndefined()
    expect(unlimited.outputSize).toBeLessThan(64 * 140)
  })

  test('sends no memory that was never written', () => {
    const connection = new Connection({ role })
    const wrong = [20, [1, 2], { length: 20 }, null, new Float32Array(20), new ArrayBuffer(20)] as unknown[]
    for (const value of wrong) {
      expect(() => connection.ping(value as string)).toThrow(TypeError)
      expect(() => connection.pong(value as string)).toThrow(TypeError)
      expect(() => connection.close(1000, value as string)).toThrow(TypeError)
      expect(() => connection.sendText(value as string)).toThrow(TypeError)
      expect(() => connection.sendBinary(value as Uint8Array)).toThrow(TypeError)
    }
    expect([connection.state, connection.takeOutput()]).toEqual(['open', undefined])
    // Node takes small buffers out of a pool, which contains bytes of others.
    const pooled = Buffer.from('all of the secrets').subarray(0, 3)
    connection.sendBinary(pooled)
    connection.ping(pooled)
    const output = Buffer.from(connection.takeOutput() ?? [])
    expect(output).toHaveLength(role === 'server' ? 10 : 18)
    if (role === 'server') expect(output.toString('latin1')).toBe('\x82\x03all\x89\x03all')
    // The Node adapter takes memory for output, and for masked copies, out of that pool. Here it is full of what others left there.
    const allocate = vi.fn((size: number) => Buffer.alloc(size, 'secret '))
    const dirty = { ...native, allocate }
    const extensions = [permessageDeflate({ codec: zlib, threshold: 0 })]
    for (const options of [{}, { fragmentSize: 50 }, { extensions }]) {
      const agreed = 'extensions' in options ? { extensions } : {}
      const agreement = acceptHandshake(offerHandshake('ws://a.example/', agreed).request, agreed)
      if (!agreement.ok) throw agreement.errors[0]
      const [filled, clean] = [dirty, {}].map((native) => {
        const sender = new Connection(connectionOptions({ role, ...options, native }), agreement)
        const receiver = new Connection(
          connectionOptions({ role: role === 'server' ? 'client' : 'server', extensions }),
          agreement,
        )
        for (const size of [0, 1, 100, 3000, 70_000]) {
          sender.sendText('ä'.repeat(size))
          sender.sendBinary(new Uint8Array(size))
        }
        sender.ping('?')
        sender.close(1000, 'Käse')
        const sent = Buffer.from(sender.takeOutput() ?? [])
        return {
          length: sent.length,
          events: receiveAll(receiver, sent, 0),
          bytes: role === 'server' && sent.toString('latin1'),
        }
      })
      expect(filled).toEqual(clean)
      expect(JSON.stringify(filled?.events)).not.toContain('secret')
    }
    expect(allocate).toHaveBeenCalled()
  })
})

test('a server refuses frames without a mask, and a client masked ones', () => {
  expect(codeAfter(new Connection({ role: 'server' }), frameTo('client', 1, 'x'))).toBe(1002)
  expect(codeAfter(new Connection({ role: 'client' }), frameTo('server', 1, 'x'))).toBe(1002)
})

test('mask keys cannot be predicted: they are the bytes of the secure generator, each used once', () => {
  const COUNT = 20_000
  const generated: number[] = []
  const generate = globalThis.crypto.getRandomValues.bind(globalThis.crypto)
  const spy = vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((target) => {
    const bytes = Buffer.from((generate(target) as unknown as Uint8Array).slice())
    for (let at = 0; at < bytes.length; at += 4) generated.push(bytes.readUInt32BE(at))
    return target
  })
  const client = new Connection({ role: 'client' })
  const keys = Array.from({ length: COUNT }, () => {
    client.sendText('')
    return Buffer.from(client.takeOutput() ?? []).readUInt32BE(2)
  })
  spy.mockRestore()
  // The first keys may be left from before.
  const first = keys.indexOf(generated[0] as number)
  expect(first).toBeLessThan(1024)
  expect(keys.slice(first)).toEqual(generated.slice(0, COUNT - first))
  expect(new Set(keys).size).toBeGreaterThan(COUNT - 10)
  for (let bit = 0; bit < 32; bit++) {
    const share = keys.filter((each) => (each >>> bit) & 1).length / COUNT
    expect(Math.abs(share - 0.5), `bit ${bit}`).toBeLessThan(0.03)
    const changes = keys.filter((each, i) => i > 0 && ((each ^ (keys[i - 1] as number)) >>> bit) & 1).length / COUNT
    expect(Math.abs(changes - 0.5), `changes of bit ${bit}`).toBeLessThan(0.03)
  }
})

test('a server that answers with a window out of range is refused, and throws nothing later', () => {
  const extensions = [permessageDeflate({ codec: zlib })]
  const offer = offerHandshake('ws://a.example/', { extensions })
  const { response } = acceptHandshake(offer.request)
  for (const value of ['16', '7', '0', '-1', '99999999999', '1e1', '0x9', '08', '', '"15', '9.5'])
    for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
      const field: [string, string] = ['Sec-WebSocket-Extensions', `permessage-deflate; ${name}=${value}`]
      const answer = verifyHandshake({ ...response, headers: [...response.headers, field] }, offer)
      expect(answer, field[1]).toMatchObject({ ok: false, kind: 'invalid' })
      const asked = {
        ...offer.request,
        headers: [...offer.request.headers.filter(([name]) => !/ensions/.test(name)), field],
      }
      const accepted = acceptHandshake(asked, { extensions })
      expect(accepted.ok ? accepted.extensions : []).toEqual([])
    }
})

test('many connections that compress share few compressors', () => {
  let [open, most] = [0, 0]
  const codec = {
    ...zlib,
    createCompressor(settings: Parameters<typeof zlib.createCompressor>[0]) {
      const compressor = zlib.createCompressor(settings)
      most = Math.max(most, ++open)
      const compress: typeof compressor.compress = (...args) => compressor.compress(...args)
      return {
        compress,
        close() {
          open--
          compressor.close()
        },
      }
    },
  }
  const extensions = [permessageDeflate({ codec, threshold: 0, maxCompressors: 8 })]
  const accepted = acceptHandshake(offerHandshake('ws://a.example/', { extensions }).request, { extensions })
  if (!accepted.ok) throw accepted.errors[0]
  const options = connectionOptions({ role: 'server', extensions })
  const connections = Array.from({ length: 200 }, () => new Connection(options, accepted))
  for (let round = 0; round < 3; round++)
    for (const connection of connections) {
      connection.sendText('x'.repeat(1000))
      expect(connection.takeOutput()?.length).toBeLessThan(100)
    }
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(8)
})

test('a secret that is sent with `compress: false` is neither compressed nor in the window', () => {
  const secret = 'csrf-token=5f4dcc3b5aa765d61d8327deb882cf99'
  const guesses = [secret, 'csrf-token=91b8ae7f20cd4c6e3b5d90fa17e2c846']
  /** The size on the wire of a guess that follows the secret. */
  const sizeOf = (guess: string, compress: boolean): number => {
    const server = deflated('server')
    const send = (text: string, compress: boolean): number => {
      server.sendText(text.padEnd(1100, '.'), { compress })
      return server.takeOutput()?.length ?? 0
    }
    const size = send(secret, compress)
    expect(size === 1104).toBe(!compress)
    return send(guess, true)
  }
  const differences = [true, false].map((compress) => {
    const [right = 0, wrong = 0] = guesses.map((guess) => sizeOf(guess, compress))
    return wrong - right
  })
  expect(differences[0]).toBeGreaterThan(15) // what an attacker would see
  expect(Math.abs(differences[1] as number)).toBeLessThanOrEqual(3)
})

test('a peer that sends and does not read is not read either, and ends by keepalive', async () => {
  const { clock, stream, peer } = await open({ message: (from, data) => from.send(data) })
  stream.takes = false
  let sent = 0
  while (stream.flowing && sent < 10_000_000) {
    stream.data(frameTo('server', 1, 'x'.repeat(10_000)))
    await clock.settle()
    sent += 10_000
  }
  expect(sent).toBeLessThan(400_000)
  expect(peer.full).toBe(true)
  await clock.advance(90_000)
  expect([peer.closed?.code, stream.destroyed]).toEqual([1006, true])
})

test('a peer that vanishes ends within `keepalive`, and one that never answers a Close within `closeTimeout`', async () => {
  const silent = await open()
  await silent.clock.advance(60_000)
  expect([silent.peer.closed?.code, silent.stream.destroyed]).toEqual([1006, true])
  const closing = await open()
  closing.peer.close(1000)
  for (let i = 0; i < 10; i++) {
    await closing.clock.advance(1000)
    closing.stream.data(frameTo('server', 9, 'bytes renew no deadline'))
  }
  await closing.clock.advance(1)
  expect([closing.peer.closed?.code, closing.stream.destroyed]).toEqual([1006, true])
})

test('peers that are gone leave no socket or timer', async () => {
  const peers = await Promise.all(Array.from({ length: 100 }, () => open()))
  for (const [i, { stream }] of peers.entries()) {
    if (i % 3 === 0) stream.emit('error', new Error('ECONNRESET'))
    else if (i % 3 === 1) stream.emit('end')
    else stream.emit('close')
  }
  for (const { clock, endpoint, stream } of peers) {
    await clock.advance(30_000)
    await endpoint.close()
    // A late error of the socket must not end the process.
    const listeners = stream.eventNames().filter((name) => name !== 'error')
    expect([endpoint.peers.size, stream.destroyed, listeners, clock.timers.size]).toEqual([0, true, [], 0])
  }
})
