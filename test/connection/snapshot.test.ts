// A connection that is resumed from JSON, at every byte of its input, and with pending output.
import { describe, expect, test } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import {
  Connection,
  type ConnectionSnapshot,
  type DefinedExtension,
  defineExtension,
  permessageDeflate,
  Rsv,
  resumeConnection,
  snapshotConnection,
  startMessage,
} from '../../src/index.ts'
import { concat, hex } from '../wire.ts'

const agreed = (name: string, params: unknown) => ({ subprotocol: 'chat', extensions: [{ name, params }] })

/** Converts a snapshot as a store does. */
function store(snapshot: ConnectionSnapshot | undefined): ConnectionSnapshot {
  if (snapshot === undefined) throw new Error('it cannot move')
  expect(structuredClone(snapshot)).toEqual(snapshot)
  return JSON.parse(JSON.stringify(snapshot))
}

const streams: readonly [title: string, bytes: string][] = [
  ['texts and binary messages', '81 05 48 65 6c 6c 6f  82 03 00 ff 80  81 00'],
  ['a character that fragments cut, a ping between', '01 02 e4 b8  89 03 01 02 03  00 00  80 01 96  81 01 61'],
  ['a long header', `82 7e 01 00 ${'07 '.repeat(256)} 81 01 62`],
  ['a Close with a reason', '81 01 61  88 05 03 e8 62 79 65'],
  ['an error after a message', '81 01 61  83 00'],
  ['no UTF-8 across fragments', '01 01 c3  80 01 28'],
]

describe('at every byte of the input', () => {
  test.each(streams)('%s', (_, stream) => {
    const bytes = hex(stream)
    for (const options of [{}, { pieces: true as boolean }, { text: 'bytes' as const, ownsChunks: true }]) {
      for (let place = 0; place <= bytes.length; place++) {
        const straight = new Connection<'string' | 'bytes', boolean>({
          role: 'client',
          maskKeys: () => hex('00 00 00 00'),
          ...options,
        })
        const before = new Connection<'string' | 'bytes', boolean>({
          role: 'client',
          maskKeys: () => hex('00 00 00 00'),
          ...options,
        })
        const expected = [...straight.receive(bytes.slice(0, place)), ...straight.receive(bytes.slice(place))]
        const events = [...before.receive(bytes.slice(0, place))]
        const after = resumeConnection<'string' | 'bytes', boolean>(store(snapshotConnection(before)), {
          maskKeys: () => hex('00 00 00 00'),
          ...options,
        })
        expect(after.state).toBe(before.state)
        events.push(...after.receive(bytes.slice(place)))
        expect(events).toEqual(expected)
        expect(after.takeOutput()).toEqual(straight.takeOutput())
        expect([after.state, after.transport, after.role]).toEqual([straight.state, straight.transport, straight.role])
      }
    }
  })

  test('continues inside a masked payload, with its key', () => {
    const frames = hex('82 88 37 fa 21 3d 36 f8 22 39 32 fc 26 35')
    for (let place = 0; place <= frames.length; place++) {
      const before = new Connection({ role: 'server' })
      const events = [...before.receive(frames.slice(0, place))]
      events.push(...resumeConnection(store(snapshotConnection(before))).receive(frames.slice(place)))
      expect(events).toMatchObject([{ type: 'binary', data: hex('01 02 03 04 05 06 07 08') }])
    }
  })
})

describe('with output', () => {
  test('contains pending output, and the Close after it', () => {
    const before = new Connection({ role: 'server' })
    before.sendText('a')
    before.ping('b')
    before.close(1001)
    const after = resumeConnection(store(snapshotConnection(before)))
    expect(after.state).toBe('closing')
    expect(after.sendText('c')).toBe(false)
    expect(after.takeOutput()).toEqual(hex('81 01 61  89 01 62  88 02 03 e9'))
    expect(after.receive(hex('88 82 00 00 00 00 03 e9'))).toMatchObject([{ type: 'close', code: 1001, clean: true }])
    expect(after.transport).toBe('end')
  })

  test('contains a message in pieces, including half a surrogate pair', () => {
    const before = new Connection({ role: 'server' })
    startMessage(before, 'text').write('a\ud83d')
    const after = resumeConnection(store(snapshotConnection(before)))
    expect(() => after.sendText('x')).toThrow(TypeError)
    expect(after.send({ type: 'text', data: '\ude00', first: false, last: true })).toBe(true)
    expect(after.takeOutput()).toEqual(hex('01 01 61  80 04 f0 9f 98 80'))
  })

  test('does not contain output that was taken before', () => {
    const before = new Connection({ role: 'server' })
    before.sendText('a')
    before.takeOutput()
    expect(resumeConnection(store(snapshotConnection(before))).takeOutput()).toBeUndefined()
  })
})

describe.each([zlib, pako])('permessage-deflate by $name', (codec) => {
  const params = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 10,
  }
  const agreement = agreed('permessage-deflate', params)
  const text = JSON.stringify(Array.from({ length: 60 }, (_, id) => ({ id, name: `name ${id}` })))
  const extensions = [permessageDeflate({ codec, threshold: 0 })]

  test('includes both windows, and can resume with another object of the extension', () => {
    const elsewhere = [permessageDeflate({ codec, threshold: 0 })]
    let server = new Connection({ role: 'server', agreement, extensions })
    let client = new Connection({ role: 'client', agreement, extensions })
    const sizes: number[] = []
    for (let round = 0; round < 5; round++) {
      for (const [from, to] of [
        [server, client],
        [client, server],
      ] as const) {
        from.sendText(text)
        const bytes = from.takeOutput() as Uint8Array
        sizes.push(bytes.length)
        expect(to.receive(bytes)).toEqual([{ type: 'text', data: text, first: true, last: true }])
      }
      server = resumeConnection(store(snapshotConnection(server)), {
        extensions: round % 2 === 0 ? elsewhere : extensions,
      })
      client = resumeConnection(store(snapshotConnection(client)), { extensions: elsewhere })
    }
    // It continues from its window: a repetition costs almost nothing.
    expect(sizes[2]).toBeLessThan((sizes[0] as number) / 2)
  })

  test('cannot be taken inside an incoming message', () => {
    const server = new Connection({ role: 'server', agreement, extensions, fragmentSize: 10 })
    const client = new Connection({ role: 'client', agreement, extensions })
    server.sendText(text)
    const bytes = server.takeOutput() as Uint8Array
    client.receive(bytes.slice(0, 30))
    expect(snapshotConnection(client)).toBeUndefined()
    expect(client.receive(bytes.slice(30))).toHaveLength(1)
    expect(snapshotConnection(client)).toBeDefined()
  })
})

test('an extension without snapshot cannot move, and one with a null state can', () => {
  const same = (piece: Uint8Array): Uint8Array => piece
  const made = (snapshot?: () => unknown) =>
    defineExtension({
      name: 'x',
      rsv: Rsv.RSV2,
      offer: () => [{}],
      accept: () => undefined,
      verify: () => undefined,
      open: () => ({ encode: same, decode: same, ...(snapshot && { snapshot }) }),
    })
  const connect = (extension: DefinedExtension) =>
    new Connection({ role: 'server', agreement: agreed('x', {}), extensions: [extension] })
  expect(snapshotConnection(connect(made()))).toBeUndefined()
  expect(snapshotConnection(connect(made(() => undefined)))).toBeUndefined()
  const after = resumeConnection(store(snapshotConnection(connect(made(() => null)))), {
    extensions: [made(() => null)],
  })
  after.sendText('a')
  expect(after.takeOutput()).toEqual(hex('a1 01 61'))
  expect(snapshotConnection(after)?.agreement).toEqual(agreed('x', {}))
})

test('an invalid snapshot is a TypeError', () => {
  const snapshot = store(snapshotConnection(new Connection({ role: 'server' })))
  expect(() => resumeConnection({ ...snapshot, format: 1 as never })).toThrow(TypeError)
  expect(() => resumeConnection(undefined as never)).toThrow(TypeError)
  expect(() => resumeConnection({ ...snapshot, role: 'neither' as never })).toThrow(TypeError)
  const lifecycle = { state: 'constructor' }
  expect(() => resumeConnection({ ...snapshot, state: { ...snapshot.state, lifecycle } })).toThrow(TypeError)
})

test('received bytes are still counted: an error’s offset is relative to the whole stream', () => {
  const before = new Connection({ role: 'client' })
  before.receive(concat(hex('81 01 61'), hex('81 01 62')))
  const [event] = resumeConnection(store(snapshotConnection(before))).receive(hex('81 01 63 83 00'))
  expect(event).toMatchObject({ type: 'text' })
  const after = resumeConnection(store(snapshotConnection(before)))
  const events = after.receive(hex('83 00'))
  expect(events).toMatchObject([{ type: 'close', error: { offset: 6 } }])
})
