// Calls into a connection from the caller's own callbacks: each is a TypeError, and changes nothing.
import { describe, expect, test } from 'vitest'
import type { Transform } from '../../src/frame/transform.ts'
import {
  Connection,
  prepareText,
  sendEncoded,
  sendPrepared,
  snapshotConnection,
  startMessage,
} from '../../src/index.ts'
import { hex } from '../wire.ts'
import { agreed, extension, taken, zeroKeys } from './outgoing-support.ts'

const message = prepareText('prepared')
const encoded = { of: 'text', rsv: 2, data: hex('01') } as const

/** Every method that changes a connection. */
const calls: readonly [name: string, call: (connection: Connection) => unknown][] = [
  ['receive', (it) => it.receive(hex('81 00'))],
  ['receive of nothing', (it) => it.receive(hex(''))],
  ['receiveEnd', (it) => it.receiveEnd()],
  ['poll', (it) => it.poll(1e9)],
  ['sendText', (it) => it.sendText('a')],
  ['sendBinary', (it) => it.sendBinary(hex('01'))],
  ['send', (it) => it.send({ type: 'text', data: 'a' })],
  ['send of a piece', (it) => it.send({ type: 'text', data: 'a', last: false })],
  ['sendPrepared', (it) => sendPrepared(it, message)],
  ['sendEncoded', (it) => sendEncoded(it, encoded)],
  ['startMessage', (it) => startMessage(it, 'text')],
  ['ping', (it) => it.ping()],
  ['pong', (it) => it.pong()],
  ['close', (it) => it.close()],
  ['takeOutput', (it) => it.takeOutput()],
  ['takeOutputParts', (it) => it.takeOutputParts()],
  ['snapshot', (it) => snapshotConnection(it)],
]

/** The callbacks, and the actions that make the connection call them. */
const places = ['encode', 'decode', 'snapshot', 'maskKeys', 'allocate'] as const

function create(place: string, called: () => void): { connection: Connection; provoke: () => void } {
  const at = (name: string) => name === place && called()
  const transform: Transform = {
    encode: (piece) => {
      at('encode')
      return piece
    },
    decode: (piece) => {
      at('decode')
      return piece
    },
    snapshot: () => {
      at('snapshot')
      return null
    },
  }
  const connection = new Connection({
    role: 'client',
    ...agreed(extension('x', 4, transform), extension('y', 2, undefined as never)),
    keepalive: { interval: 1000, timeout: 1000 },
    maskKeys: () => {
      at('maskKeys')
      return zeroKeys()
    },
    native: {
      allocate: (size) => {
        at('allocate')
        return new Uint8Array(size)
      },
    },
  })
  connection.poll(0)
  const provoke = () => {
    if (place === 'decode') connection.receive(hex('c1 01 62'))
    else if (place === 'snapshot') snapshotConnection(connection)
    else connection.sendText('b')
  }
  return { connection, provoke }
}

describe.each(places)('from %s', (place) => {
  test.each(calls)('%s', (_, call) => {
    const caught: unknown[] = []
    let active = true
    const { connection, provoke } = create(place, () => {
      if (!active) return
      active = false
      try {
        call(connection)
      } catch (error) {
        caught.push(error)
      }
      active = true
    })
    provoke()
    active = false
    expect(caught.length).toBeGreaterThan(0)
    for (const error of caught) {
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).toContain('called back into its connection')
    }
    // The state is as if nothing had been called.
    const straight = create('nowhere', () => {})
    if (place === 'decode') straight.connection.receive(hex('c1 01 62'))
    else if (place !== 'snapshot') straight.connection.sendText('b')
    expect([connection.state, connection.pollAt]).toEqual(['open', straight.connection.pollAt])
    expect(taken(connection)).toBe(taken(straight.connection))
    expect(connection.receive(hex('81 01 61'))).toMatchObject([{ type: 'text', data: 'a' }])
    connection.sendText('c')
    straight.connection.sendText('c')
    expect(taken(connection)).toBe(taken(straight.connection))
  })

  test('write and end of an OutgoingMessage', () => {
    const caught: unknown[] = []
    let write: (() => void) | undefined
    const { connection, provoke } = create(place, () => {
      const again = write
      write = undefined
      try {
        again?.()
      } catch (error) {
        caught.push(error)
      }
    })
    const writer = startMessage(connection, 'text')
    for (const call of [() => writer.write('x'), () => writer.end()]) {
      write = call
      if (place === 'decode' || place === 'snapshot') provoke()
      else writer.write('b'.repeat(5000))
    }
    expect(caught).toHaveLength(2)
    for (const error of caught) expect(String(error)).toContain('called back')
  })
})

test('the error of such a call passes through, like any other error of an extension', () => {
  const { connection, provoke } = create('maskKeys', () => void connection.poll(1))
  expect(provoke).toThrow(TypeError)
  const decoding = create('decode', () => void decoding.connection.takeOutput())
  expect(decoding.provoke).toThrow('called back')
})
