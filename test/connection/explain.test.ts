// The reason in a Close that answers an error: none by default, the message of the error with `explainErrors`.
import { expect, test } from 'vitest'
import { parseClosePayload } from '../../src/frame/index.ts'
import { type ClosePayload, Connection, type ConnectionOptions, ProtocolError, Rsv } from '../../src/index.ts'
import { hex } from '../wire.ts'
import { agreed, extension, zeroKeys } from './outgoing-support.ts'

/** Returns our Close, and the close event. */
function fail(options: Omit<ConnectionOptions<'string', false>, 'role'>, bytes: string): [ClosePayload, unknown] {
  const connection = new Connection({ role: 'client', maskKeys: zeroKeys, ...options })
  const event = connection.receive(hex(bytes)).at(-1)
  const output = connection.takeOutput() as Uint8Array
  return [parseClosePayload(output.subarray(6)), event]
}

test('there is no reason by default', () => {
  const [close, event] = fail({}, '83 00')
  expect(close).toEqual({ code: 1002, reason: '' })
  expect(event).toMatchObject({ code: 1002, reason: '', sentCode: 1002, error: { code: 'reserved-opcode' } })
})

test('with explainErrors it is the message of the error; the event has no reason, because none was received', () => {
  const [close, event] = fail({ explainErrors: true }, '83 00')
  expect(close).toEqual({
    code: 1002,
    reason: 'opcode 3 is reserved',
  })
  expect(event).toMatchObject({ reason: '', error: { message: close.reason } })
})

test.each([
  ['cut to the size of a Close', 'x'.repeat(300), 'x'.repeat(123)],
  ['in visible ASCII', 'a\r\nb\u009bc\u{1f600}d\ud800\u00e9', 'a??b?c?d??'],
  ['cut after replacing other characters', `${'x'.repeat(122)}\u{1f600}y`, `${'x'.repeat(122)}?`],
  ['empty', '', ''],
])('%s', (_, message, expected) => {
  const strange = extension('x', Rsv.RSV1, {
    encode: (piece) => piece,
    decode: () => {
      throw new ProtocolError('extension-data', message, { closeCode: 1007 })
    },
  })
  const [close] = fail({ ...agreed(strange), explainErrors: true }, 'c1 01 61')
  expect(close).toEqual({ code: 1007, reason: expected })
})

test('other kinds of end have the same reason as without the option', () => {
  const connection = new Connection({ role: 'server', explainErrors: true, closeTimeout: 10 })
  connection.receive(hex('88 82 00 00 00 00 03 e9'))
  expect(connection.takeOutput()).toEqual(hex('88 02 03 e9'))
  const slow = new Connection({ role: 'server', explainErrors: true, closeTimeout: 10 })
  slow.close(1000)
  slow.poll(0)
  expect(slow.poll(10)).toMatchObject([{ code: 1006, reason: '', error: { code: 'timeout' } }])
  expect(slow.takeOutput()).toBeUndefined()
})

test('connections with and without the option do not affect each other', () => {
  for (const explainErrors of [true, false, true]) {
    const [{ reason }] = fail({ explainErrors }, '83 00')
    expect(reason !== '').toBe(explainErrors)
  }
})
