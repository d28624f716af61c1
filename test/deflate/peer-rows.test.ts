/**
 * Cases of compressed messages that other libraries get wrong, by exact bytes through a whole connection: what comes in, which
 * events it causes, what goes out. In any chunks that a transport may deliver.
 */

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import type { DeflateCodec } from '../../src/deflate/codec.ts'
import { permessageDeflate } from '../../src/deflate/extension.ts'
import { hex, splits } from '../wire.ts'
import { codecs, paramsOf } from './messages.ts'

const text = (data: string) => ({ type: 'text', data, first: true, last: true })
const ping = (data: string) => ({ type: 'ping', data: hex(data) })
const failed = (code: string, closeCode: number, reference: string) => ({
  type: 'close',
  code: closeCode,
  reason: '',
  sentCode: closeCode,
  clean: false,
  by: 'local',
  error: expect.objectContaining({ name: 'ProtocolError', code, closeCode, reference }),
})
const badData = failed('extension-data', 1007, 'RFC 7692 §7.2.2')
const badBits = failed('reserved-bits', 1002, 'RFC 6455 §5.2')
const close = (code: number) => `88 82 00 00 00 00 03 ${(code & 255).toString(16)}`

const HELLO = 'f2 48 cd c9 c9 07 00'
const AGAIN = 'f2 00 11 00 00'

type Row = readonly [title: string, bytes: string, events: readonly object[], output: string]

const rows: readonly Row[] = [
  ['RFC 7692 §7.2.3.1: a compressed text', `c1 07 ${HELLO}`, [text('Hello')], ''],
  [
    'RFC 7692 §7.2.3.2: another one that refers to it',
    `c1 07 ${HELLO} c1 05 ${AGAIN}`,
    [text('Hello'), text('Hello')],
    '',
  ],
  [
    'RFC 7692 §6.1: a text that is not compressed in between',
    `c1 07 ${HELLO} 81 02 48 69 c1 05 ${AGAIN}`,
    [text('Hello'), text('Hi'), text('Hello')],
    '',
  ],
  [
    'RFC 7692 §6.1: a ping between fragments of a compressed message',
    '41 03 f2 48 cd 89 02 68 69 80 04 c9 c9 07 00',
    [ping('68 69'), text('Hello')],
    '8a 82 00 00 00 00 68 69',
  ],
  [
    'RFC 7692 §6.1: pings and a pong between fragments, empty ones too, and the next message',
    `41 00 89 00 00 03 f2 48 cd 8a 01 07 00 00 89 00 80 04 c9 c9 07 00 c1 05 ${AGAIN}`,
    [ping(''), { type: 'pong', data: hex('07') }, ping(''), text('Hello'), text('Hello')],
    '8a 80 00 00 00 00 8a 80 00 00 00 00',
  ],
  [
    'RFC 7692 §7.2.3.4: a final block, then another message',
    'c1 08 f3 48 cd c9 c9 07 00 00 c1 07 f2 48 cd c9 c9 07 00',
    [text('Hello'), text('Hello')],
    '',
  ],
  [
    'RFC 7692 §7.2.3.4: a final block, then messages that refer to it',
    `c1 08 f3 48 cd c9 c9 07 00 00 c1 05 ${AGAIN} c1 07 f3 48 cd c9 c9 07 00 c1 05 ${AGAIN}`,
    [text('Hello'), text('Hello'), text('Hello'), text('Hello')],
    '',
  ],
  ['RFC 7692 §7.2.3.6: an empty message', `c1 01 00 c1 07 ${HELLO}`, [text(''), text('Hello')], ''],
  [
    'RSV1 and no payload, as peers send it',
    `c1 00 c1 07 ${HELLO} c1 00 c1 05 ${AGAIN}`,
    [text(''), text('Hello'), text(''), text('Hello')],
    '',
  ],
  ['RFC 7692 §7.2.2: data that end inside a block', 'c1 05 f2 48 cd c9 c9', [badData], close(1007)],
  ['RFC 7692 §7.2.2: a stored block that lacks four bytes', 'c1 06 00 05 00 fa ff 48', [badData], close(1007)],
  ['RFC 7692 §7.2.2: data that are none', 'c1 02 ff ff', [badData], close(1007)],
  ['RFC 7692 §7.2.2: data that end inside a block, in fragments', '41 03 f2 48 cd 80 02 c9 c9', [badData], close(1007)],
  ['RFC 7692 §7.1.1: a reference to before the first message', `c1 05 ${AGAIN}`, [badData], close(1007)],
  [
    'RFC 6455 §8.1: a compressed text that is not UTF-8',
    'c1 07 00 01 00 fe ff ff 00',
    [failed('utf8', 1007, 'RFC 6455 §8.1')],
    close(1007),
  ],
  ['RFC 7692 §6.1: RSV1 on the last fragment', '41 03 f2 48 cd c0 04 c9 c9 07 00', [badBits], close(1002)],
  ['RFC 7692 §6.1: RSV1 on a fragment in the middle', '41 03 f2 48 cd 40 04 c9 c9 07 00', [badBits], close(1002)],
  [
    'RFC 7692 §6.1: RSV1 on a fragment of a message that is not compressed',
    '01 01 61 c0 01 00',
    [badBits],
    close(1002),
  ],
  ['RFC 7692 §6.1: RSV1 on a ping', 'c9 01 00', [badBits], close(1002)],
  ['RFC 7692 §6.1: RSV1 on a pong', 'ca 01 00', [badBits], close(1002)],
  ['RFC 7692 §6.1: RSV1 on a Close', 'c8 02 03 e8', [badBits], close(1002)],
  ['RFC 6455 §5.2: RSV2 beside RSV1', `e1 07 ${HELLO}`, [badBits], close(1002)],
]

const connect = (codec: DeflateCodec, more: Partial<ConnectionOptions> = {}) =>
  new Connection({
    role: 'client',
    maskKeys: () => hex('00 00 00 00'),
    agreement: { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params: paramsOf() }] },
    extensions: [permessageDeflate({ codec, threshold: 0 })],
    ...more,
  })

function check(open: () => Connection, [, bytes, events, output]: Row): void {
  for (const chunks of splits(hex(bytes))) {
    const connection = open()
    expect(chunks.flatMap((chunk) => [...connection.receive(chunk)])).toEqual(events)
    expect(connection.takeOutput()).toEqual(output === '' ? undefined : hex(output))
  }
}

describe.each(codecs)('%s, a connection', (_, codec) => {
  test.each(rows.map((row) => [row[0], row] as const))('%s', (_title, row) => {
    for (const ownsChunks of [false, true]) check(() => connect(codec, { ownsChunks }), row)
  })

  test('a message of limits.maxMessageSize, and one byte more: 1009', () => {
    const limits = (maxMessageSize: number) => ({ limits: { maxMessageSize, maxFrameSize: 100 } })
    check(() => connect(codec, limits(5)), ['', `c1 07 ${HELLO}`, [text('Hello')], ''])
    const tooLarge = failed('too-large', 1009, 'RFC 6455 §10.4')
    check(() => connect(codec, limits(4)), ['', `c1 07 ${HELLO}`, [tooLarge], close(1009)])
    check(() => connect(codec, limits(4)), ['', '41 03 f2 48 cd 80 04 c9 c9 07 00', [tooLarge], close(1009)])
  })

  test('output: RSV1 on what shrinks, and another connection reads it', () => {
    const server = connect(codec, { role: 'server' })
    const client = connect(codec)
    for (const data of ['a'.repeat(20), 'Hello', '', 'b'.repeat(70_000), 'a'.repeat(20)]) {
      server.sendText(data)
      const output = server.takeOutput() ?? hex('')
      expect(output[0]).toBe(data.length < 20 ? 0x81 : 0xc1)
      expect(client.receive(output)).toEqual([text(data)])
    }
    server.sendText('a'.repeat(20), { compress: false })
    expect(server.takeOutput()?.[0]).toBe(0x81)
  })

  test('fragments of a compressed message: RSV1 on the first one only (RFC 7692 §6.1)', () => {
    const server = connect(codec, { role: 'server', fragmentSize: 5 })
    server.sendText('abcdefgh'.repeat(20), { compress: true })
    const output = server.takeOutput() ?? hex('')
    expect(output[0]).toBe(0x41)
    expect(output[7]).toBe(0x00)
    expect(connect(codec).receive(output)).toEqual([text('abcdefgh'.repeat(20))])
  })
})

test('RFC 6455 §5.2: RSV1 without an agreement is 1002', () => {
  const open = () => new Connection({ role: 'client', maskKeys: () => hex('00 00 00 00') })
  check(open, ['', `c1 07 ${HELLO}`, [badBits], close(1002)])
})
