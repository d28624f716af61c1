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
  'failed behind our Close': (it) => {
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

/** Each reports its return value. */
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

/** For one input: its return value, the output, then state and `done`. */
function run(role: Role, autoClose: boolean, state: string, input: string): string {
  const it = new Case(role, autoClose)
  states[state]?.(it)
  const result = inputs[input]?.(it)
  const { output, connection } = it
  expect([connection.takeOutput(), connection.pollAt === undefined || !connection.done]).toEqual([undefined, true])
  return `${result} | ${output} | ${connection.state}${connection.done ? ' done' : ''}`
}

const SENT = '810161820101810162010163'

/** In the order of `inputs`; for a server with `autoClose`. */
const table: { readonly [state: string]: readonly string[] } = {
  open: [
    'true | 880203e8 | closing',
    '3001 remote clean | 88020bb9 | closed done',
    '1002 local reserved-opcode | 880203ea | closed done',
    '- | - | open',
    '1006 transport | - | closed done',
    '- | - | open',
    `true | ${SENT} | open`,
    'true | 89008a00 | open',
    'ping | 8a0107 | open',
    'text | - | open',
  ],
  'closing-local, ours not taken': [
    'false | 880203e9 | closing',
    '3001 local clean | 880203e9 | closed done',
    '1002 local reserved-opcode | 880203e9 | closed done',
    '- | 880203e9 | closing',
    '1006 local | 880203e9 | closed done',
    '1006 local timeout | - | closed done',
    'false | 880203e9 | closing',
    'false and true | 8a00880203e9 | closing',
    'ping | 8a0107880203e9 | closing',
    'text | 880203e9 | closing',
  ],
  'closing-local': [
    'false | - | closing',
    '3001 local clean | - | closed done',
    '1002 local reserved-opcode | - | closed done',
    '- | - | closing',
    '1006 local | - | closed done',
    '1006 local timeout | - | closed done',
    'false | - | closing',
    'false | - | closing',
    'ping | - | closing',
    'text | - | closing',
  ],
  'closing-remote': [
    'false | 88020bb8 | closed done',
    '- | 88020bb8 | closed done',
    '- | 88020bb8 | closed done',
    '- | 88020bb8 | closed done',
    '- | 88020bb8 | closed done',
    '- | - | closed done',
    `true | ${SENT}88020bb8 | closed done`,
    'true | 89008a0088020bb8 | closed done',
    '- | 88020bb8 | closed done',
    '- | 88020bb8 | closed done',
  ],
  failing: [
    'false | 880203ea | closed done',
    '- | 880203ea | closed done',
    '- | 880203ea | closed done',
    '- | 880203ea | closed done',
    '- | 880203ea | closed done',
    '- | - | closed done',
    `true | ${SENT}880203ea | closed done`,
    'true | 89008a00880203ea | closed done',
    '- | 880203ea | closed done',
    '- | 880203ea | closed done',
  ],
}

const over = (output: string): string[] =>
  Object.keys(inputs).map((input) => `${/close\(|sends|pong/.test(input) ? 'false' : '-'} | ${output} | closed done`)

function expected(role: Role, autoClose: boolean, state: string): readonly string[] {
  const manual: { readonly [state: string]: readonly string[] } = {
    open: (table.open as string[]).map((row, i) => (i === 1 ? '3001 remote clean | - | closed' : row)),
    // No Close of ours is due until close() is called: sending continues, and only the transport or time end it.
    'closing-remote': [
      'true | 880203e8 | closed done',
      ...Array(3).fill('- | - | closed'),
      '- | - | closed done',
      '- | - | closed done',
      `true | ${SENT} | closed`,
      'true | 89008a00 | closed',
      ...Array(2).fill('- | - | closed'),
    ],
    'closing-both': over('880203e9').map((row, i) => (i === 5 ? '- | - | closed done' : row)),
  }
  const both = (table['closing-remote'] as string[]).map((row, i) =>
    // With `autoClose` our answer is already queued, and close() has changed nothing.
    i === 0 ? 'false | 88020bb8 | closed done' : row,
  )
  const rows = (autoClose ? undefined : manual[state]) ?? table[state] ?? (state === 'closing-both' ? both : over('-'))
  return role === 'server' ? rows : rows.map((row, i) => forClient(state, row, i))
}

/** A client is not done when both have closed, but when the transport or `closeTimeout` ends it; the same after errors. */
function forClient(state: string, row: string, input: number): string {
  const ends = input === 4 || input === 5
  const closes = / clean /.test(row) || /^closing-(remote|both)|^closed/.test(state)
  return closes && !ends ? row.replace(' done', '') : row
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
