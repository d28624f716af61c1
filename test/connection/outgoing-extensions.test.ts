// Messages in pieces through extensions: the pieces that extensions get, the frames with RSV bits, and the messages that are not encoded.

import { describe, expect, test } from 'vitest'
import { startMessage } from '../../src/connection/index.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { hex } from '../wire.ts'
import { agreed, client, deflating, extension, recording, server, taken, wire } from './outgoing-support.ts'

describe('a message in pieces through an extension', () => {
  test('has its bits on the first frame only, however it is cut (RFC 7692 §6)', () => {
    const { calls, extension: recorder } = recording(Rsv.RSV1)
    const connection = server({ ...agreed(recorder), fragmentSize: 2 })
    const message = startMessage(connection, 'text', { compress: true })
    message.write('')
    message.write('abc')
    connection.ping('1')
    message.write('d')
    message.end()
    expect(taken(connection)).toBe(wire('41 02 61 62  00 01 63  89 01 31  00 01 64  80 00'))
    const told = { opcode: 1, remaining: 0, wanted: Infinity, compress: true }
    expect(calls).toEqual([
      { ...told, data: 'abc', first: true, last: false },
      { ...told, data: 'd', first: false, last: false },
      { ...told, data: '', first: false, last: true },
    ])
  })

  test('that declines the first piece gets no other piece until the next message', () => {
    const { calls, extension: shy } = recording(Rsv.RSV2, undefined, true)
    const always = recording(Rsv.RSV3)
    const connection = server(agreed(shy, always.extension))
    const message = startMessage(connection, 'text')
    message.write('x')
    message.write('y')
    message.end('z')
    expect(taken(connection)).toBe(wire('11 01 78  00 01 79  80 01 7a'))
    expect(calls.map(({ data }) => data)).toEqual(['x'])
    expect(always.calls.map(({ data }) => data)).toEqual(['x', 'y', 'z'])
    startMessage(connection, 'text').end('y')
    expect(taken(connection)).toBe(wire('b1 01 79'))
  })

  test('that returns bytes only at the end sends empty frames before', () => {
    let held = ''
    const keeping = extension('k', Rsv.RSV1, {
      decode: (piece) => piece,
      encode(piece, { last }) {
        held += Buffer.from(piece).toString('hex')
        return hex(last ? held : '')
      },
    })
    const connection = server(agreed(keeping))
    const message = startMessage(connection, 'binary')
    message.write(hex('01'))
    message.write(hex('02'))
    message.end(hex('03'))
    expect(taken(connection)).toBe(wire('42 00  00 00  80 03 01 02 03'))
  })

  test('that fails makes all later messages fail, because its state includes a message that the peer never got', () => {
    const failing = extension('f', Rsv.RSV1, {
      decode: (piece) => piece,
      encode: (piece) => {
        if (piece[0] === 0x21) throw new Error('broken')
        return piece
      },
    })
    const connection = server(agreed(failing))
    const message = startMessage(connection, 'text')
    message.write('a')
    expect(() => message.write('!')).toThrow('broken')
    expect(() => message.write('b')).toThrow('broken')
    expect(() => message.end()).toThrow('broken')
    expect(connection.ping()).toBe(true)
    expect(connection.close()).toBe(true)
    expect(taken(connection)).toBe(wire('41 01 61  89 00  88 00'))
  })
})

describe('a message in pieces through permessage-deflate', () => {
  const json = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ id, name: `name 世 ${id}` })))

  test.each<[string, Parameters<typeof deflating>]>([
    ['taken over', []],
    ['not taken over', [{ serverNoContextTakeover: true, clientNoContextTakeover: true }]],
    ['a small window', [{ serverMaxWindowBits: 9, clientMaxWindowBits: 9 }]],
    ['a threshold that no message reaches', [{}, 1e9]],
  ])('is decoded by the peer, with whole messages before and after it: %s', (_, own) => {
    const agreement = deflating(...own)
    for (const [from, to] of [
      [client(agreement), server(agreement)],
      [server(agreement), client(agreement)],
    ] as const)
      for (const step of [1, 7, 100, 10_000]) {
        from.sendText(json)
        const message = startMessage(from, 'text')
        for (let at = 0; at < json.length; at += step) message.write(json.slice(at, at + step))
        message.end()
        startMessage(from, 'binary', { compress: true }).end()
        startMessage(from, 'binary', { compress: false }).end(hex('01'))
        from.sendText(json, { compress: true })
        const events = to.receive(from.takeOutput() as Uint8Array)
        expect(events.map((event) => ('data' in event ? event.data : event))).toEqual([
          json,
          json,
          hex(''),
          hex('01'),
          json,
        ])
      }
  })

  test('of unknown length is compressed whatever the threshold, unless an option overrides it', () => {
    for (const [compress, first] of [
      [undefined, 0x41],
      [true, 0x41],
      [false, 0x01],
    ] as const) {
      const connection = server(deflating({}, 1e9))
      const message = startMessage(connection, 'text', { compress })
      message.write('a')
      expect(connection.takeOutput()?.[0]).toBe(first)
      message.end('b')
      expect(connection.takeOutput()?.[0]).toBe(0x80)
    }
  })

  test('is sent as it is written: each piece can be inflated at once', () => {
    const agreement = deflating()
    const connection = server(agreement)
    const peer = client({ ...agreement, pieces: true as false })
    const message = startMessage(connection, 'text')
    for (const piece of ['Hello', ' ', 'world']) {
      message.write(piece)
      expect(peer.receive(connection.takeOutput() as Uint8Array)).toMatchObject([{ data: piece, last: false }])
    }
    message.end()
    expect(peer.receive(connection.takeOutput() as Uint8Array)).toEqual([
      { type: 'text', data: '', first: false, last: true },
    ])
  })
})
