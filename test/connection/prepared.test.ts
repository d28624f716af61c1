// Messages that are encoded once and sent to many: what is shared, what is made for each, and what the caller may still change.
import { describe, expect, test } from 'vitest'
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
      expect(shared.sendPrepared(prepareBinary(pattern(size)))).toBe(true)
      expect(Buffer.compare(shared.takeOutput() as Uint8Array, direct.takeOutput() as Uint8Array)).toBe(0)
    }
    const connection = server()
    connection.sendPrepared(prepareText('世'))
    connection.sendPrepared(prepareText(hex('e4 b8 96')))
    connection.sendPrepared(prepareText('\ud800'))
    expect(taken(connection)).toBe(wire('81 03 e4 b8 96  81 03 e4 b8 96  81 03 ef bf bd'))
  })

  test('knows its type and size, and keeps bytes of its own', () => {
    const bytes = hex('01 02')
    const [binary, text] = [prepareBinary(bytes), prepareText(bytes)]
    bytes.fill(0x41)
    expect([binary.type, binary.size, text.type, text.size]).toEqual(['binary', 2, 'text', 2])
    expect(prepareText('世').size).toBe(3)
    const connection = server()
    connection.sendPrepared(binary)
    connection.sendPrepared(text)
    expect(taken(connection)).toBe(wire('82 02 01 02  81 02 01 02'))
  })

  test('takes bytes and texts only', () => {
    expect(() => prepareBinary('x' as unknown as Uint8Array)).toThrow(TypeError)
    expect(() => prepareText([1] as unknown as string)).toThrow(TypeError)
  })

  test('is one array for all servers that have nothing else to send', () => {
    for (const size of [5, 100_000]) {
      const message = prepareBinary(pattern(size))
      const outputs = Array.from({ length: 10 }, () => {
        const connection = server()
        connection.sendPrepared(message)
        return connection.takeOutput()
      })
      expect(new Set(outputs).size).toBe(1)
    }
    const parts = server()
    const message = prepareBinary(pattern(100_000))
    parts.sendText('before')
    parts.sendPrepared(message)
    parts.sendText('behind')
    expect(parts.takeOutputParts()[1]).toBe(message.plain.frame)
  })

  test('is not written into by what is sent behind it', () => {
    const message = prepareBinary(hex('01'))
    for (let i = 0; i < 3; i++) {
      const connection = server()
      connection.sendPrepared(message)
      connection.sendText('a')
      connection.sendPrepared(message)
      connection.sendPrepared(message)
      expect(taken(connection)).toBe(wire('82 01 01  81 01 61  82 01 01  82 01 01'))
    }
    expect(message.plain.frame).toEqual(hex('82 01 01'))
  })

  test('is masked for each client by a key of its own (RFC 6455 §5.3)', () => {
    const message = prepareText('Hello')
    let key = 0
    const connection = client({ maskKeys: () => Uint8Array.of(0, 0, 0, ++key) })
    connection.sendPrepared(message)
    connection.sendPrepared(message)
    expect(taken(connection)).toBe(wire('81 85 00 00 00 01 48 65 6c 6d 6f  81 85 00 00 00 02 48 65 6c 6e 6f'))
  })

  test('is cut where fragmentSize is smaller, and shared elsewhere', () => {
    const message = prepareText('Hello')
    const [cut, whole] = [server({ fragmentSize: 4 }), server({ fragmentSize: 5 })]
    for (const connection of [cut, whole]) connection.sendPrepared(message)
    expect(taken(cut)).toBe(wire('01 04 48 65 6c 6c  80 01 6f'))
    expect(whole.takeOutput()).toBe(message.plain.frame)
  })

  test('stays in order among other messages and pongs', () => {
    const connection = server()
    connection.receive(hex('89 81 00 00 00 00 07'))
    connection.sendPrepared(prepareText('a'))
    connection.ping()
    connection.sendPrepared(prepareText('b'))
    connection.close()
    expect(connection.sendPrepared(prepareText('c'))).toBe(false)
    expect(taken(connection)).toBe(wire('8a 01 07  81 01 61  89 00  81 01 62  88 00'))
  })

  test('is a TypeError inside a message in pieces, and no mistake once the connection has ended', () => {
    const connection = server()
    const message = connection.startMessage('binary')
    expect(() => connection.sendPrepared(prepareText('a'))).toThrow(TypeError)
    message.write(hex('01'))
    expect(() => connection.sendPrepared(prepareBinary(hex('02')))).toThrow(TypeError)
    connection.close()
    expect(connection.sendPrepared(prepareText('a'))).toBe(false)
    expect(taken(connection)).toBe(wire('02 01 01  88 00'))
  })
})

describe('a prepared message and extensions', () => {
  test('is encoded once for all whose extensions share, and framed once', () => {
    const { calls, extension } = recording(Rsv.RSV1, 'alike')
    const message = prepareText('Hello')
    const outputs = Array.from({ length: 100 }, () => {
      const connection = server(agreed(extension))
      connection.sendPrepared(message)
      return connection.takeOutput()
    })
    expect(calls).toEqual([
      { opcode: 1, first: true, last: true, room: 0, wanted: Infinity, compress: undefined, data: 'Hello' },
    ])
    expect(new Set(outputs).size).toBe(1)
    expect(outputs[0]).toEqual(hex('c1 05 48 65 6c 6c 6f'))
    const masked = client(agreed(extension))
    masked.sendPrepared(message)
    expect(taken(masked)).toBe(wire('c1 85 00 00 00 00 48 65 6c 6c 6f'))
    const cut = server({ ...agreed(extension), fragmentSize: 4 })
    cut.sendPrepared(message)
    expect(taken(cut)).toBe(wire('41 04 48 65 6c 6c  80 01 6f'))
    expect(calls).toHaveLength(1)
  })

  test('once more for each other wish, and for each other way of encoding', () => {
    const one = recording(Rsv.RSV1, '15')
    const other = recording(Rsv.RSV1, '9')
    const message = prepareText('Hello')
    for (let i = 0; i < 3; i++)
      for (const compress of [undefined, true, false])
        for (const { extension } of [one, other]) server(agreed(extension)).sendPrepared(message, { compress })
    for (const { calls } of [one, other])
      expect(calls.map(({ compress }) => compress)).toEqual([undefined, true, false])
  })

  test('goes as it is where one of them does not share, and with compress: true through it, each time', () => {
    const shared = recording(Rsv.RSV1, 'alike')
    const own = recording(Rsv.RSV2)
    const message = prepareText('Hello')
    const connection = server(agreed(shared.extension, own.extension))
    for (const compress of [undefined, false, true, true]) connection.sendPrepared(message, { compress })
    expect(own.calls.map(({ compress }) => compress)).toEqual([false, false, true, true])
    expect(shared.calls).toHaveLength(4)
  })

  test('carries no bits where the extension declines', () => {
    const { extension } = recording(Rsv.RSV1, 'alike', true)
    const connection = server(agreed(extension))
    connection.sendPrepared(prepareText('x'))
    connection.sendPrepared(prepareText('y'))
    expect(taken(connection)).toBe(wire('81 01 78  c1 01 79'))
  })
})
