// The state table: every state × every input, written out.
import { describe, expect, test } from 'vitest'
import { type Input, type State, states } from '../../src/connection/lifecycle.ts'

const inputs: readonly Input[] = [
  'close',
  'close-received',
  'silence',
  'close-taken',
  'error',
  'waited',
  'end',
  'destroy',
]

/** The state after each input, in the order above; '-' if the state does not change. */
const table: readonly (readonly [state: State, next: readonly (State | '-')[]])[] = [
  ['open', ['closing-local', 'closing-remote', '-', '-', 'failing', '-', 'ended', 'destroyed']],
  ['closing-local', ['-', 'closed', '-', '-', 'failed', '-', 'ended', 'destroyed']],
  ['closing-remote', ['closing-both', '-', 'closing-both', '-', '-', '-', 'ended', 'destroyed']],
  ['closing-both', ['-', '-', '-', 'closed', '-', '-', 'ended', 'destroyed']],
  ['failing', ['-', '-', 'failing-silent', '-', '-', '-', 'ended', 'destroyed']],
  ['failing-silent', ['-', '-', '-', 'failed', '-', '-', 'ended', 'destroyed']],
  ['closed', ['-', '-', '-', '-', '-', 'ended', 'ended', 'destroyed']],
  ['failed', ['-', '-', '-', '-', '-', '-', 'ended', 'destroyed']],
  ['ended', ['-', '-', '-', '-', '-', '-', '-', 'destroyed']],
  ['destroyed', ['-', '-', '-', '-', '-', '-', '-', '-']],
]

describe('the state table', () => {
  test('has these states and no others', () => {
    expect(Object.keys(states)).toEqual(table.map(([state]) => state))
  })

  test.each(table)('%s', (state, expected) => {
    expect(inputs.map((input) => states[state].next[input] ?? '-')).toEqual(expected)
  })

  test('never goes back: from any state, any inputs lead to `destroyed` and stay there', () => {
    for (const [state] of table) {
      expect(states[state].next.destroy ?? state).toBe('destroyed')
      for (const next of Object.values(states[state].next))
        expect(table.findIndex(([name]) => name === next)).toBeGreaterThan(table.findIndex(([name]) => name === state))
    }
  })

  test('messages may be sent until our Close is in the output', () => {
    expect(
      Object.entries(states)
        .filter(([, { sends }]) => sends)
        .map(([name]) => name),
    ).toEqual(['open', 'closing-remote', 'failing'])
  })

  test('received data is reported until the close event', () => {
    expect(
      Object.entries(states)
        .filter(([, { receives }]) => receives)
        .map(([name]) => name),
    ).toEqual(['open', 'closing-local'])
  })
})
