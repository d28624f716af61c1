// How a connection comes to its end, without frames: who began, which Close is owed, what is told, once.
import { describe, expect, test } from 'vitest'
import { Lifecycle } from '../../src/connection/lifecycle.ts'
import { ProtocolError } from '../../src/errors.ts'
import { hex } from '../wire.ts'

const CLOSE = hex('03 e8')
const fault = new ProtocolError('utf8', 'no UTF-8', { closeCode: 1007 })
const none = hex('')

function at(...steps: readonly ((lifecycle: Lifecycle) => unknown)[]): Lifecycle {
  const lifecycle = new Lifecycle()
  for (const step of steps) step(lifecycle)
  return lifecycle
}
const close = (lifecycle: Lifecycle) => lifecycle.close(CLOSE)
const theirs = (lifecycle: Lifecycle) => lifecycle.receiveClose(hex('03 e9 61'), true)
const taken = (lifecycle: Lifecycle) => lifecycle.closeTaken()

describe('a Close of theirs', () => {
  test('is told with its code and reason, and answered with its code alone', () => {
    const lifecycle = at()
    expect(theirs(lifecycle)).toEqual({
      type: 'close',
      code: 1001,
      reason: 'a',
      sentCode: 1001,
      clean: true,
      by: 'remote',
      error: undefined,
    })
    expect(lifecycle.pendingClose).toEqual(hex('03 e9'))
  })

  test('without a code is a 1005, and answered without one', () => {
    const lifecycle = at()
    expect(lifecycle.receiveClose(none, true)).toMatchObject({ code: 1005, reason: '', sentCode: 1005, clean: true })
    expect(lifecycle.pendingClose).toEqual(none)
  })

  test('that nobody answers owes nothing until close(), which is then ours, once', () => {
    const lifecycle = at((it) => it.receiveClose(none, false))
    expect([lifecycle.pendingClose, lifecycle.sends, lifecycle.close(CLOSE), lifecycle.pendingClose]).toEqual([
      undefined,
      true,
      true,
      CLOSE,
    ])
    expect([lifecycle.sends, lifecycle.close(none), lifecycle.pendingClose]).toEqual([false, false, CLOSE])
  })

  test('behind ours is told as ours, and leaves ours to be taken', () => {
    const lifecycle = at(close)
    expect(theirs(lifecycle)).toMatchObject({ code: 1001, sentCode: 1000, by: 'local', clean: true })
    expect(lifecycle.pendingClose).toEqual(CLOSE)
  })
})

test('a fault owes a Close with its code, 1002 where it has none, unless ours was asked for', () => {
  const lifecycle = at()
  expect(lifecycle.fail(fault)).toMatchObject({ code: 1007, by: 'local', clean: false, error: fault })
  expect([lifecycle.pendingClose, lifecycle.sends, lifecycle.receives]).toEqual([hex('03 ef'), true, false])
  expect(at((it) => it.fail(new ProtocolError('time-out', 'without a code'))).pendingClose).toEqual(hex('03 ea'))
  expect(at(close, (it) => it.fail(fault)).pendingClose).toEqual(CLOSE)
  expect(at(close, taken, (it) => it.fail(fault)).pendingClose).toBeUndefined()
})

describe('an end that comes of itself', () => {
  test('is told once, as the transport’s or, behind close(), as ours', () => {
    const event = { code: 1006, clean: false, error: undefined }
    expect(at().end()).toMatchObject({ ...event, by: 'transport' })
    expect(at(close).end()).toMatchObject({ ...event, by: 'local' })
    expect([at(theirs).end(), at((it) => it.fail(fault)).end()]).toEqual([undefined, undefined])
    const lifecycle = at()
    expect([lifecycle.end() === undefined, lifecycle.end(), lifecycle.timeOut('silent')]).toEqual([
      false,
      undefined,
      undefined,
    ])
  })

  test('in time is told with its error, and takes back what Close was owed', () => {
    for (const lifecycle of [at(), at(close)]) {
      expect(lifecycle.timeOut('silent')).toMatchObject({
        code: 1006,
        by: 'local',
        clean: false,
        error: { code: 'time-out' },
      })
      expect([lifecycle.pendingClose, lifecycle.over, lifecycle.timeOut('silent'), lifecycle.end()]).toEqual([
        undefined,
        true,
        undefined,
        undefined,
      ])
    }
    for (const lifecycle of [at(theirs), at((it) => it.fail(fault))])
      expect([lifecycle.timeOut('silent'), lifecycle.pendingClose, lifecycle.over]).toEqual([
        undefined,
        undefined,
        true,
      ])
  })
})

describe('done', () => {
  const roles = (lifecycle: Lifecycle) => [lifecycle.isDone('server'), lifecycle.isDone('client')]

  test('is a server once both have gone, a client once nothing more can come (RFC 6455 §7.1.1)', () => {
    expect(roles(at())).toEqual([false, false])
    expect(roles(at(close, taken))).toEqual([false, false])
    expect(roles(at(theirs))).toEqual([false, false])
    for (const both of [at(close, taken, theirs), at(theirs, taken)]) {
      expect([both.name, ...roles(both)]).toEqual(['closed', true, false])
      both.end()
      expect(roles(both)).toEqual([true, true])
    }
  })

  test('is who broke off, once its Close is taken', () => {
    const lifecycle = at((it) => it.fail(fault))
    expect(roles(lifecycle)).toEqual([false, false])
    lifecycle.closeTaken()
    expect([lifecycle.name, ...roles(lifecycle), lifecycle.over]).toEqual(['closed', true, true, true])
  })
})
