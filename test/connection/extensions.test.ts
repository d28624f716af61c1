// Extensions at work in a connection, by exact bytes: their order, their bits, what they are told, and their end.
import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { ProtocolError } from '../../src/errors.ts'
import type { PieceInfo, Transform } from '../../src/frame/transform.ts'
import type { Extension } from '../../src/handshake/extension.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { concat, hex, splits } from '../wire.ts'

function extension(name: string, rsv: number, transform: Transform | (() => Transform)): Extension {
  const open = typeof transform === 'function' ? transform : () => transform
  return { name, rsv, offer: () => [{}], accept: () => undefined, verify: () => undefined, open }
}

/** Ends each message with a mark, and takes it off again once it is whole. */
function marking(name: string, rsv: number, mark: number): Extension {
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

function connect(extensions: readonly Extension[], options: Partial<ConnectionOptions> = {}): Connection {
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
  test('is that of the agreement on the way out', () => {
    const connection = connect([a, b], { role: 'server' })
    connection.sendText('x')
    expect(connection.takeOutput()).toEqual(hex('b1 03 78 0a 0b'))
    connection.sendBinary(hex('01'))
    expect(connection.takeOutput()).toEqual(hex('b2 03 01 0a 0b'))
  })

  test('is the other way round on the way in, however the bytes come', () => {
    for (const chunks of splits(hex('b1 03 78 0a 0b  31 01 79 00 00 80 02 0a 0b'))) {
      const connection = connect([a, b])
      expect(chunks.flatMap((chunk) => [...connection.receive(chunk)])).toEqual([
        { type: 'text', data: 'x', first: true, last: true },
        { type: 'text', data: 'y', first: true, last: true },
      ])
    }
  })

  test('leaves those out whose bits a message does not carry', () => {
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

describe('what a transform is told', () => {
  function recording(): { calls: PieceInfo[]; extension: Extension } {
    const calls: PieceInfo[] = []
    const note = (piece: Uint8Array, info: PieceInfo): Uint8Array => {
      calls.push({ ...info })
      return piece
    }
    return { calls, extension: extension('r', Rsv.RSV1, { encode: note, decode: note }) }
  }

  test('of a message that comes in pieces: where each stands, and what may still come', () => {
    const { calls, extension: recorder } = recording()
    const connection = connect([recorder], { limits: { maxMessageSize: 10 } })
    connection.receive(hex('42 02 01'))
    connection.receive(hex('02  80 03 03 04 05'))
    expect(calls).toEqual([
      { opcode: 2, first: true, last: false, room: 10, wanted: Infinity, compress: undefined },
      { opcode: 2, first: false, last: false, room: 9, wanted: Infinity, compress: undefined },
      { opcode: 2, first: false, last: true, room: 8, wanted: Infinity, compress: undefined },
    ])
  })

  test('of a message that goes: what its sender wishes', () => {
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
    const asking: Extension = {
      ...extension('asking', Rsv.RSV1, { encode: (piece) => piece, decode: (piece) => piece }),
      open(params, role) {
        opened.push(params, role)
        return { encode: (piece) => piece, decode: (piece) => piece }
      },
    }
    const agreement = { subprotocol: undefined, extensions: [{ name: 'asking', params: { level: 3 } }] }
    new Connection({ role: 'server', agreement, extensions: [b, asking, a] })
    expect(opened).toEqual([{ level: 3 }, 'server'])
  })
})

describe('on the way out', () => {
  test('a message that an extension leaves alone carries no bits', () => {
    const shy = extension('shy', Rsv.RSV1, { encode: () => undefined, decode: (piece) => piece })
    const connection = connect([shy, a], { role: 'server' })
    connection.sendText('x')
    expect(connection.takeOutput()).toEqual(hex('a1 02 78 0a'))
  })

  test('only the first frame of a message carries bits (RFC 7692 §6)', () => {
    const connection = connect([a], { role: 'server', fragmentSize: 2 })
    connection.sendText('xyz')
    expect(connection.takeOutput()).toEqual(hex('21 02 78 79  80 02 7a 0a'))
  })

  test('nothing follows a message that was encoded and could not be framed', () => {
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

describe('a fault of the peer', () => {
  test('that the extension finds ends the connection with its code', () => {
    const connection = connect([a])
    expect(connection.receive(hex('a1 01 78  81 01 79'))).toEqual([closed('extension-data', 1007)])
    expect(connection.takeOutput()).toEqual(hex('88 82 00 00 00 00 03 ef'))
  })

  test('bits that nobody agreed on, or half of those of an extension', () => {
    expect(connect([a]).receive(hex('91 01 78'))).toEqual([closed('reserved-bits', 1002)])
    expect(connect([marking('two', Rsv.RSV2 | Rsv.RSV3, 0)]).receive(hex('91 01 78'))).toEqual([
      closed('reserved-bits', 1002),
    ])
  })

  test('bits on a continuation or a control frame', () => {
    expect(connect([a]).receive(hex('21 01 78  a0 01 0a'))).toEqual([closed('reserved-bits', 1002)])
    expect(connect([a]).receive(hex('a9 00'))).toEqual([closed('reserved-bits', 1002)])
  })

  test('text that is UTF-8 on the wire and none behind the extension', () => {
    const flipping = extension('flip', Rsv.RSV1, {
      encode: (piece) => piece,
      decode: (piece) => piece.map((byte) => byte ^ 0x80),
    })
    expect(connect([flipping]).receive(hex('c1 01 78'))).toEqual([closed('utf8', 1007)])
  })

  const doubling = (times: number): Extension =>
    extension('grow', Rsv.RSV1, { encode: (piece) => piece, decode: (piece) => new Uint8Array(piece.length * times) })

  test('a message that decodes to more than limits allow', () => {
    const limits = { maxMessageSize: 9 }
    expect(connect([doubling(3)], { limits }).receive(hex('c2 03 01 02 03'))).toHaveLength(1)
    expect(connect([doubling(4)], { limits }).receive(hex('c2 03 01 02 03'))).toEqual([closed('too-large', 1009)])
    expect(connect([doubling(4)], { limits }).receive(hex('42 01 01  00 01 02  80 01 03'))).toEqual([
      closed('too-large', 1009),
    ])
  })

  test('a message whose ratio is above the limit, from 1 MiB on', () => {
    const limits = { maxInflateRatio: 100 }
    const within = connect([doubling(2 ** 20)], { limits }).receive(hex('c2 01 01'))
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
    ['the transport is over', (connection) => void connection.receiveEnd()],
    [
      'they broke a rule',
      (connection) => {
        connection.receive(hex('83 00'))
        connection.takeOutput()
      },
    ],
  ])('is told to each extension once: %s', (_, end) => {
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

test('an agreement on what is not among the extensions is a mistake', () => {
  const agreement = { subprotocol: undefined, extensions: [{ name: 'a', params: {} }] }
  expect(() => new Connection({ role: 'client', agreement })).toThrow(TypeError)
  expect(() => new Connection({ role: 'client', agreement, extensions: [b] })).toThrow('"a"')
})

test('extensions without an agreement are a mistake that would look like the fault of a peer', () => {
  expect(() => new Connection({ role: 'server', extensions: [a] })).toThrow(/without an agreement/)
  expect(() => new Connection({ role: 'server', extensions: [] })).not.toThrow()
})
