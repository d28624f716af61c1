// Messages that are encoded once and sent to many connections: what they share, what is separate, and what the caller may still change.

import { describe, expect, test } from 'vitest'
import { sendPrepared, startMessage } from '../../src/connection/index.ts'
import { prepareBinary, prepareText } from '../../src/connection/prepared.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { hex, pattern } from '../wire.ts'
import { agreed, client, recording, server, taken, wire } from './outgoing-support.ts'

describe('a prepared message', () => {
  test('is the frame that sendText and sendBinary send', () => {
    for (const size of [0, 1, 125, 126, 65_535, 65_536]) {
      const direct = server()
      direct.sendBinary(pattern(size))
      const shared = server()
      expect(sendPrepared(shared, prepareBinary(pattern(size)))).toBe(true)
      expect(Buffer.compare(shared.takeOutput() as Uint8Array, direct.takeOutput() as Uint8Array)).toBe(0)
    }
    const connection = server()
    sendPrepared(connection, prepareText('世'))
    sendPrepared(connection, prepareText(hex('e4 b8 96')))
    sendPrepared(connection, prepareText('\ud800'))
    expect(taken(connection)).toBe(wire('81 03 e4 b8 96  81 03 e4 b8 96  81 03 ef bf bd'))
  })

  test('has its type and size, and copies its bytes', () => {
    const bytes = hex('01 02')
    const [binary, text] = [prepareBinary(bytes), prepareText(bytes)]
    bytes.fill(0x41)
    expect([binary.type, binary.size, text.type, text.size]).toEqual(['binary', 2, 'text', 2])
    expect(prepareText('世').size).toBe(3)
    const connection = server()
    sendPrepared(connection, binary)
    sendPrepared(connection, text)
    expect(taken(connection)).toBe(wire('82 02 01 02  81 02 01 02'))
  })

  test('accepts only bytes and text', () => {
    expect(() => prepareBinary('x' as unknown as Uint8Array)).toThrow(TypeError)
    expect(() => prepareText([1] as unknown as string)).toThrow(TypeError)
  })

  test('is returned in one array per connection: transferring one affects no other', () => {
    for (const size of [5, 100_000]) {
      const message = prepareBinary(pattern(size))
      const frame = Uint8Array.from(message.plain.frame)
      const connections = Array.from({ length: 3 }, () => server())
      for (const connection of connections) {
        sendPrepared(connection, message)
        sendPrepared(connection, message)
      }
      for (const connection of connections) {
        const output = connection.takeOutput() as Uint8Array
        expect(Buffer.compare(output, Buffer.concat([frame, frame]))).toBe(0)
        structuredClone(output, { transfer: [output.buffer as ArrayBuffer] })
        sendPrepared(connection, message)
        const [only] = connection.takeOutputParts() as Uint8Array[]
        expect(Buffer.compare(only as Uint8Array, frame)).toBe(0)
        only?.fill(0)
        sendPrepared(connection, message)
        connection.takeOutput()?.fill(0)
      }
      expect(Buffer.compare(message.plain.frame, frame)).toBe(0)
    }
    const parts = server()
    const message = prepareBinary(pattern(100_000))
    parts.sendText('before')
    sendPrepared(parts, message)
    parts.sendText('after')
    const taken = parts.takeOutputParts()
    expect(taken).toHaveLength(3)
    expect(Buffer.compare(taken[1] as Uint8Array, message.plain.frame)).toBe(0)
    expect(new Set([...taken, message.plain.frame].map(({ buffer }) => buffer)).size).toBe(4)
  })

  test('is not written to by later frames', () => {
    const message = prepareBinary(hex('01'))
    for (let i = 0; i < 3; i++) {
      const connection = server()
      sendPrepared(connection, message)
      connection.sendText('a')
      sendPrepared(connection, message)
      sendPrepared(connection, message)
      expect(taken(connection)).toBe(wire('82 01 01  81 01 61  82 01 01  82 01 01'))
    }
    expect(message.plain.frame).toEqual(hex('82 01 01'))
  })

  test('is masked for each client with its own key (RFC 6455 §5.3)', () => {
    const message = prepareText('Hello')
    let key = 0
    const connection = client({ maskKeys: () => Uint8Array.of(0, 0, 0, ++key) })
    sendPrepared(connection, message)
    sendPrepared(connection, message)
    expect(taken(connection)).toBe(wire('81 85 00 00 00 01 48 65 6c 6d 6f  81 85 00 00 00 02 48 65 6c 6e 6f'))
  })

  test('is split if fragmentSize is smaller, and shared otherwise', () => {
    const message = prepareText('Hello')
    const [cut, whole] = [server({ fragmentSize: 4 }), server({ fragmentSize: 5 })]
    for (const connection of [cut, whole]) sendPrepared(connection, message)
    expect(taken(cut)).toBe(wire('01 04 48 65 6c 6c  80 01 6f'))
    expect(whole.takeOutput()).toEqual(message.plain.frame)
  })

  test('stays in order among other messages and pongs', () => {
    const connection = server()
    connection.receive(hex('89 81 00 00 00 00 07'))
    sendPrepared(connection, prepareText('a'))
    connection.ping()
    sendPrepared(connection, prepareText('b'))
    connection.close()
    expect(sendPrepared(connection, prepareText('c'))).toBe(false)
    expect(taken(connection)).toBe(wire('8a 01 07  81 01 61  89 00  81 01 62  88 00'))
  })

  test('is a TypeError inside a message in pieces, and ignored once the connection has ended', () => {
    const connection = server()
    const message = startMessage(connection, 'binary')
    expect(() => sendPrepared(connection, prepareText('a'))).toThrow(TypeError)
    message.write(hex('01'))
    expect(() => sendPrepared(connection, prepareBinary(hex('02')))).toThrow(TypeError)
    connection.close()
    expect(sendPrepared(connection, prepareText('a'))).toBe(false)
    expect(taken(connection)).toBe(wire('02 01 01  88 00'))
  })
})

describe('a prepared message and extensions', () => {
  test('is encoded once for all connections with the same encoding', () => {
    const { calls, extension } = recording(Rsv.RSV1, 'alike')
    const message = prepareText('Hello')
    const outputs = Array.from({ length: 100 }, () => {
      const connection = server(agreed(extension))
      sendPrepared(connection, message)
      return connection.takeOutput()
    })
    expect(calls).toEqual([
      { opcode: 1, first: true, last: true, remaining: 0, wanted: Infinity, compress: undefined, data: 'Hello' },
    ])
    expect(new Set(outputs).size).toBe(100)
    for (const output of outputs) expect(output).toEqual(hex('c1 05 48 65 6c 6c 6f'))
    const masked = client(agreed(extension))
    sendPrepared(masked, message)
    expect(taken(masked)).toBe(wire('c1 85 00 00 00 00 48 65 6c 6c 6f'))
    const cut = server({ ...agreed(extension), fragmentSize: 4 })
    sendPrepared(cut, message)
    expect(taken(cut)).toBe(wire('41 04 48 65 6c 6c  80 01 6f'))
    expect(calls).toHaveLength(1)
  })

  test('is encoded again for each other value of compress, and for each other encoding', () => {
    const one = recording(Rsv.RSV1, '15')
    const other = recording(Rsv.RSV1, '9')
    const message = prepareText('Hello')
    for (let i = 0; i < 3; i++)
      for (const compress of [undefined, true, false])
        for (const { extension } of [one, other]) sendPrepared(server(agreed(extension)), message, { compress })
    for (const { calls } of [one, other])
      expect(calls.map(({ compress }) => compress)).toEqual([undefined, true, false])
  })

  test('is sent unencoded if an extension does not share; with compress: true it is encoded each time', () => {
    const shared = recording(Rsv.RSV1, 'alike')
    const own = recording(Rsv.RSV2)
    const message = prepareText('Hello')
    const connection = server(agreed(shared.extension, own.extension))
    for (const compress of [undefined, false, true, true]) sendPrepared(connection, message, { compress })
    expect(own.calls.map(({ compress }) => compress)).toEqual([false, false, true, true])
    expect(shared.calls).toHaveLength(4)
  })

  test('has no bits if the extension declines', () => {
    const { extension } = recording(Rsv.RSV1, 'alike', true)
    const connection = server(agreed(extension))
    sendPrepared(connection, prepareText('x'))
    sendPrepared(connection, prepareText('y'))
    expect(taken(connection)).toBe(wire('81 01 78  c1 01 79'))
  })
})
