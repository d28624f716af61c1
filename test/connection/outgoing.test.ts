// Outgoing messages in pieces, by exact bytes: frames, split characters, errors, and a close in the middle.

import { describe, expect, test } from 'vitest'
import { startMessage } from '../../src/connection/index.ts'
import { hex } from '../wire.ts'
import { client, server, taken, wire } from './outgoing-support.ts'

describe('a message in pieces (RFC 6455 §5.4)', () => {
  test('is one frame for each piece, the last with FIN', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    expect([message.write('He'), message.write(hex('6c')), message.end('lo')]).toEqual([true, true, true])
    expect(taken(connection)).toBe(wire('01 02 48 65  00 01 6c  80 02 6c 6f'))
    const binary = startMessage(connection, 'binary')
    binary.write(hex('01'))
    binary.end()
    expect(taken(connection)).toBe(wire('02 01 01  80 00'))
  })

  test('is masked by a client, each frame with its own key (RFC 6455 §5.3)', () => {
    let key = 0
    const connection = client({ maskKeys: () => Uint8Array.of(0, 0, 0, ++key) })
    const message = startMessage(connection, 'binary')
    message.write(hex('01 02 03 04'))
    message.end(hex('05'))
    expect(taken(connection)).toBe(wire('02 84 00 00 00 01 01 02 03 05  80 81 00 00 00 02 05'))
  })

  test('sends nothing before its first bytes, and a single frame if these come with the end', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    expect(message.write('')).toBe(true)
    expect(message.write(hex(''))).toBe(true)
    expect([connection.outputSize, taken(connection)]).toEqual([0, ''])
    message.end('a')
    expect(taken(connection)).toBe(wire('81 01 61'))
    startMessage(connection, 'binary').end()
    expect(taken(connection)).toBe(wire('82 00'))
  })

  test('allows pings, pongs and their answers in between', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.write('a')
    connection.ping('1')
    connection.pong('2')
    connection.receive(hex('89 81 00 00 00 00 33'))
    message.end('b')
    expect(taken(connection)).toBe(wire('8a 01 32  8a 01 33  01 01 61  89 01 31  80 01 62'))
  })

  test('is cut further by fragmentSize, at any byte', () => {
    const connection = server({ fragmentSize: 2 })
    const message = startMessage(connection, 'text')
    message.write('a世b')
    message.write('c')
    message.end('😀')
    expect(taken(connection)).toBe(wire('01 02 61 e4  00 02 b8 96  00 01 62  00 01 63  00 02 f0 9f  80 02 98 80'))
  })

  test('copies its input', () => {
    const connection = server()
    const piece = hex('01 02')
    const message = startMessage(connection, 'binary')
    message.write(piece)
    piece.fill(9)
    message.end()
    expect(taken(connection)).toBe(wire('02 02 01 02  80 00'))
  })
})

describe('a surrogate pair split between two pieces', () => {
  test('is sent whole, with the second piece', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.write('a\ud83d')
    message.write('\ude00b\ud83d')
    message.end('\ude00')
    expect(taken(connection)).toBe(wire('01 01 61  00 05 f0 9f 98 80 62  80 04 f0 9f 98 80'))
  })

  test('is kept across empty pieces, also as the first half of a message', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.write('\ud83d')
    message.write('')
    message.end('\ude00')
    expect(taken(connection)).toBe(wire('81 04 f0 9f 98 80'))
  })

  test.each<[string, (string | Uint8Array)[], string]>([
    ['end() with nothing', ['\ud83d'], '81 03 ef bf bd'],
    ['an empty string at the end', ['\ud83d', ''], '81 03 ef bf bd'],
    ['bytes after it', ['a\ud83d', hex('62'), '\ude00'], '01 01 61  00 04 ef bf bd 62  80 03 ef bf bd'],
    ['another first half', ['\ud83d', '\ud83d', '\ude00'], '01 03 ef bf bd  80 04 f0 9f 98 80'],
    ['another character', ['\ud83d', 'a', ''], '01 04 ef bf bd 61  80 00'],
  ])('becomes U+FFFD if its other half never comes: %s', (_, pieces, expected) => {
    const connection = server()
    const message = startMessage(connection, 'text')
    const [last, ...before] = pieces.length === 1 ? [undefined, ...pieces] : [pieces.at(-1), ...pieces.slice(0, -1)]
    for (const piece of before) message.write(piece as string)
    message.end(last)
    expect(taken(connection)).toBe(wire(expected))
    startMessage(connection, 'text').end('\ude00')
    expect(taken(connection)).toBe(wire('81 03 ef bf bd'))
  })

  test("is a TypeError with loneSurrogates: 'error' if the other half is missing, and the message continues", () => {
    const connection = server({ loneSurrogates: 'error' })
    const message = startMessage(connection, 'text')
    expect(message.write('a\ud83d')).toBe(true)
    for (const wrong of [() => message.write('b'), () => message.write(hex('62')), () => message.end()])
      expect(wrong).toThrow(TypeError)
    expect(() => message.end('\ude00\ud83d')).toThrow(TypeError)
    expect(message.write('\ude00')).toBe(true)
    expect(() => message.write('\ude00')).toThrow(TypeError)
    expect(message.end('c')).toBe(true)
    expect(taken(connection)).toBe(wire('01 01 61  00 04 f0 9f 98 80  80 01 63'))
    expect(connection.sendText('d')).toBe(true)
  })
})

describe('the caller’s mistakes are TypeErrors that change nothing', () => {
  test('another message inside an open one, however it is sent', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    for (const wrong of [
      () => startMessage(connection, 'binary'),
      () => connection.sendText('x'),
      () => connection.sendBinary(hex('01')),
      () => connection.send({ type: 'text', data: 'x' }),
      () => connection.send({ type: 'text', data: 'x', last: false }),
    ])
      expect(wrong).toThrow(TypeError)
    message.end('a')
    expect(connection.sendText('b')).toBe(true)
    expect(taken(connection)).toBe(wire('81 01 61  81 01 62'))
  })

  test('a piece after the end, and one without a message', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.end('a')
    expect(() => message.write('b')).toThrow(TypeError)
    expect(() => message.end()).toThrow(TypeError)
    expect(() => connection.send({ type: 'text', data: 'x', first: false })).toThrow(TypeError)
    expect(taken(connection)).toBe(wire('81 01 61'))
  })

  test('a piece for a message that `send` has ended: it becomes part of no other message', () => {
    const connections = [server(), server()] as const
    const message = startMessage(connections[0], 'binary')
    connections[0].send({ type: 'binary', data: hex('01'), first: false })
    connections[0].takeOutput()
    for (const connection of connections) {
      const other = startMessage(connection, 'binary')
      expect(() => message.write(hex('02'))).toThrow(TypeError)
      expect(() => message.end()).toThrow(TypeError)
      other.end(hex('03'))
      expect(taken(connection)).toBe(wire('82 01 03'))
    }
  })

  test('a string in a binary message, data that is not bytes, and an unknown type', () => {
    const connection = server()
    expect(() => startMessage(connection, 'blob' as 'text')).toThrow(TypeError)
    expect(() => connection.send({ type: 'binary', data: 'x', last: false })).toThrow(TypeError)
    expect(() => connection.send({ type: 'text', data: [1] as unknown as string, last: false })).toThrow(TypeError)
    const message = startMessage(connection, 'binary')
    expect(() => message.write('x')).toThrow(TypeError)
    expect(() => message.end('x')).toThrow(TypeError)
    expect(() => message.end(new ArrayBuffer(1) as unknown as Uint8Array)).toThrow(TypeError)
    expect(message.end(hex('01'))).toBe(true)
    expect(taken(connection)).toBe(wire('82 01 01'))
  })
})

describe('a close in the middle', () => {
  test('by us: the Close is queued, written pieces stay, and later ones return false', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.write('a')
    connection.close(1000)
    expect([message.write('b'), message.end('c'), message.end()]).toEqual([false, false, false])
    expect([connection.sendText('d'), connection.send({ type: 'text', data: 'e', last: false })]).toEqual([
      false,
      false,
    ])
    expect(startMessage(connection, 'text').write('f')).toBe(false)
    expect(taken(connection)).toBe(wire('01 01 61  88 02 03 e8'))
  })

  test('by the peer: the message can still be completed before the output is taken', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.write('a')
    connection.receive(hex('88 82 00 00 00 00 03 e9'))
    expect([connection.state, message.write('b'), message.end()]).toEqual(['closed', true, true])
    expect(taken(connection)).toBe(wire('01 01 61  00 01 62  80 00  88 02 03 e9'))
  })

  test('by the peer, with the answer taken: write returns false, because a race is not an error', () => {
    const connection = server()
    const message = startMessage(connection, 'text')
    message.write('a')
    connection.receive(hex('88 80 00 00 00 00'))
    expect(taken(connection)).toBe(wire('01 01 61  88 00'))
    expect([message.write('b'), message.end(), connection.sendText('c'), connection.sendBinary(hex('01'))]).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(taken(connection)).toBe('')
  })
})

describe('a maskKeys that fails', () => {
  test('does not change the message: the same piece can be written again', () => {
    let fails = false
    const connection = client({
      maskKeys: () => {
        if (fails) throw new Error('no key')
        return hex('00 00 00 00')
      },
    })
    const message = startMessage(connection, 'text')
    const failing = (write: () => boolean) => {
      fails = true
      expect(write).toThrow('no key')
      fails = false
      expect(write()).toBe(true)
    }
    failing(() => message.write('a\ud83d'))
    failing(() => message.write('\ude00'))
    failing(() => message.end('b'))
    failing(() => connection.send({ type: 'binary', data: hex('07'), last: false }))
    failing(() => connection.send({ type: 'binary', data: hex('08'), first: false }))
    expect(taken(connection)).toBe(
      wire(
        `01 81 00 00 00 00 61  00 84 00 00 00 00 f0 9f 98 80  80 81 00 00 00 00 62
         02 81 00 00 00 00 07  80 81 00 00 00 00 08`.replaceAll('\n', ''),
      ),
    )
  })
})
