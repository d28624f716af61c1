// Extensions of a connection, by exact bytes: their order, their RSV bits, their arguments and their end.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionClosed } from '../../src/connection/events.ts'
import { snapshotConnection, startMessage } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { ProtocolError } from '../../src/errors.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import type { DefinedExtension } from '../../src/extensions/extension.ts'
import type { PieceInfo, Transform } from '../../src/frame/transform.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { receiveAll } from '../receive.ts'
import { concat, hex, splits } from '../wire.ts'

function extension(name: string, rsv: number, transform: Transform | (() => Transform)): DefinedExtension {
  const open = typeof transform === 'function' ? transform : () => transform
  return defineExtension({ name, rsv, offer: () => [{}], accept: () => undefined, verify: () => undefined, open })
}

/** Appends a mark to each outgoing message, and removes it from incoming ones. */
function marking(name: string, rsv: number, mark: number): DefinedExtension {
  return extension(name, rsv, () => {
    let held = new Uint8Array(0)
    return {
      encode: (piece, { last }) => (last ? concat(piece, Uint8Array.of(mark)) : piece),
      decode(piece, { first, last }) {
        held = first ? Uint8Array.from(piece) : concat(held, piece)
        if (!last) return new Uint8Array(0)
        if (held.at(-1) !== mark) throw new ProtocolError('extension-data', `no ${name}`, { closeCode: 1007 })
        return held.slice(0, -1)
      },
    }
  })
}

function connect(extensions: readonly DefinedExtension[], options: Partial<ConnectionOptions> = {}): Connection {
  const agreed = extensions.map(({ name }) => ({ name, params: {} }))
  const maskKeys = () => hex('00 00 00 00')
  return new Connection({
    role: 'client',
    maskKeys,
    agreement: { subprotocol: undefined, extensions: agreed },
    extensions,
    ...options,
  })
}

const a = marking('a', Rsv.RSV2, 0x0a)
const b = marking('b', Rsv.RSV3, 0x0b)

describe('the order of two extensions (RFC 6455 §9.1)', () => {
  test('is that of the agreement for outgoing messages', () => {
    const connection = connect([a, b], { role: 'server' })
    connection.sendText('x')
    expect(connection.takeOutput()).toEqual(hex('b1 03 78 0a 0b'))
    connection.sendBinary(hex('01'))
    expect(connection.takeOutput()).toEqual(hex('b2 03 01 0a 0b'))
  })

  test('is reversed for incoming messages, however the bytes are split', () => {
    for (const chunks of splits(hex('b1 03 78 0a 0b  31 01 79 00 00 80 02 0a 0b'))) {
      const connection = connect([a, b])
      expect(chunks.flatMap((chunk) => [...connection.receive(chunk)])).toEqual([
        { type: 'text', data: 'x', first: true, last: true },
        { type: 'text', data: 'y', first: true, last: true },
      ])
    }
  })

  test('skips extensions whose bits a message does not have', () => {
    const received = connect([a, b]).receive(hex('a1 02 78 0a  91 02 79 0b  81 01 7a'))
    expect(received.map((event) => event.type === 'text' && event.data)).toEqual(['x', 'y', 'z'])
  })
})

test('an extension without bits works on every message', () => {
  const connection = connect([marking('quiet', 0, 0x0c)], { role: 'server' })
  connection.sendText('x')
  expect(connection.takeOutput()).toEqual(hex('81 02 78 0c'))
  expect(connect([marking('quiet', 0, 0x0c)]).receive(hex('81 02 78 0c  82 01 0c'))).toEqual([
    { type: 'text', data: 'x', first: true, last: true },
    { type: 'binary', data: new Uint8Array(0), first: true, last: true },
  ])
})

test('control frames pass between the pieces of a message, untouched', () => {
  const connection = connect([a])
  expect(connection.receive(hex('21 01 78  89 01 07  80 02 79 0a'))).toEqual([
    { type: 'ping', data: hex('07') },
    { type: 'text', data: 'xy', first: true, last: true },
  ])
  connection.ping(hex('08'))
  expect(connection.takeOutput()).toEqual(hex('8a 81 00 00 00 00 07  89 81 00 00 00 00 08'))
})

describe('the arguments of a transform', () => {
  function recording(): { calls: PieceInfo[]; extension: DefinedExtension } {
    const calls: PieceInfo[] = []
    const note = (piece: Uint8Array, info: PieceInfo): Uint8Array => {
      calls.push({ ...info })
      return piece
    }
    return { calls, extension: extension('r', Rsv.RSV1, { encode: note, decode: note }) }
  }

  test('for a message in pieces: the position of each piece, and the remaining bytes', () => {
    const { calls, extension: recorder } = recording()
    const connection = connect([recorder], { limits: { maxMessageSize: 10 } })
    connection.receive(hex('42 02 01'))
    connection.receive(hex('02  80 03 03 04 05'))
    expect(calls).toEqual([
      { opcode: 2, first: true, last: false, remaining: 10, wanted: 262_144, compress: undefined },
      { opcode: 2, first: false, last: false, remaining: 9, wanted: 262_144, compress: undefined },
      { opcode: 2, first: false, last: true, remaining: 8, wanted: 262_144, compress: undefined },
    ])
  })

  test('for an outgoing message: its sender’s options', () => {
    const { calls, extension: recorder } = recording()
    const connection = connect([recorder])
    connection.sendText('a')
    connection.sendText('a', { compress: true })
    connection.sendBinary(hex('01'), { compress: false })
    expect(calls.map(({ opcode, compress }) => [opcode, compress])).toEqual([
      [1, undefined],
      [1, true],
      [2, false],
    ])
  })

  test('the params of the agreement, and the role', () => {
    const opened: unknown[] = []
    const asking = defineExtension({
      ...extension('asking', Rsv.RSV1, { encode: (piece) => piece, decode: (piece) => piece }),
      open(params, role) {
        opened.push(params, role)
        return { encode: (piece) => piece, decode: (piece) => piece }
      },
    })
    const agreement = { subprotocol: undefined, extensions: [{ name: 'asking', params: { level: 3 } }] }
    new Connection({ role: 'server', agreement, extensions: [b, asking, a] })
    expect(opened).toEqual([{ level: 3 }, 'server'])
  })
})

describe('of outgoing messages', () => {
  test('a message that an extension does not encode has no bits', () => {
    const shy = extension('shy', Rsv.RSV1, { encode: () => undefined, decode: (piece) => piece })
    const connection = connect([shy, a], { role: 'server' })
    connection.sendText('x')
    expect(connection.takeOutput()).toEqual(hex('a1 02 78 0a'))
  })

  test('only the first frame has bits (RFC 7692 §6)', () => {
    const connection = connect([a], { role: 'server', fragmentSize: 2 })
    connection.sendText('xyz')
    expect(connection.takeOutput()).toEqual(hex('21 02 78 79  80 02 7a 0a'))
  })

  test('nothing is sent after a message that was encoded but could not be framed', () => {
    let fails = true
    const maskKeys = () => {
      if (fails) throw new Error('no key')
      return hex('00 00 00 00')
    }
    const connection = connect([a], { maskKeys })
    expect(() => connection.sendText('x')).toThrow('no key')
    fails = false
    expect(() => connection.sendText('y')).toThrow('no key')
    expect(connection.takeOutput()).toBeUndefined()
  })
})

const closed = (code: string, closeCode: number) =>
  expect.objectContaining({ type: 'close', code: closeCode, error: expect.objectContaining({ code, closeCode }) })

describe('an error of the peer', () => {
  test('that an extension finds closes the connection with its code', () => {
    const connection = connect([a])
    expect(connection.receive(hex('a1 01 78  81 01 79'))).toEqual([closed('extension-data', 1007)])
    expect(connection.takeOutput()).toEqual(hex('88 82 00 00 00 00 03 ef'))
  })

  test('bits without an extension, or half of the bits of one', () => {
    expect(connect([a]).receive(hex('91 01 78'))).toEqual([closed('reserved-bits', 1002)])
    expect(connect([marking('two', Rsv.RSV2 | Rsv.RSV3, 0)]).receive(hex('91 01 78'))).toEqual([
      closed('reserved-bits', 1002),
    ])
  })

  test('bits on a continuation or a control frame', () => {
    expect(connect([a]).receive(hex('21 01 78  a0 01 0a'))).toEqual([closed('reserved-bits', 1002)])
    expect(connect([a]).receive(hex('a9 00'))).toEqual([closed('reserved-bits', 1002)])
  })

  test('text that is UTF-8 on the wire but not after decoding', () => {
    const flipping = extension('flip', Rsv.RSV1, {
      encode: (piece) => piece,
      decode: (piece) => piece.map((byte) => byte ^ 0x80),
    })
    expect(connect([flipping]).receive(hex('c1 01 78'))).toEqual([closed('utf8', 1007)])
  })

  const doubling = (times: number): DefinedExtension =>
    extension('grow', Rsv.RSV1, { encode: (piece) => piece, decode: (piece) => new Uint8Array(piece.length * times) })

  test('message decodes to more than limits allow', () => {
    const limits = { maxMessageSize: 9 }
    expect(connect([doubling(3)], { limits }).receive(hex('c2 03 01 02 03'))).toHaveLength(1)
    expect(connect([doubling(4)], { limits }).receive(hex('c2 03 01 02 03'))).toEqual([closed('too-large', 1009)])
    expect(connect([doubling(4)], { limits }).receive(hex('42 01 01  00 01 02  80 01 03'))).toEqual([
      closed('too-large', 1009),
    ])
  })

  test('a message whose ratio is above the limit, from 1 MiB on', () => {
    const limits = { maxInflateRatio: 100 }
    const within = receiveAll(connect([doubling(2 ** 20)], { limits }), hex('c2 01 01'))
    expect(within).toMatchObject([{ type: 'binary' }])
    expect(connect([doubling(2 ** 20 + 1)], { limits }).receive(hex('c2 01 01'))).toEqual([closed('too-large', 1009)])
  })
})

describe('the end', () => {
  test.each<[string, (connection: Connection) => void]>([
    [
      'both have closed',
      (connection) => {
        connection.receive(hex('88 00'))
        connection.takeOutput()
      },
    ],
    ['the transport has ended', (connection) => void connection.receiveEnd()],
    [
      'the peer broke a rule',
      (connection) => {
        connection.receive(hex('83 00'))
        connection.takeOutput()
      },
    ],
  ])('closes each extension once: %s', (_, end) => {
    let closes = 0
    const ending = extension('ending', Rsv.RSV1, {
      encode: (piece) => piece,
      decode: (piece) => piece,
      close: () => void closes++,
    })
    const connection = connect([ending])
    expect(closes).toBe(0)
    end(connection)
    connection.receiveEnd()
    connection.receiveEnd()
    expect(closes).toBe(1)
  })
})

test('an agreement on a missing extension is the caller’s mistake', () => {
  const agreement = { subprotocol: undefined, extensions: [{ name: 'a', params: {} }] }
  expect(() => new Connection({ role: 'client', agreement })).toThrow(TypeError)
  expect(() => new Connection({ role: 'client', agreement, extensions: [b] })).toThrow('"a"')
})

test('extensions without an agreement are the caller’s mistake', () => {
  expect(() => new Connection({ role: 'server', extensions: [a] })).toThrow(/need an `agreement`/)
  expect(() => new Connection({ role: 'server', extensions: [] })).not.toThrow()
})

describe('an error from an extension other than a ProtocolError', () => {
  const boom = new Error('boom')
  const failing = () =>
    connect(
      [
        extension('failing', Rsv.RSV2, {
          encode: (piece) => piece,
          decode() {
            throw boom
          },
        }),
      ],
      { role: 'server', keepalive: { interval: 10, timeout: 10 } },
    )
  const bad = hex('a1 81 00 00 00 00 78')
  const afterEvents = concat(hex('81 81 00 00 00 00 79'), bad)
  const none = new Uint8Array(0)
  const thrown = (act: () => unknown): unknown => {
    try {
      act()
    } catch (error) {
      return error
    }
    return undefined
  }

  test('is thrown by receive every time; sending still works', () => {
    const connection = failing()
    for (const chunk of [bad, hex('81'), hex('81')]) expect(thrown(() => connection.receive(chunk))).toBe(boom)
    expect([connection.state, connection.hasPending, connection.sendText('x')]).toEqual(['open', false, true])
    expect(connection.takeOutput()).toEqual(hex('a1 01 78'))
  })

  test('after events it is pending, and the next receive throws it', () => {
    const connection = failing()
    expect(connection.receive(afterEvents)).toMatchObject([{ data: 'y' }])
    expect(connection.hasPending).toBe(true)
    expect(thrown(() => connection.receive(none))).toBe(boom)
    expect(connection.hasPending).toBe(false)
  })

  test('after events it is thrown by poll, once', () => {
    const connection = failing()
    connection.receive(afterEvents, 0)
    expect(thrown(() => connection.poll(1))).toBe(boom)
    expect([connection.hasPending, connection.poll(1)]).toEqual([false, []])
  })

  test.each<[string, (connection: Connection) => readonly ConnectionClosed[]]>([
    ['the transport ends', (connection) => connection.receiveEnd()],
    [
      'it times out',
      (connection) => {
        thrown(() => connection.poll(10))
        return [20, 25, 30, 40].flatMap((now) => [...connection.poll(now)])
      },
    ],
  ])('is the cause of the close event if %s, thrown before or not', (_, end) => {
    for (const isThrown of [false, true]) {
      const connection = failing()
      connection.receive(afterEvents, 0)
      if (isThrown) thrown(() => connection.receive(none))
      const [event, ...more] = end(connection)
      expect([event?.type, event?.code, more]).toEqual(['close', 1006, []])
      expect(event?.cause).toBe(boom)
      expect([connection.hasPending, connection.receive(hex('81')), connection.receiveEnd()]).toEqual([false, [], []])
    }
  })

  test('is the cause of the close event if the transport has ended before everything was read', () => {
    const connection = failing()
    const large = Buffer.concat([hex('82 ff 00 00 00 00 00 04 00 00 00 00 00 00'), new Uint8Array(2 ** 18)])
    connection.receive(concat(large, large, afterEvents))
    expect(connection.receiveEnd()).toEqual([])
    connection.receive(none)
    const events = connection.receive(none)
    expect(events.map(({ type }) => type)).toEqual(['text', 'close'])
    expect((events[1] as ConnectionClosed).cause).toBe(boom)
  })

  test('prevents a snapshot', () => {
    const connection = failing()
    connection.receive(afterEvents)
    expect(snapshotConnection(connection)).toBeUndefined()
  })

  test('a close event without it has no cause', () => {
    expect('cause' in (connect([]).receiveEnd()[0] as ConnectionClosed)).toBe(false)
  })
})

describe('an empty piece', () => {
  interface Call {
    readonly size: number
    readonly first: boolean
    readonly last: boolean
  }
  const noting = (calls: Call[]): DefinedExtension =>
    extension('noting', Rsv.RSV2, {
      encode: (piece) => piece,
      decode(piece, { first, last }) {
        calls.push({ size: piece.length, first, last })
        return piece
      },
    })

  test('is the last of its message, and the first only of an empty message, however the bytes are split', () => {
    const frames = hex('a1 02 78 79  21 00 00 00 00 01 7a 00 00 80 00  21 00 80 00  21 01 78 89 00 80 01 79')
    for (const chunks of splits(frames)) {
      const calls: Call[] = []
      const connection = connect([noting(calls)])
      const events = chunks.flatMap((chunk) => [...connection.receive(chunk)])
      expect(events.map((event) => ('data' in event ? event.data : event))).toEqual([
        'xy',
        'z',
        '',
        new Uint8Array(0),
        'xy',
      ])
      for (const { size, first, last } of calls)
        expect(size > 0 || last, JSON.stringify({ size, first, last })).toBe(true)
      expect(calls.filter(({ size, first }) => size === 0 && first)).toHaveLength(1)
      expect(calls.filter(({ first }) => first)).toHaveLength(4)
      expect(calls.filter(({ last }) => last)).toHaveLength(4)
    }
  })

  test('of another extension is not a first piece either', () => {
    const calls: Call[] = []
    const holding = marking('b', Rsv.RSV3, 0x0b)
    for (const chunks of splits(hex('31 01 78 00 01 79 80 01 0b'))) {
      calls.length = 0
      const connection = connect([noting(calls), holding])
      expect(chunks.flatMap((chunk) => [...connection.receive(chunk)])).toMatchObject([{ data: 'xy' }])
      expect(calls).toEqual([{ size: 2, first: true, last: true }])
    }
  })

  test('still counts as a fragment', () => {
    for (const chunks of splits(hex('21 00 00 00 00 00 80 01 78'))) {
      const connection = connect([noting([])], { limits: { maxFragments: 3 } })
      const events = chunks.flatMap((chunk) => [...connection.receive(chunk)])
      expect(events).toEqual([closed('too-many', 1009)])
    }
  })
})

describe('a result of an extension with the wrong type is a TypeError that names it', () => {
  const answering = (members: object) =>
    connect([extension('odd', Rsv.RSV2, { encode: (piece) => piece, decode: (piece) => piece, ...members })])

  test.each<[string, object, RegExp]>([
    ['a promise for bytes', { decode: async (piece: Uint8Array) => piece }, /`odd.decode`.*a promise/],
    ['nothing', { decode: () => undefined }, /`odd.decode`.*undefined/],
    ['text', { decode: () => 'x' }, /`odd.decode`.*a string/],
    ['a promise for hasMore', { hasMore: async () => false }, /`odd.hasMore`.*a promise/],
    ['a number for hasMore', { hasMore: () => 1 }, /`odd.hasMore`.*a number/],
  ])('%s', (_, members, message) => {
    const connection = answering(members)
    expect(() => connection.receive(hex('a1 01 78'))).toThrow(TypeError)
    expect(() => connection.receive(hex('a1 01 78'))).toThrow(message)
  })

  test.each<[string, unknown, RegExp]>([
    ['a promise', Promise.resolve(hex('00')), /a promise/],
    ['a string', 'x', /a string/],
    ['null', null, /null/],
    ['an array', [1], /an array/],
    ['numbers of another size', new Uint16Array(1), /a Uint16Array/],
  ])('%s for encode', (_, answer, found) => {
    const connection = answering({ encode: () => answer })
    expect(() => connection.sendText('a')).toThrow(TypeError)
    expect(() => connection.sendText('a')).toThrow(/`odd.encode` must return a Uint8Array or undefined/)
    expect(() => connection.sendText('a')).toThrow(found)
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('nothing for a piece of a message that it has begun to encode', () => {
    const connection = answering({ encode: (piece: Uint8Array, { first }: PieceInfo) => (first ? piece : undefined) })
    const message = startMessage(connection, 'text')
    message.write('a')
    expect(() => message.write('b')).toThrow(/`odd.encode` must return a Uint8Array, .*undefined/)
  })

  test.each([null, 5, 'x', {}, { encode: () => undefined }, Promise.resolve({})])('open that returns %j', (opened) => {
    expect(() => connect([defineExtension({ ...a, open: () => opened as never })])).toThrow(
      /`a.open` must return an object/,
    )
  })
})

test('an extension that always has more but returns nothing throws a TypeError that names it', () => {
  const endless = extension('endless', Rsv.RSV2, {
    encode: (piece) => piece,
    decode: () => hex(''),
    hasMore: () => true,
  })
  expect(() => connect([endless]).receive(hex('a1 01 78'))).toThrow(TypeError)
  expect(() => connect([endless]).receive(hex('a1 01 78'))).toThrow(/`endless.hasMore` stays true/)
})

describe('an extension must not call back while it decodes', () => {
  test.each<[string, (connection: Connection) => unknown]>([
    ['receive', (connection) => connection.receive(hex('81 00'))],
    ['receiveEnd', (connection) => connection.receiveEnd()],
    ['poll', (connection) => connection.poll(1)],
    ['takeOutput', (connection) => connection.takeOutput()],
    ['close', (connection) => connection.close()],
    ['ping', (connection) => connection.ping()],
    ['snapshot', (connection) => snapshotConnection(connection)],
  ])('%s', (_, act) => {
    const calling = extension('calling', Rsv.RSV2, {
      encode: (piece) => piece,
      decode(piece) {
        act(connection)
        return piece
      },
    })
    const connection = connect([calling], { keepalive: { interval: 1, timeout: 1 } })
    expect(() => connection.receive(hex('a1 01 78'))).toThrow(TypeError)
    expect(connection.state).toBe('open')
    expect(connection.takeOutput()).toBeUndefined()
  })
})

describe('the error for a message that decodes to too many bytes names the limit that applies', () => {
  test.each([
    [{ maxMessageSize: 20 }, 'message decodes to more than 20 bytes; limits.maxMessageSize is 20'],
    [{ maxMessageSize: 20, maxInflateRatio: 2 }, 'limits.maxMessageSize is 20'],
    [{ maxInflateRatio: 2 }, 'message decodes to more than 1048576 bytes; limits.maxInflateRatio is 2'],
  ])('%j', (limits, message) => {
    const expanding = extension('x', Rsv.RSV2, { encode: (piece) => piece, decode: () => new Uint8Array(2 ** 21) })
    const [event] = connect([expanding], { limits }).receive(hex('a2 01 00'))
    expect((event as ConnectionClosed).error).toMatchObject({ code: 'too-large', closeCode: 1009 })
    expect((event as ConnectionClosed).error?.message).toContain(message)
  })
})
