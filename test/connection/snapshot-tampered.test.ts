// Snapshots that were modified in their store: each is a TypeError, or becomes a connection that behaves like any other.
import { describe, expect, test } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import type { AnyConnection } from '../../src/connection/connection.ts'
import {
  Connection,
  type ConnectionOptions,
  type ConnectionSnapshot,
  permessageDeflate,
  resumeConnection,
  snapshotConnection,
  startMessage,
} from '../../src/index.ts'
import { hex, pattern } from '../wire.ts'
import { agreed, extension, zeroKeys } from './outgoing-support.ts'

const values: readonly unknown[] = [
  ...[null, true, false, 0, 1, 2, 3, 8, -1, 0.5, 125, 126, 127, 1000, 1005, 1006, 4999, 5000, 2 ** 31, 2 ** 53, 1e300],
  ...[
    '',
    'A',
    'AA==',
    'A+g=',
    'A+jDKA==',
    'iAA=',
    'AAAAAAAAAAAAAAAAAAAA',
    '\ud800',
    'text',
    'open',
    'closed',
    '__proto__',
  ],
  ...[[], [null], [{}], {}, { opcode: 1, first: true }, { progress: null, bytes: '' }],
]

const deflate = [permessageDeflate({ codec: pako, threshold: 0 })]
const params = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 10,
  clientMaxWindowBits: 10,
}
const agreement = { subprotocol: 'chat', extensions: [{ name: 'permessage-deflate', params }] }
const own = extension('x', 2, {
  decode: (piece) => piece,
  encode: (piece) => piece,
  snapshot: () => ({ n: 1 }),
  resume: () => {},
})

/** Connections in the states with the most data, and the options to resume them with. */
const connections: readonly [title: string, options: ConnectionOptions, run: (connection: AnyConnection) => void][] = [
  ['that is idle', { role: 'server' }, () => {}],
  ['inside a header', { role: 'client' }, (it) => it.receive(hex('81 7e 01'))],
  ['inside a text', { role: 'client' }, (it) => it.receive(hex('01 02 e4 b8  00 05 96'))],
  ['inside a masked text as bytes', { role: 'server', text: 'bytes' }, (it) => it.receive(hex('01 85 01 02 03 04 60'))],
  ['inside a piece', { role: 'client', pieces: true }, (it) => it.receive(hex('01 03 61 e4 b8 00'))],
  ['inside a ping', { role: 'client' }, (it) => it.receive(hex('89 05 01 02'))],
  [
    'with pending output',
    { role: 'server' },
    (it) => {
      startMessage(it, 'text').write('a\ud83d')
      it.ping('b')
    },
  ],
  ['that closes', { role: 'server' }, (it) => it.close(1001, 'bye')],
  [
    'whose Close has been sent',
    { role: 'client' },
    (it) => {
      it.close()
      it.takeOutput()
    },
  ],
  ['that the peer closes', { role: 'client' }, (it) => it.receive(hex('88 02 03 e8'))],
  [
    'with both Closes',
    { role: 'client' },
    (it) => {
      it.receive(hex('88 02 03 e8'))
      it.close(3000)
    },
  ],
  ['that has failed', { role: 'client' }, (it) => it.receive(hex('83 00'))],
  [
    'with permessage-deflate',
    { role: 'server', agreement, extensions: deflate },
    (it) => {
      it.sendText('Hello Hello Hello')
      it.receive(hex('c1 87 00 00 00 00 f2 48 cd c9 c9 07 00'))
      it.send({ type: 'text', data: 'Hel', last: false })
    },
  ],
  [
    'with an extension, inside a message',
    { role: 'client', ...agreed(own) },
    (it) => it.receive(hex('21 03 61 62 63 00 02 61')),
  ],
]

/** Returns every location in plain data, as a path of names. */
function* places(data: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path
  if (typeof data !== 'object' || data === null) return
  for (const key of Object.keys(data)) yield* places((data as { [key: string]: unknown })[key], [...path, key])
}

function changed(snapshot: ConnectionSnapshot, path: readonly string[], value: unknown): ConnectionSnapshot {
  const copy = structuredClone(snapshot)
  let at = copy as unknown as { [key: string]: unknown }
  for (const key of path.slice(0, -1)) at = at[key] as { [key: string]: unknown }
  const last = path.at(-1) as string
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

/** Performs every action on a connection. Only an open message may prevent another one. */
function use(connection: AnyConnection): void {
  const { role } = connection
  const mask = role === 'server' ? '80' : '00'
  const key = role === 'server' ? '00 00 00 00' : ''
  const frame = (first: string, payload: string) => {
    const size = (Number.parseInt(mask, 16) | (payload.replaceAll(' ', '').length / 2)).toString(16).padStart(2, '0')
    return hex(`${first} ${size} ${key} ${payload}`)
  }
  const events = [
    ...connection.receive(frame('89', '01')),
    ...connection.receive(pattern(40)),
    ...connection.receive(frame('80', '62 63')),
    ...connection.receive(frame('81', '64')),
  ]
  try {
    connection.send({ type: 'text', data: 'x', first: false, last: true })
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
  }
  try {
    connection.sendText('Hello')
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
  }
  connection.ping()
  connection.takeOutputParts()
  const again = snapshotConnection(connection)
  if (again !== undefined) structuredClone(again)
  connection.close(1000)
  connection.takeOutput()
  events.push(...connection.receive(frame('88', '03 e8')), ...connection.receiveEnd())
  expect(events.filter(({ type }) => type === 'close').length).toBeLessThanOrEqual(1)
  expect([connection.transport, connection.sendText('x'), connection.takeOutput()]).toEqual(['end', false, undefined])
}

describe('a snapshot of a connection', () => {
  test.each(connections)('%s, with any value replaced', (_, options, run) => {
    const made = { maskKeys: zeroKeys, ...options }
    const connection = new Connection(made)
    run(connection)
    const snapshot = JSON.parse(JSON.stringify(snapshotConnection(connection))) as ConnectionSnapshot
    const { role: _role, agreement: _agreement, ...others } = made
    const wrong: string[] = []
    for (const path of places(snapshot)) {
      for (const value of [undefined, ...values]) {
        let resumed: AnyConnection
        try {
          resumed = resumeConnection(changed(snapshot, path, value), others)
        } catch (error) {
          const { name, message } = error as Error
          // One of our errors, which names what is expected, not an error of the engine.
          if (name !== 'TypeError' || /Cannot|undefined is not|not iterable|is not a function/.test(message))
            wrong.push(`${path.join('.')} = ${JSON.stringify(value)}: ${name}: ${message}`)
          continue
        }
        try {
          use(resumed)
        } catch (error) {
          wrong.push(`${path.join('.')} = ${JSON.stringify(value)}: later: ${error}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  test.each([null, undefined, 5, 'x', [], {}, { format: 2 }, { format: 3 }, { format: 3, role: 'server' }])(
    'is not %j',
    (snapshot) => {
      expect(() => resumeConnection(snapshot as unknown as ConnectionSnapshot)).toThrow(TypeError)
      expect(() => resumeConnection(snapshot as unknown as ConnectionSnapshot)).not.toThrow(/Cannot/)
    },
  )
})
