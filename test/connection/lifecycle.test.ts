// The close of a connection, without frames: which side began it, which Close is queued, and the single close event.
import { describe, expect, test } from 'vitest'
import { Lifecycle } from '../../src/connection/lifecycle.ts'
import { ProtocolError } from '../../src/errors.ts'
import { hex } from '../wire.ts'

const CLOSE = hex('03 e8')
const error = new ProtocolError('utf8', 'no UTF-8', { closeCode: 1007 })
const none = hex('')

function at(...steps: readonly ((lifecycle: Lifecycle) => unknown)[]): Lifecycle {
  const lifecycle = new Lifecycle()
  for (const step of steps) step(lifecycle)
  return lifecycle
}
const close = (lifecycle: Lifecycle) => lifecycle.close(CLOSE)
const theirs = (lifecycle: Lifecycle) => lifecycle.receiveClose(hex('03 e9 61'), true)
/** Adds our Close to the output, and takes the output. */
const taken = (lifecycle: Lifecycle) => {
  lifecycle.silence()
  lifecycle.pendingClose = undefined
  lifecycle.move('close-taken')
}

describe('the peer’s Close', () => {
  test('is reported with its code and reason, and answered with its code', () => {
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

  test('without a code is reported as 1005, and answered without a code', () => {
    const lifecycle = at()
    expect(lifecycle.receiveClose(none, true)).toMatchObject({ code: 1005, reason: '', sentCode: 1005, clean: true })
    expect(lifecycle.pendingClose).toEqual(none)
  })

  test('without an automatic answer queues nothing until close(), once', () => {
    const lifecycle = at((it) => it.receiveClose(none, false))
    expect([lifecycle.pendingClose, lifecycle.sends, lifecycle.close(CLOSE), lifecycle.pendingClose]).toEqual([
      undefined,
      true,
      true,
      CLOSE,
    ])
    expect([lifecycle.sends, lifecycle.close(none), lifecycle.pendingClose]).toEqual([false, false, CLOSE])
  })

  test('after ours is reported as begun by us, and ours stays queued', () => {
    const lifecycle = at(close)
    expect(theirs(lifecycle)).toMatchObject({ code: 1001, sentCode: 1000, by: 'local', clean: true })
    expect(lifecycle.pendingClose).toEqual(CLOSE)
  })
})

test('an error queues a Close with its code, or 1002, unless ours is queued', () => {
  const lifecycle = at()
  expect(lifecycle.fail(error)).toMatchObject({ code: 1007, by: 'local', clean: false, error })
  expect([lifecycle.pendingClose, lifecycle.sends, lifecycle.receives]).toEqual([hex('03 ef'), true, false])
  expect(at((it) => it.fail(new ProtocolError('timeout', 'without a code'))).pendingClose).toEqual(hex('03 ea'))
  expect(at(close, (it) => it.fail(error)).pendingClose).toEqual(CLOSE)
  expect(at(close, taken, (it) => it.fail(error)).pendingClose).toBeUndefined()
})

describe('an end without the peer’s Close', () => {
  test('is reported once, as begun by the transport or, after close(), by us', () => {
    const event = { code: 1006, clean: false, error: undefined }
    expect(at().end()).toMatchObject({ ...event, by: 'transport' })
    expect(at(close).end()).toMatchObject({ ...event, by: 'local' })
    expect([at(theirs).end(), at((it) => it.fail(error)).end()]).toEqual([undefined, undefined])
    const lifecycle = at()
    expect([lifecycle.end() === undefined, lifecycle.end(), lifecycle.timeOut('silent')]).toEqual([
      false,
      undefined,
      undefined,
    ])
  })

  test('by a timeout is reported with its error, and drops a queued Close', () => {
    for (const lifecycle of [at(), at(close)]) {
      expect(lifecycle.timeOut('silent')).toMatchObject({
        code: 1006,
        by: 'local',
        clean: false,
        error: { code: 'timeout' },
      })
      expect([lifecycle.pendingClose, lifecycle.over, lifecycle.timeOut('silent'), lifecycle.end()]).toEqual([
        undefined,
        true,
        undefined,
        undefined,
      ])
    }
    for (const lifecycle of [at(theirs), at((it) => it.fail(error))])
      expect([lifecycle.timeOut('silent'), lifecycle.pendingClose, lifecycle.over]).toEqual([
        undefined,
        undefined,
        true,
      ])
  })
})

describe('the transport', () => {
  const roles = (lifecycle: Lifecycle) => [lifecycle.ends('server'), lifecycle.ends('client')]

  test('is ended by a server once both have closed, by a client once nothing more can arrive (RFC 6455 §7.1.1)', () => {
    expect(roles(at())).toEqual([false, false])
    expect(roles(at(close, taken))).toEqual([false, false])
    expect(roles(at(theirs))).toEqual([false, false])
    for (const both of [at(close, taken, theirs), at(theirs, taken)]) {
      expect([both.name, ...roles(both)]).toEqual(['closed', true, false])
      both.end()
      expect(roles(both)).toEqual([true, true])
    }
    expect(roles(at(theirs, taken, (it) => it.move('waited')))).toEqual([true, true])
  })

  test('is ended after an error, once our Close is taken', () => {
    const lifecycle = at((it) => it.fail(error))
    expect(roles(lifecycle)).toEqual([false, false])
    taken(lifecycle)
    expect([lifecycle.name, ...roles(lifecycle), lifecycle.over]).toEqual(['closed', true, true, true])
  })
})
