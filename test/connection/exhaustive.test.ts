// The state table tested on real connections: every state, reached by calls, with every input, for both roles, with and without
// `autoClose`. Each case states the return value, the output, and the resulting state (RFC 6455 §5.5.1, §7.1).

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { sendPrepared } from '../../src/connection/index.ts'
import { prepareText } from '../../src/connection/prepared.ts'
import type { Role } from '../../src/types.ts'
import { hex } from '../wire.ts'
import { taken, zeroKeys } from './outgoing-support.ts'

/** A connection, and frames from its peer. */
class Case {
  readonly connection: Connection
  readonly role: Role

  constructor(role: Role, autoClose: boolean) {
    this.role = role
    this.connection = new Connection({ role, autoClose, closeTimeout: 10, maskKeys: zeroKeys })
  }

  frame(opcode: number, payload = ''): Uint8Array {
    const bytes = hex(payload)
    const masked = this.role === 'server' ? 0x80 : 0
    return Uint8Array.of(0x80 | opcode, masked | bytes.length, ...(masked ? [0, 0, 0, 0] : []), ...bytes)
  }

  receive(opcode: number, payload = ''): string {
    const events = this.connection.receive(this.frame(opcode, payload))
    return events.map((event) => (event.type === 'close' ? told(event) : event.type)).join(' ') || '-'
  }

  /** The output, without masks. */
  get output(): string {
    return taken(this.connection).replaceAll(/8(.)00000000/g, '0$1') || '-'
  }
}

function told({ code, by, clean, error }: { code: number; by: string; clean: boolean; error?: unknown }): string {
  return [code, by, clean ? 'clean' : '', (error as { code?: string } | undefined)?.code ?? '']
    .filter(Boolean)
    .join(' ')
}

const CLOSE = 8
const states: { readonly [name: string]: (it: Case) => void } = {
  open: () => undefined,
  'closing-local, ours not taken': ({ connection }) => void connection.close(1001),
  'closing-local': (it) => {
    it.connection.close(1001)
    it.connection.takeOutput()
  },
  'closing-remote': (it) => void it.receive(CLOSE, '0bb8'),
  'closing-both': (it) => {
    it.receive(CLOSE, '0bb8')
    it.connection.close(1001)
  },
  failing: (it) => void it.receive(3),
  'closed by us': (it) => {
    states['closing-local']?.(it)
    it.receive(CLOSE, '0bb8')
  },
  'closed by them': (it) => {
    states['closing-both']?.(it)
    it.connection.takeOutput()
  },
  failed: (it) => {
    it.receive(3)
    it.connection.takeOutput()
  },
  'failed after our Close': (it) => {
    states['closing-local']?.(it)
    it.receive(3)
  },
  ended: ({ connection }) => void connection.receiveEnd(),
  'timed out': ({ connection }) => {
    connection.close(1001)
    connection.poll(0)
    connection.poll(10)
  },
}

/** The inputs. Each returns its result as text. */
const inputs: { readonly [name: string]: (it: Case) => unknown } = {
  'close()': ({ connection }) => connection.close(1000),
  'their Close': (it) => it.receive(CLOSE, '0bb9'),
  'an error': (it) => it.receive(3),
  takeOutput: () => '-',
  receiveEnd: ({ connection }) => connection.receiveEnd().map(told).join() || '-',
  'closeTimeout passes': ({ connection }) => {
    const events = [...connection.poll(100), ...connection.poll(110)]
    return events.map(told).join() || '-'
  },
  sends: ({ connection }) => {
    const sent = [
      connection.sendText('a'),
      connection.sendBinary(hex('01')),
      sendPrepared(connection, prepareText('b')),
    ]
    return new Set([...sent, connection.send({ type: 'text', data: 'c', last: false })]).size === 1 ? sent[0] : sent
  },
  'ping and pong': ({ connection }) => [...new Set([connection.ping(), connection.pong()])].join(' and '),
  'their ping': (it) => it.receive(9, '07'),
  'their message': (it) => it.receive(1, '61'),
}

/** For one input: its return value, the output, then the state and what happens to the transport. */
function run(role: Role, autoClose: boolean, state: string, input: string): string {
  const it = new Case(role, autoClose)
  states[state]?.(it)
  const result = inputs[input]?.(it)
  const { output, connection } = it
  const { transport } = connection
  expect([connection.takeOutput(), connection.pollAt === undefined]).toEqual([
    undefined,
    connection.state === 'open' || transport === 'destroy',
  ])
  return `${result} | ${output} | ${connection.state}${transport === 'keep' ? '' : ` ${transport}`}`
}

const SENT = '810161820101810162010163'

/** In the order of `inputs`; for a server with `autoClose`. */
const table: { readonly [state: string]: readonly string[] } = {
  open: [
    'true | 880203e8 | closing',
    '3001 remote clean | 88020bb9 | closed end',
    '1002 local reserved-opcode | 880203ea | closed end',
    '- | - | open',
    '1006 transport | - | closed end',
    '- | - | open',
    `true | ${SENT} | open`,
    'true | 8a008900 | open',
    'ping | 8a0107 | open',
    'text | - | open',
  ],
  'closing-local, ours not taken': [
    'false | 880203e9 | closing',
    '3001 local clean | 880203e9 | closed end',
    '1002 local reserved-opcode | 880203e9 | closed end',
    '- | 880203e9 | closing',
    '1006 local | 880203e9 | closed end',
    '1006 local timeout | - | closed destroy',
    'false | 880203e9 | closing',
    'false and true | 8a00880203e9 | closing',
    'ping | 8a0107880203e9 | closing',
    'text | 880203e9 | closing',
  ],
  'closing-local': [
    'false | - | closing',
    '3001 local clean | - | closed end',
    '1002 local reserved-opcode | - | closed end',
    '- | - | closing',
    '1006 local | - | closed end',
    '1006 local timeout | - | closed destroy',
    'false | - | closing',
    'false | - | closing',
    'ping | - | closing',
    'text | - | closing',
  ],
  'closing-remote': [
    'false | 88020bb8 | closed end',
    '- | 88020bb8 | closed end',
    '- | 88020bb8 | closed end',
    '- | 88020bb8 | closed end',
    '- | 88020bb8 | closed end',
    '- | - | closed destroy',
    `true | ${SENT}88020bb8 | closed end`,
    'true | 8a00890088020bb8 | closed end',
    '- | 88020bb8 | closed end',
    '- | 88020bb8 | closed end',
  ],
  failing: [
    'false | 880203ea | closed end',
    '- | 880203ea | closed end',
    '- | 880203ea | closed end',
    '- | 880203ea | closed end',
    '- | 880203ea | closed end',
    '- | - | closed destroy',
    `true | ${SENT}880203ea | closed end`,
    'true | 8a008900880203ea | closed end',
    '- | 880203ea | closed end',
    '- | 880203ea | closed end',
  ],
}

const over = (output: string): string[] =>
  Object.keys(inputs).map((input) => `${/close\(|sends|pong/.test(input) ? 'false' : '-'} | ${output} | closed end`)

function expected(role: Role, autoClose: boolean, state: string): readonly string[] {
  const manual: { readonly [state: string]: readonly string[] } = {
    open: (table.open as string[]).map((row, i) => (i === 1 ? '3001 remote clean | - | closed' : row)),
    // Our Close is not queued before close(): sending continues until the transport ends or a timeout sends a Close with the peer's code.
    'closing-remote': [
      'true | 880203e8 | closed end',
      ...Array(3).fill('- | - | closed'),
      '- | - | closed end',
      '- | 88020bb8 | closed end',
      `true | ${SENT} | closed`,
      'true | 8a008900 | closed',
      ...Array(2).fill('- | - | closed'),
    ],
    'closing-both': over('880203e9').map((row, i) => (i === 5 ? '- | - | closed destroy' : row)),
  }
  const both = (table['closing-remote'] as string[]).map((row, i) =>
    // With `autoClose` our answer is already queued, and close() has changed nothing.
    i === 0 ? 'false | 88020bb8 | closed end' : row,
  )
  if (state === 'timed out') return over('-').map((row) => row.replace('end', 'destroy'))
  const rows = (autoClose ? undefined : manual[state]) ?? table[state] ?? (state === 'closing-both' ? both : over('-'))
  return role === 'server' ? rows : rows.map((row, i) => forClient(state, row, i))
}

/**
 * After both Closes, a client does not end the transport until the server has ended it or the time has passed. After errors both roles do
 * the same.
 */
function forClient(state: string, row: string, input: number): string {
  const ends = input === 4 || (input === 5 && !row.includes('88020bb8'))
  const closes = / clean /.test(row) || /^closing-(remote|both)|^closed/.test(state)
  return closes && !ends ? row.replace(' end', '') : row
}

describe.each(['server', 'client'] as const)('a %s', (role) => {
  describe.each([true, false])('with autoClose %s', (autoClose) => {
    test.each(Object.keys(states))('%s', (state) => {
      const rows = Object.keys(inputs).map((input) => `${input}: ${run(role, autoClose, state, input)}`)
      const wanted = expected(role, autoClose, state)
      expect(rows).toEqual(Object.keys(inputs).map((input, i) => `${input}: ${wanted[i]}`))
    })
  })
})

test('all states and all inputs', () => {
  expect([Object.keys(states).length, Object.keys(inputs).length]).toEqual([12, 10])
  for (const rows of Object.values(table)) expect(rows).toHaveLength(10)
})
