/**
 * Frames on which popular libraries disagree, with the result that RFC 6455 requires for each, in every split. The differential tests
 * show the results of `ws` and websocket-driver.
 */

import { expect, test } from 'vitest'
import { Connection } from '../../src/connection/index.ts'
import { ProtocolError } from '../../src/errors.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import type { Role } from '../../src/types.ts'
import { hex, splits } from '../wire.ts'

type Row = readonly [title: string, role: Role, wire: string, code: number, why: string | undefined]

const rows: readonly Row[] = [
  ['a length of 1 in 2 bytes', 'client', '82 7e 00 01 41', 1002, 'length'],
  ['a length of 1 in 8 bytes', 'client', '82 7f 00 00 00 00 00 00 00 01 41', 1002, 'length'],
  ['a 64-bit length with its top bit set', 'client', '82 7f 80 00 00 00 00 00 00 01', 1002, 'length'],
  ['a 64-bit length with all bits set', 'server', '82 ff ff ff ff ff ff ff ff ff 37 fa 21 3d', 1002, 'length'],
  ['close code 1012', 'client', '88 02 03 f4', 1012, undefined],
  ['close code 1013', 'client', '88 02 03 f5', 1013, undefined],
  ['close code 1014', 'client', '88 02 03 f6', 1014, undefined],
  ['close code 1015', 'client', '88 02 03 f7', 1002, 'close-code'],
  ['a masked frame to a client', 'client', '81 81 37 fa 21 3d 76', 1002, 'masked'],
  ['UTF-8 that becomes invalid in a fragment that is not the last', 'client', '01 03 41 c3 28', 1007, 'utf8'],
  ['UTF-8 that becomes invalid in a frame whose rest is missing', 'client', '01 7e 03 e8 41 c3 28', 1007, 'utf8'],
  ['a character that becomes invalid two fragments after it began', 'client', '01 01 e4 00 00 00 01 28', 1007, 'utf8'],
  ['RSV1 on a ping', 'client', 'c9 00', 1002, 'reserved-bits'],
]

test.each(rows)('%s, to a %s: %s is %i %s', (_, role, wire, code, why) => {
  for (const chunks of splits(hex(wire))) {
    const connection = new Connection({ role })
    const events = chunks.flatMap((chunk) => connection.receive(chunk))
    const said = events.map((event) => event.type === 'close' && [event.code, event.error?.code])
    expect(said).toEqual([[code, why]])
  }
})

test.each([
  ['a continuation', '41 00 c0 00', 1],
  ['a ping between fragments', '41 00 c9 00', 1],
  ['a pong', 'ca 00', 0],
  ['a Close', 'c8 00', 0],
])('RSV1 on %s is rejected even if RSV1 was agreed on', (_, wire, good) => {
  for (const chunks of splits(hex(wire))) {
    const decoder = new FrameDecoder({ role: 'client', rsv: 4 })
    let frames = 0
    const read = (): void => {
      for (const chunk of chunks) {
        decoder.push(chunk)
        while (decoder.next()) frames++
      }
    }
    expect(read).toThrow(ProtocolError)
    expect(() => decoder.next()).toThrow(expect.objectContaining({ code: 'reserved-bits', closeCode: 1002 }))
    expect(frames).toBe(good)
  }
})
