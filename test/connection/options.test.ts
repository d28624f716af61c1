// The options of a connection and of a message: errors for unknown names, wrong types and values out of range name the option.
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  connectionOptions,
  handshakeOptions,
  prepareText,
  resumeConnection,
  sendEncoded,
  sendPrepared,
  snapshotConnection,
  startMessage,
} from '../../src/index.ts'
import { client, extension, server } from './outgoing-support.ts'

const create = (options?: unknown): Connection => new Connection(options as ConnectionOptions<'string', false>)
const role = 'server'
const none = { subprotocol: undefined, extensions: [] }
const same = { encode: (piece: Uint8Array) => piece, decode: (piece: Uint8Array) => piece }

test('the error for shared options in place of a literal says so', () => {
  expect(() => connectionOptions(connectionOptions({ role }) as never)).toThrow(
    new TypeError('the options of a Connection must be a literal, not shared options'),
  )
})

describe('options of a Connection', () => {
  test.each<[options: unknown, message: string]>([
    [undefined, 'the options of a Connection must be an object, not undefined'],
    [null, 'the options of a Connection must be an object, not null'],
    ['server', 'the options of a Connection must be an object, not "server"'],
    [[], 'the options of a Connection must be an object, not an array'],
    [Promise.resolve({ role }), 'the options of a Connection must be an object, not a promise'],
    [{}, "`role` must be 'client' or 'server', not undefined"],
    [{ role: 'Server' }, "`role` must be 'client' or 'server', not \"Server\""],
    [handshakeOptions({}), 'the options of a Connection must be a literal, not shared options'],
    [{ isServer: true }, 'the options of a Connection: unknown option "isServer"; did you mean `role`?'],
    [
      { role, maxPayload: 5 },
      'the options of a Connection: unknown option "maxPayload"; did you mean `limits.maxMessageSize`?',
    ],
    [{ role, limits: { maxPayload: 5 } }, '`limits`: unknown option "maxPayload"; did you mean `maxMessageSize`?'],
    [{ role, limits: 5 }, '`limits` must be an object, not 5'],
    [{ role, maxMessageSize: 5 }, 'did you mean `limits.maxMessageSize`?'],
    [{ role, timeout: 5 }, 'did you mean `keepalive.timeout`?'],
    [{ role, autopong: false }, 'unknown option "autopong"; did you mean `autoPong`?'],
    [{ role, zzzzzzzz: 1 }, 'the options of a Connection: unknown option "zzzzzzzz"'],
    [{ role, text: 'utf8' }, "`text` must be 'string' or 'bytes', not \"utf8\""],
    [{ role, pieces: 1 }, '`pieces` must be true or false, not 1'],
    [{ role, ownsChunks: 'yes' }, '`ownsChunks` must be true or false, not "yes"'],
    [{ role, autoPong: null }, '`autoPong` must be true or false, not null'],
    [{ role, autoClose: 0 }, '`autoClose` must be true or false, not 0'],
    [{ role, explainErrors: 'no' }, '`explainErrors` must be true or false, not "no"'],
    [{ role, fragmentSize: '5' }, '`fragmentSize` must be a number, not a string'],
    [{ role, maskKeys: {} }, '`maskKeys` must be a function, not an object'],
    [{ role, native: { allocate: 4096 } }, '`native.allocate` must be a function, not a number'],
    [{ role, loneSurrogates: 'throw' }, 'loneSurrogates'],
    [{ role, keepalive: true }, '`keepalive` must be an object, not true'],
    [{ role, keepalive: 30_000 }, '`keepalive` must be an object, not 30000'],
    [{ role, keepalive: { interval: '5', timeout: 10 } }, '`keepalive.interval` must be a number, not a string'],
    [{ role, keepalive: { interval: 5 } }, '`keepalive.timeout` must be a number above 0, not undefined'],
    [
      { role, keepalive: { interval: 5, timeOut: 5 } },
      '`keepalive`: unknown option "timeOut"; did you mean `timeout`?',
    ],
    [{ role, closeTimeout: '10' }, '`closeTimeout` must be a number, not a string'],
    [{ role, agreement: null }, '`agreement` must be an object, not null'],
    [{ role, agreement: 'permessage-deflate' }, '`agreement` must be an object, not "permessage-deflate"'],
    [{ role, agreement: Promise.resolve(none) }, '`agreement` must be an object, not a promise'],
    [
      { role, agreement: { ok: false } },
      '`agreement` must be the result of a handshake; this object has no list of `extensions`',
    ],
    [{ role, agreement: { extensions: [null] } }, 'each extension of `agreement` must be an object, not null'],
    [{ role, agreement: none, extensions: extension('x', 1, same) }, '`extensions` must be an array, not an object'],
    [{ role, extensions: extension('x', 1, same) }, '`extensions` must be an array, not an object'],
    [
      { role, agreement: none, extensions: [undefined] },
      '`extensions[0]` must be a result of defineExtension, not undefined',
    ],
    [
      { role, agreement: none, extensions: [{ name: 'x' }] },
      '`extensions[0]` must be a result of defineExtension, not an object',
    ],
  ])('%o is a TypeError', (options, message) => {
    expect(() => create(options)).toThrow(TypeError)
    expect(() => create(options)).toThrow(message)
  })

  test.each<[options: object, message: string]>([
    [{ fragmentSize: Number.NaN }, '`fragmentSize` must be at least 1, not NaN'],
    [{ fragmentSize: 0 }, '`fragmentSize` must be at least 1, not 0'],
    [{ closeTimeout: Number.NaN }, '`closeTimeout` must be a finite number above 0, not NaN'],
    [{ keepalive: { interval: 0, timeout: 1 } }, '`keepalive.interval` must be a number above 0, not 0'],
  ])('%o is a RangeError', (options, message) => {
    expect(() => create({ role, ...options })).toThrow(RangeError)
    expect(() => create({ role, ...options })).toThrow(message)
  })

  test('an option that is undefined counts as absent, and an object may be reused', () => {
    const options = { role, text: undefined, limits: undefined, keepalive: undefined, native: undefined } as const
    expect(new Connection(options).role).toBe('server')
    expect(new Connection(Object.freeze({ ...options, role: 'client' })).role).toBe('client')
  })

  test('role and agreement come from the snapshot: as options of `resumeConnection` they change nothing', () => {
    const snapshot = snapshotConnection(server()) as NonNullable<ReturnType<typeof snapshotConnection>>
    const options: ConnectionOptions<'string', false> = { role: 'client', agreement: none }
    expect(resumeConnection(snapshot, options).role).toBe('server')
    expect(() => resumeConnection(snapshot, { maxPayload: 1 } as object)).toThrow('limits.maxMessageSize')
    expect(() => resumeConnection(snapshot, null as never)).toThrow(
      'the options of `resumeConnection` must be an object, not null',
    )
  })
})

describe('sending', () => {
  const options = (given: unknown) => given as { compress: boolean }

  test.each<[options: unknown, message: string]>([
    [{ compres: true }, 'the options of a message: unknown option "compres"; did you mean `compress`?'],
    [{ binary: true }, 'the options of a message: unknown option "binary"'],
    [{ fin: false }, 'unknown option "fin"'],
    [{ mask: true }, 'unknown option "mask"'],
    [{ compress: 1 }, '`compress` must be true or false, not 1'],
    [() => {}, 'the options of a message must be an object, not a function'],
    [null, 'the options of a message must be an object, not null'],
  ])('with the options %o is a TypeError in every call, and nothing is sent', (given, message) => {
    for (const connection of [server(), closed()]) {
      for (const send of [
        () => connection.sendText('a', options(given)),
        () => connection.sendBinary(Uint8Array.of(1), options(given)),
        () => connection.send({ type: 'text', data: 'a' }, options(given)),
        () => connection.send({ type: 'text', data: 'a', last: false }, options(given)),
        () => startMessage(connection, 'text', options(given)),
        () => sendPrepared(connection, prepareText('a'), options(given)),
      ]) {
        expect(send).toThrow(TypeError)
        expect(send).toThrow(message)
      }
      expect(connection.takeOutput()).toBeUndefined()
    }
  })

  test.each<[message: unknown, text: string]>([
    [{ type: 'txt', data: 'a' }, "the type of a message must be 'text' or 'binary', not \"txt\""],
    [{ type: 'txt', data: 'a', last: false }, "the type of a message must be 'text' or 'binary', not \"txt\""],
    [{ type: 'ping', data: Uint8Array.of(1) }, "the type of a message must be 'text' or 'binary', not \"ping\""],
    [{ type: 'encoded', data: Uint8Array.of(1) }, 'not "encoded"; use `sendEncoded`'],
    [{ data: 'a' }, "the type of a message must be 'text' or 'binary', not undefined"],
    [{ type: 'binary', data: 'a' }, 'a binary message must be a Uint8Array, not a string'],
    [{ type: 'binary', data: 'a', last: false }, 'a binary message must be a Uint8Array, not a string'],
    [{ type: 'text', data: 5 }, 'a message (unless a string) must be a Uint8Array, not a number'],
    [{ type: 'text', data: 'a', first: 1 }, '`first` must be true or false, not 1'],
    [{ type: 'text', data: 'a', last: null }, '`last` must be true or false, not null'],
    ['Hello', 'the message of `send` must be an object, not "Hello"'],
    [null, 'the message of `send` must be an object, not null'],
  ])('%o is a TypeError, whether or not messages can still be sent', (message, text) => {
    for (const connection of [server(), client(), closed()]) {
      expect(() => connection.send(message as { type: 'text'; data: string })).toThrow(TypeError)
      expect(() => connection.send(message as { type: 'text'; data: string })).toThrow(text)
      expect(connection.takeOutput()).toBeUndefined()
    }
  })

  test('other members of a message are allowed, because a relay sends events unchanged', () => {
    const connection = server()
    expect(connection.send({ type: 'text', data: 'a', roundTrip: 1, of: 'x' } as { type: 'text'; data: string })).toBe(
      true,
    )
    expect(connection.takeOutput()).toEqual(Uint8Array.of(0x81, 1, 0x61))
  })

  test('other invalid messages and times', () => {
    for (const connection of [server(), closed()]) {
      expect(() => startMessage(connection, 'txt' as 'text')).toThrow(
        "the type of a message must be 'text' or 'binary', not \"txt\"",
      )
      expect(() => sendPrepared(connection, 'a' as unknown as ReturnType<typeof prepareText>)).toThrow(
        '`message` must be the result of `prepareText` or `prepareBinary`, not "a"',
      )
      expect(() => sendEncoded(connection, null as never)).toThrow(
        'the message of `sendEncoded` must be an object, not null',
      )
      expect(() => connection.ping('', '5' as unknown as number)).toThrow(
        new TypeError('`now` must be a finite number, not "5"'),
      )
      expect(() => connection.poll('5' as unknown as number)).toThrow(
        new TypeError('`now` must be a finite number, not "5"'),
      )
      expect(() => connection.poll(Number.NaN)).toThrow(new RangeError('`now` must be a finite number, not NaN'))
      expect(connection.takeOutput()).toBeUndefined()
    }
  })
})

function closed(): Connection {
  const connection = server()
  connection.receiveEnd()
  return connection
}

describe('types', () => {
  test('options without type parameters accept any form, and the events then have any form', () => {
    const bytes: ConnectionOptions = { role: 'server', text: 'bytes' }
    const pieces: ConnectionOptions = { role: 'client', text: 'string', pieces: true }
    expectTypeOf(new Connection(bytes)).toEqualTypeOf<Connection<'string' | 'bytes', boolean>>()
    expectTypeOf(new Connection(pieces).receive).returns.toEqualTypeOf<
      readonly ConnectionEvent<'string' | 'bytes', boolean>[]
    >()
    expect([new Connection(bytes).role, new Connection(pieces).role]).toEqual(['server', 'client'])
  })

  test('a literal determines the event types', () => {
    expectTypeOf(new Connection({ role: 'server' })).toEqualTypeOf<Connection<'string', false>>()
    expectTypeOf(new Connection({ role: 'server', text: 'bytes' })).toEqualTypeOf<Connection<'bytes', false>>()
    expectTypeOf(new Connection({ role: 'server', pieces: true })).toEqualTypeOf<Connection<'string', true>>()
    const options = { role: 'client', text: 'bytes', pieces: true } as const
    expectTypeOf(new Connection(options)).toEqualTypeOf<Connection<'bytes', true>>()
    const snapshot = snapshotConnection(new Connection(options))
    if (snapshot === undefined) throw new Error('it can move')
    expectTypeOf(resumeConnection(snapshot, { text: 'bytes', pieces: true })).toEqualTypeOf<Connection<'bytes', true>>()
    expectTypeOf(() => resumeConnection(snapshot)).returns.toEqualTypeOf<Connection<'string', false>>()
  })
})
