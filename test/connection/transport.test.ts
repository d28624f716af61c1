// The connection for a driver of the transport: output in portions, pongs that overtake, output that an error drops, bytes after the end,
// `onoutput`.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import {
  prepareText,
  resumeConnection,
  sendEncoded,
  sendPrepared,
  snapshotConnection,
  startMessage,
} from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import type { ConnectionSnapshot } from '../../src/connection/snapshot.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { hex } from '../wire.ts'
import { agreed, client, server, taken, wire } from './outgoing-support.ts'

const theirPing = (data: string) => hex(`89 81 00 00 00 00 ${data}`)
const theirClose = hex('88 82 00 00 00 00 03 e8')
const fault = hex('83 80 00 00 00 00')
const open = (options: Partial<ConnectionOptions<'string', false>> = {}) => server({ maxOutput: 5, ...options })

/** Takes output until there is none. */
function takes(connection: Connection): string[] {
  const all: string[] = []
  while (connection.outputSize > 0) all.push(taken(connection))
  return all
}

describe('output in portions', () => {
  test('of at most `maxOutput` bytes, which may end anywhere', () => {
    const connection = open()
    connection.sendText('abc')
    connection.sendText('defghi')
    connection.close(1000)
    expect([connection.outputSize, takes(connection)]).toEqual([
      17,
      [wire('81 03 61 62 63'), wire('81 06 64 65 66'), wire('67 68 69 88 02'), wire('03 e8')],
    ])
    expect([connection.takeOutput(), connection.takeOutputParts()]).toEqual([undefined, []])
  })

  test('also in parts, which share no memory', () => {
    const connection = open({ maxOutput: 50_000 })
    connection.sendBinary(new Uint8Array(70_000).fill(7))
    connection.sendText('a')
    const [first, ...more] = connection.takeOutputParts()
    expect([first?.length, more, connection.outputSize]).toEqual([50_000, [], 20_013])
    structuredClone(first, { transfer: [first?.buffer as ArrayBuffer] })
    const rest = connection.takeOutputParts()
    expect(rest.map(({ length }) => length)).toEqual([20_010, 3])
    expect(rest[0]?.every((byte) => byte === 7)).toBe(true)
  })

  test('of a message that many connections share, of which each gets a copy', () => {
    const message = prepareText('x'.repeat(70_000))
    const [one, two] = [open({ maxOutput: 50_000 }), open({ maxOutput: 50_000 })]
    for (const connection of [one, two]) sendPrepared(connection, message)
    const first = one.takeOutput()
    const second = one.takeOutput()
    first?.fill(0)
    second?.fill(0)
    const whole = Buffer.concat([two.takeOutput() as Uint8Array, two.takeOutput() as Uint8Array])
    expect(whole.subarray(10).equals(Buffer.alloc(70_000, 'x'))).toBe(true)
  })

  test('from Node’s pool, whose `slice` copies nothing', () => {
    const connection = open({ native: { allocate: Buffer.allocUnsafe } })
    connection.sendText('abcdef')
    const first = connection.takeOutput() as Uint8Array
    first.fill(0)
    expect(taken(connection)).toBe(wire('64 65 66'))
    expect(first.buffer).not.toBe(connection.takeOutput()?.buffer)
  })

  test.each([
    [server, '8a0170', '820100'],
    [client, '8a810000000070', '82810000000000'],
  ] as const)('of frames with every size of length, masked or not (%#)', (make, pong, second) => {
    for (const size of [20, 125, 126, 65_535, 65_536]) {
      const [whole, cut] = [make(), make({ maxOutput: 10 })]
      for (const connection of [whole, cut]) {
        connection.sendBinary(new Uint8Array(size))
        connection.sendBinary(new Uint8Array(1))
      }
      const first = taken(cut)
      cut.pong('p')
      // The pong is at the next border between frames, wherever that is.
      const frames = taken(whole)
      expect(first + takes(cut).join('')).toBe(frames.slice(0, -second.length) + pong + second)
    }
  })

  test.each([0, -1, Number.NaN])('of %d bytes is a RangeError', (maxOutput) => {
    expect(() => open({ maxOutput })).toThrow(new RangeError(`\`maxOutput\` must be at least 1, not ${maxOutput}`))
  })

  test('continues after a snapshot inside a frame; nothing else can be resumed', () => {
    const connection = open()
    connection.sendText('abcdef')
    connection.sendText('g')
    taken(connection)
    connection.pong('p')
    const snapshot = JSON.parse(JSON.stringify(snapshotConnection(connection))) as ConnectionSnapshot
    const resumed = resumeConnection(snapshot)
    resumed.pong('q')
    expect(taken(resumed)).toBe(wire('64 65 66  8a 01 70  8a 01 71  81 01 67'))
    const { outgoing } = snapshot.state as { outgoing: { rest: number } }
    for (const rest of [-1, 0, 2, 4, 100]) {
      outgoing.rest = rest
      expect(() => resumeConnection(snapshot)).toThrow(TypeError)
    }
  })
})

describe('pongs', () => {
  test('overtake all frames that have not been taken, after the rest of one that was partly taken', () => {
    const connection = open()
    connection.sendText('abcdef')
    connection.sendText('g')
    expect(taken(connection)).toBe(wire('81 06 61 62 63'))
    connection.receive(theirPing('01'))
    connection.pong('p')
    connection.ping('i')
    expect(takes(connection)).toEqual([wire('64 65 66 8a 01'), wire('01 8a 01 70 81'), wire('01 67 89 01 69')])
  })

  test('that were partly taken stay in order', () => {
    const connection = open()
    connection.sendText('a')
    connection.pong('12345')
    expect(taken(connection)).toBe(wire('8a 05 31 32 33'))
    connection.receive(theirPing('01'))
    expect(takes(connection)).toEqual([wire('34 35 8a 01 01'), wire('81 01 61')])
  })

  test('may be sent after close() until our Close is taken', () => {
    const connection = open()
    connection.sendText('abcdef')
    connection.close(1000)
    taken(connection)
    expect([connection.state, connection.pong('p')]).toEqual(['closing', true])
    expect(taken(connection)).toBe(wire('64 65 66 8a 01'))
    expect(taken(connection)).toBe(wire('70 88 02 03 e8'))
    expect(connection.pong('q')).toBe(false)
  })

  test('that are not taken are limited in number, however often other output is taken', () => {
    const connection = open({ maxOutput: 1 })
    connection.sendBinary(new Uint8Array(1000))
    taken(connection)
    for (let i = 0; i < 500; i++) {
      connection.receive(theirPing('01'))
      taken(connection)
    }
    // The rest of the message, 64 pongs, and the newest pong.
    expect(connection.outputSize).toBe(1004 - 501 + 65 * 3)
  })
})

describe('the peer’s Close', () => {
  test('allows queued output to be taken, and from the first take on no more messages', () => {
    const connection = open()
    connection.receive(theirClose)
    expect([connection.sendText('abcdef'), connection.transport]).toEqual([true, 'keep'])
    expect(taken(connection)).toBe(wire('81 06 61 62 63'))
    expect([connection.sendText('no'), connection.ping(), connection.pong(), connection.close(1001)]).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect([taken(connection), connection.transport]).toEqual([wire('64 65 66 88 02'), 'keep'])
    expect([taken(connection), connection.transport]).toEqual([wire('03 e8'), 'end'])
  })

  test('is answered after `closeTimeout` if the user does not, also after a snapshot', () => {
    const options = { role: 'server', autoClose: false, closeTimeout: 20 } as const
    const connection = new Connection(options)
    connection.receive(hex('88 85 00 00 00 00 0f a1 62 79 65'), 0)
    const resumed = resumeConnection(JSON.parse(JSON.stringify(snapshotConnection(connection))), {
      autoClose: false,
      closeTimeout: 20,
    })
    for (const each of [connection, resumed]) {
      each.poll(0)
      expect([each.poll(19), each.outputSize, each.poll(20), taken(each)]).toEqual([[], 0, [], wire('88 02 0f a1')])
      expect([each.transport, each.pollAt]).toEqual(['end', 40])
    }
  })
})

describe('after an error of the peer', () => {
  test('answers to the same chunk are sent first, then our Close', () => {
    const connection = server()
    expect(connection.receive(Buffer.concat([theirPing('01'), fault]))).toHaveLength(2)
    expect(connection.sendText('a')).toBe(true)
    expect(taken(connection)).toBe(wire('8a 01 01  81 01 61  88 02 03 ea'))
    expect([connection.sendText('b'), connection.transport]).toEqual([false, 'end'])
  })

  test('queued output is dropped at a border between frames; pongs stay; nothing else is sent before our Close', () => {
    const connection = open()
    connection.sendText('abcdef')
    connection.sendText('dropped')
    taken(connection)
    connection.receive(theirPing('01'))
    expect(connection.receive(fault)).toMatchObject([{ type: 'close', code: 1002, sentCode: 1002 }])
    expect([connection.sendText('no'), connection.ping()]).toEqual([false, false])
    expect(takes(connection).join('')).toBe(wire('64 65 66  8a 01 01  88 02 03 ea'))
    expect(connection.transport).toBe('end')
  })

  test('queued output is also dropped after our own close(), and the rest of an open message sends nothing', () => {
    const connection = open()
    connection.sendText('abcdef')
    connection.close(1001)
    connection.receive(fault)
    expect(takes(connection).join('')).toBe(wire('88 02 03 e9'))

    const other = open()
    const message = startMessage(other, 'text')
    message.write('abc')
    other.receive(fault)
    expect([message.write('d'), other.send({ type: 'text', data: 'e', first: false })]).toEqual([false, false])
    expect(takes(other).join('')).toBe(wire('88 02 03 ea'))
  })
})

describe('the end of the transport', () => {
  test('begins the deadline: queued output may be taken until then, and the peer has the same time again to read it', () => {
    const connection = server({ closeTimeout: 20 })
    connection.sendText('a')
    expect(connection.receiveEnd(5)).toMatchObject([{ type: 'close', code: 1006, by: 'transport' }])
    expect([connection.transport, connection.pollAt, connection.poll(24)]).toEqual(['keep', 25, []])
    expect([taken(connection, 24), connection.transport, connection.pollAt]).toEqual([wire('81 01 61'), 'end', 45])
    expect([connection.poll(44), connection.transport, connection.poll(45), connection.transport]).toEqual([
      [],
      'end',
      [],
      'destroy',
    ])
  })

  test('drops output that was not taken and input that was not read, at the deadline', () => {
    for (const pending of [false, true]) {
      const connection = client({ closeTimeout: 20, keepalive: { interval: 1, timeout: 1 } })
      const chunk = Buffer.alloc(65_539 * 8, Buffer.concat([hex('82 7e ff ff'), Buffer.alloc(65_535)]))
      if (pending) connection.receive(chunk, 0)
      connection.sendText('a')
      expect([connection.hasPending, connection.receiveEnd(5).length]).toEqual([pending, pending ? 0 : 1])
      expect([connection.poll(24), connection.transport, connection.pollAt]).toEqual([[], 'keep', 25])
      expect(connection.poll(25).map(({ code, error }) => [code, error?.code])).toEqual(
        pending ? [[1006, 'timeout']] : [],
      )
      expect([connection.transport, connection.outputSize, connection.hasPending]).toEqual(['destroy', 0, false])
    }
  })
})

describe('bytes after the close event', () => {
  test.each([
    [{}, 16_777_216],
    [{ maxMessageSize: 5000 }, 1_048_576],
    [{ maxMessageSize: 3_000_000 }, 3_000_000],
  ])('with limits %o: the transport is to be destroyed after more than %d bytes', (limits, most) => {
    for (const end of [theirClose, fault]) {
      const connection = server({ limits })
      connection.receive(end, 0)
      // Bytes in the chunk of the Close itself do not count.
      const chunk = new Uint8Array(65_536)
      let left = most
      for (; left > 0; left -= chunk.length)
        expect(connection.receive(chunk.subarray(0, Math.min(left, chunk.length)), 0)).toEqual([])
      expect([connection.transport, connection.outputSize]).toEqual(['keep', 4])
      expect(connection.receive(hex('00'), 0)).toEqual([])
      expect([connection.transport, connection.outputSize, connection.pollAt]).toEqual(['destroy', 0, undefined])
    }
  })
})

describe('onoutput', () => {
  const extension = defineExtension({
    name: 'x',
    rsv: Rsv.RSV1,
    offer: () => [{}],
    accept: () => undefined,
    verify: () => undefined,
    open: () => undefined,
  })

  test('is called once for each call that sends, when the output can be taken', () => {
    const connection = server(agreed(extension))
    const got: string[] = []
    connection.onoutput = () => {
      got.push(taken(connection))
    }
    connection.sendText('a')
    connection.sendBinary(hex('01'))
    connection.send({ type: 'text', data: 'b' })
    sendPrepared(connection, prepareText('c'))
    prepareText('d').sendTo(connection, undefined)
    sendEncoded(connection, { of: 'text', rsv: 4, data: hex('02') })
    connection.ping('e')
    connection.pong('f')
    const message = startMessage(connection, 'text')
    message.write('g')
    message.write('')
    message.end()
    connection.send({ type: 'binary', data: hex('03'), last: false })
    connection.send({ type: 'binary', data: hex('04'), first: false })
    connection.close(1000)
    expect(got.map((bytes) => bytes.slice(0, 6))).toEqual([
      ...['810161', '820101', '810162', '810163', '810164', 'c10102', '890165', '8a0166', '010167', '8000'],
      ...['020103', '800104', '880203'],
    ])
  })

  test('is not called for output of receive and poll, nor by a call that sends nothing', () => {
    const connection = server({ keepalive: { interval: 10, timeout: 10 } })
    let calls = 0
    connection.onoutput = () => calls++
    startMessage(connection, 'text').write('\ud83d')
    connection.receive(theirPing('01'), 0)
    connection.poll(10)
    connection.receive(theirClose, 11)
    connection.takeOutput()
    expect([connection.sendText('a'), connection.close(), connection.ping(), connection.pong()]).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(calls).toBe(0)
  })
})
