// How a connection comes to its end, without frames: who began, which Close is owed, what is told, once.
import { describe, expect, test } from 'vitest'
import { Life } from '../../src/connection/life.ts'
import { ProtocolError } from '../../src/errors.ts'
import { hex } from '../wire.ts'

const CLOSE = hex('03 e8')
const fault = new ProtocolError('utf8', 'no UTF-8', { closeCode: 1007 })
const none = hex('')

function at(...steps: readonly ((life: Life) => unknown)[]): Life {
  const life = new Life()
  for (const step of steps) step(life)
  return life
}
const close = (life: Life) => life.close(CLOSE)
const theirs = (life: Life) => life.receiveClose(hex('03 e9 61'), true)
const taken = (life: Life) => life.closeTaken()

describe('a Close of theirs', () => {
  test('is told with its code and reason, and answered with its code alone', () => {
    const life = at()
    expect(theirs(life)).toEqual({
      type: 'close',
      code: 1001,
      reason: 'a',
      sentCode: 1001,
      clean: true,
      by: 'remote',
      error: undefined,
    })
    expect(life.owedClose).toEqual(hex('03 e9'))
  })

  test('without a code is a 1005, and answered without one', () => {
    const life = at()
    expect(life.receiveClose(none, true)).toMatchObject({ code: 1005, reason: '', sentCode: 1005, clean: true })
    expect(life.owedClose).toEqual(none)
  })

  test('that nobody answers owes nothing until close(), which is then ours, once', () => {
    const life = at((it) => it.receiveClose(none, false))
    expect([life.owedClose, life.sends, life.close(CLOSE), life.owedClose]).toEqual([undefined, true, true, CLOSE])
    expect([life.sends, life.close(none), life.owedClose]).toEqual([false, false, CLOSE])
  })

  test('behind ours is told as ours, and leaves ours to be taken', () => {
    const life = at(close)
    expect(theirs(life)).toMatchObject({ code: 1001, sentCode: 1000, by: 'local', clean: true })
    expect(life.owedClose).toEqual(CLOSE)
  })
})

test('a fault owes a Close with its code, 1002 where it has none, unless ours was asked for', () => {
  const life = at()
  expect(life.fail(fault)).toMatchObject({ code: 1007, by: 'local', clean: false, error: fault })
  expect([life.owedClose, life.sends, life.receives]).toEqual([hex('03 ef'), true, false])
  expect(at((it) => it.fail(new ProtocolError('time-out', 'without a code'))).owedClose).toEqual(hex('03 ea'))
  expect(at(close, (it) => it.fail(fault)).owedClose).toEqual(CLOSE)
  expect(at(close, taken, (it) => it.fail(fault)).owedClose).toBeUndefined()
})

describe('an end that comes of itself', () => {
  test('is told once, as the transport’s or, behind close(), as ours', () => {
    const event = { code: 1006, clean: false, error: undefined }
    expect(at().end()).toMatchObject({ ...event, by: 'transport' })
    expect(at(close).end()).toMatchObject({ ...event, by: 'local' })
    expect([at(theirs).end(), at((it) => it.fail(fault)).end()]).toEqual([undefined, undefined])
    const life = at()
    expect([life.end() === undefined, life.end(), life.timeOut('silent')]).toEqual([false, undefined, undefined])
  })

  test('in time is told with its error, and takes back what Close was owed', () => {
    for (const life of [at(), at(close)]) {
      expect(life.timeOut('silent')).toMatchObject({
        code: 1006,
        by: 'local',
        clean: false,
        error: { code: 'time-out' },
      })
      expect([life.owedClose, life.over, life.timeOut('silent'), life.end()]).toEqual([
        undefined,
        true,
        undefined,
        undefined,
      ])
    }
    for (const life of [at(theirs), at((it) => it.fail(fault))])
      expect([life.timeOut('silent'), life.owedClose, life.over]).toEqual([undefined, undefined, true])
  })
})

describe('done', () => {
  const roles = (life: Life) => [life.isDone('server'), life.isDone('client')]

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
    const life = at((it) => it.fail(fault))
    expect(roles(life)).toEqual([false, false])
    life.closeTaken()
    expect([life.name, ...roles(life), life.over]).toEqual(['closed', true, true, true])
  })
})
