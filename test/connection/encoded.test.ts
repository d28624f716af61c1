// Extensions that work asynchronously: messages are received and sent unchanged.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { sendEncoded } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import type { DefinedExtension } from '../../src/extensions/extension.ts'
import type { Transform } from '../../src/frame/transform.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { hex, splits } from '../wire.ts'

function extension(name: string, rsv: number, transform?: Transform): DefinedExtension {
  return defineExtension({
    name,
    rsv,
    offer: () => [{}],
    accept: () => undefined,
    verify: () => undefined,
    open: () => transform,
  })
}

const slow = extension('slow', Rsv.RSV1)
const flipping = extension('flip', Rsv.RSV2, {
  encode: (piece) => piece.map((byte) => byte ^ 0xff),
  decode: (piece) => piece.map((byte) => byte ^ 0xff),
})

function connect(extensions: readonly DefinedExtension[], options: Partial<ConnectionOptions<'string', boolean>> = {}) {
  const agreement = { subprotocol: undefined, extensions: extensions.map(({ name }) => ({ name, params: {} })) }
  return new Connection<'string', boolean>({
    role: 'client',
    maskKeys: () => hex('00 00 00 00'),
    agreement,
    extensions,
    ...options,
  })
}

const whole = { first: true, last: true }

describe('receiving', () => {
  test('returns messages in order, marked ones unchanged, in any chunks', () => {
    const bytes = hex('c1 02 ff fe  81 01 61  42 01 01 89 00 80 01 02  91 00')
    for (const chunks of splits(bytes.slice(0, -2))) {
      const connection = connect([slow, flipping])
      expect(chunks.flatMap((chunk) => [...connection.receive(chunk)])).toEqual([
        { type: 'encoded', of: 'text', rsv: Rsv.RSV1, data: hex('ff fe'), ...whole },
        { type: 'text', data: 'a', ...whole },
        { type: 'ping', data: new Uint8Array(0) },
        { type: 'encoded', of: 'binary', rsv: Rsv.RSV1, data: hex('01 02'), ...whole },
      ])
    }
  })

  test('also skips the other extensions, even if their bit is set', () => {
    expect(connect([slow, flipping]).receive(hex('e2 01 fe  a2 01 fe'))).toEqual([
      { type: 'encoded', of: 'binary', rsv: Rsv.RSV1 | Rsv.RSV2, data: hex('fe'), ...whole },
      { type: 'binary', data: hex('01'), ...whole },
    ])
  })

  test('returns pieces if requested', () => {
    expect(connect([slow], { pieces: true }).receive(hex('41 01 c3  80 01 28'))).toEqual([
      { type: 'encoded', of: 'text', rsv: Rsv.RSV1, data: hex('c3'), first: true, last: false },
      { type: 'encoded', of: 'text', rsv: Rsv.RSV1, data: hex('28'), first: false, last: true },
    ])
  })

  test('applies the limits to the size received', () => {
    expect(
      connect([slow], { limits: { maxMessageSize: 2, maxFrameSize: 9 } }).receive(hex('c1 03 01 02 03')),
    ).toMatchObject([{ type: 'close', code: 1009 }])
  })
})

describe('sending', () => {
  test('sends an encoded message unchanged, and other messages without the mark', () => {
    const connection = connect([slow, flipping], { role: 'server' })
    expect(sendEncoded(connection, { of: 'text', rsv: Rsv.RSV1, data: hex('ff fe') })).toBe(true)
    connection.sendBinary(hex('01'))
    expect(connection.takeOutput()).toEqual(hex('c1 02 ff fe  a2 01 fe'))
    connection.receive(hex('88 80 00 00 00 00'))
    connection.takeOutput()
    expect(sendEncoded(connection, { of: 'binary', rsv: Rsv.RSV1, data: hex('01') })).toBe(false)
  })

  test('throws a TypeError for a mistake', () => {
    const data = hex('01')
    expect(() => sendEncoded(connect([flipping]), { of: 'text', rsv: Rsv.RSV2, data })).toThrow(TypeError)
    expect(() => sendEncoded(connect([slow]), { of: 'text', rsv: Rsv.RSV1 | Rsv.RSV2, data })).toThrow(TypeError)
    expect(() => sendEncoded(new Connection({ role: 'server' }), { of: 'text', rsv: Rsv.RSV1, data })).toThrow(
      TypeError,
    )
    expect(() => sendEncoded(connect([slow]), { of: 'text', rsv: Rsv.RSV1, data: 'a' as never })).toThrow(TypeError)
  })
})
