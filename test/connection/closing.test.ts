// The end of a connection: which side began it, what is still sent, and when the transport may be ended.
import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { isValidCloseCode } from '../../src/frame/close.ts'
import { closeCodes } from '../../src/registry/websocket.ts'
import { hex } from '../wire.ts'

const maskKeys = () => hex('00 00 00 00')
const server = () => new Connection({ role: 'server' })
const client = () => new Connection({ role: 'client', maskKeys })
const closed = (code: number, more: object = {}) => ({
  type: 'close',
  code,
  reason: '',
  sentCode: code,
  clean: true,
  by: 'remote',
  error: undefined,
  ...more,
})

test('a Close frame may carry the codes that the registry allows, and no others (RFC 6455 §7.4)', () => {
  for (let code = 0; code <= 65_535; code++) {
    const allowed = closeCodes.some(({ first, last, travels }) => travels && first <= code && code <= last)
    if (isValidCloseCode(code) !== allowed) expect.fail(`code ${code}`)
  }
})

describe('the peer’s Close', () => {
  test('is answered after the replies to the messages before it', () => {
    const connection = server()
    const events = connection.receive(hex('81 81 00 00 00 00 61 88 82 00 00 00 00 03 e8'))
    expect(events).toEqual([{ type: 'text', data: 'a', first: true, last: true }, closed(1000)])
    expect(connection.sendText('answer')).toBe(true)
    expect(connection.takeOutput()).toEqual(hex('81 06 61 6e 73 77 65 72  88 02 03 e8'))
    expect(connection.sendText('too late')).toBe(false)
    expect(connection.sendBinary(hex('01'))).toBe(false)
    expect(connection.ping()).toBe(false)
    expect(connection.pong()).toBe(false)
    expect(connection.close(1000)).toBe(false)
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('lets a server end the transport once the answer is taken, a client once the server has ended it (§7.1.1)', () => {
    const ours = server()
    ours.receive(hex('88 80 00 00 00 00'))
    expect([ours.state, ours.transport]).toEqual(['closed', 'keep'])
    expect(ours.takeOutput()).toEqual(hex('88 00'))
    expect(ours.transport).toBe('end')

    const theirs = client()
    theirs.receive(hex('88 00'))
    expect(theirs.takeOutput()).toEqual(hex('88 80 00 00 00 00'))
    expect(theirs.transport).toBe('keep')
    expect(theirs.receiveEnd()).toEqual([])
    expect(theirs.transport).toBe('end')
  })

  test('is answered even if the transport ends before the output is taken', () => {
    const connection = server()
    connection.receive(hex('88 80 00 00 00 00'))
    expect(connection.receiveEnd()).toEqual([])
    expect(connection.takeOutput()).toEqual(hex('88 00'))
    expect(connection.transport).toBe('end')
  })

  test('prevents a Close from a later close(), because the peer’s was first', () => {
    const connection = server()
    connection.receive(hex('88 82 00 00 00 00 03 e9'))
    expect(connection.close(1000)).toBe(false)
    expect(connection.takeOutput()).toEqual(hex('88 02 03 e9'))
  })
})

describe('our close()', () => {
  test('stops sending at once; received data is reported until the peer’s Close', () => {
    const connection = server()
    expect(connection.close(1001, 'restart')).toBe(true)
    expect(connection.state).toBe('closing')
    expect(connection.sendText('no')).toBe(false)
    expect(connection.close()).toBe(false)
    expect(connection.takeOutput()).toEqual(hex('88 09 03 e9 72 65 73 74 61 72 74'))
    expect(connection.receive(hex('81 81 00 00 00 00 61'))).toEqual([
      { type: 'text', data: 'a', first: true, last: true },
    ])
    expect(connection.transport).toBe('keep')
    expect(connection.receive(hex('88 82 00 00 00 00 03 e9'))).toEqual([closed(1001, { by: 'local' })])
    expect([connection.state, connection.transport]).toEqual(['closed', 'end'])
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('leaves later pings unanswered, because nothing follows a Close (§5.5.1)', () => {
    const connection = server()
    connection.close(1000)
    connection.takeOutput()
    expect(connection.receive(hex('89 80 00 00 00 00'))).toEqual([{ type: 'ping', data: new Uint8Array(0) }])
    expect(connection.takeOutput()).toBeUndefined()
  })

  test('a client that closed waits for the server to end the transport', () => {
    const connection = client()
    connection.close(1000)
    connection.takeOutput()
    expect(connection.receive(hex('88 02 03 e8'))).toEqual([closed(1000, { by: 'local' })])
    expect(connection.transport).toBe('keep')
    connection.receiveEnd()
    expect(connection.transport).toBe('end')
  })

  test('an error after it ends the connection without a second Close', () => {
    const connection = server()
    connection.close(1000)
    connection.takeOutput()
    expect(connection.receive(hex('81 00'))).toMatchObject([
      { type: 'close', code: 1002, sentCode: 1000, clean: false, by: 'local', error: { code: 'unmasked' } },
    ])
    expect(connection.takeOutput()).toBeUndefined()
    expect(connection.transport).toBe('end')
  })

  test('on both sides at once: each gets the other’s code, and sends one Close', () => {
    const ours = server()
    const theirs = client()
    ours.close(1001)
    theirs.close(4000)
    const fromServer = ours.takeOutput() as Uint8Array
    const fromClient = theirs.takeOutput() as Uint8Array
    expect(ours.receive(fromClient)).toEqual([closed(4000, { by: 'local', sentCode: 1001 })])
    expect(theirs.receive(fromServer)).toEqual([closed(1001, { by: 'local', sentCode: 4000 })])
    expect([ours.takeOutput(), theirs.takeOutput(), ours.transport, theirs.transport]).toEqual([
      undefined,
      undefined,
      'end',
      'keep',
    ])
  })
})

test('pongs are sent before our queued Close, and nothing follows it (RFC 6455 §5.5.1, §5.5.2)', () => {
  const frames = [...'abcdefgh'].map((_, i) => Uint8Array.of(0x89, 0x81, 0, 0, 0, 0, i))
  for (const pings of [1, 63, 64, 65, 66, 200]) {
    const connection = server()
    for (let i = 0; i < pings; i++) connection.receive(frames[i % frames.length] as Uint8Array)
    connection.close(1000)
    connection.receive(frames[0] as Uint8Array)
    const output = connection.takeOutput() as Uint8Array
    expect(output.slice(-4)).toEqual(hex('88 02 03 e8'))
    expect(output.length).toBe(3 * Math.min(pings + 1, 65) + 4)
    connection.receive(frames[0] as Uint8Array)
    expect(connection.takeOutput()).toBeUndefined()
  }
})

test('a Close that a throwing maskKeys delayed is sent later', () => {
  let fails = true
  const connection = new Connection({
    role: 'client',
    maskKeys: () => {
      if (fails) throw new Error('no key')
      return hex('00 00 00 00')
    },
  })
  expect(connection.receive(hex('88 02 03 e8'))).toEqual([closed(1000)])
  expect(() => connection.takeOutput()).toThrow('no key')
  fails = false
  expect(connection.takeOutput()).toEqual(hex('88 82 00 00 00 00 03 e8'))
})

describe('the end of the transport', () => {
  test('without a Close is reported as 1006, once', () => {
    const connection = server()
    connection.receive(hex('01 81 00 00 00 00 61 80'))
    expect(connection.receiveEnd()).toEqual([closed(1006, { clean: false, by: 'transport', sentCode: undefined })])
    expect(connection.receiveEnd()).toEqual([])
    expect([connection.state, connection.transport]).toEqual(['closed', 'end'])
    expect(connection.receive(hex('81 80 00 00 00 00'))).toEqual([])
    expect(connection.sendText('no')).toBe(false)
    expect(connection.close()).toBe(false)
  })

  test('after our close() is reported as 1006, begun by us', () => {
    const connection = client()
    connection.close(1000)
    expect(connection.receiveEnd()).toEqual([closed(1006, { clean: false, by: 'local', sentCode: 1000 })])
    expect([connection.transport, connection.takeOutput()?.length, connection.transport]).toEqual(['keep', 8, 'end'])
  })

  test('leaves pending output to be taken', () => {
    const connection = server()
    connection.sendText('a')
    connection.receiveEnd()
    expect(connection.takeOutput()).toEqual(hex('81 01 61'))
  })
})

test('a manual pong is sent before our queued Close, and not after it (RFC 6455 §5.5.2)', () => {
  const connection = new Connection({ role: 'server', autoPong: false })
  connection.close(1000)
  expect(connection.receive(hex('89 81 00 00 00 00 07'))).toMatchObject([{ type: 'ping' }])
  expect([connection.pong(hex('07')), connection.ping(), connection.sendText('a')]).toEqual([true, false, false])
  expect(connection.takeOutput()).toEqual(hex('8a 01 07  88 02 03 e8'))
  expect(connection.pong(hex('07'))).toBe(false)
  const both = new Connection({ role: 'server', autoPong: false })
  both.close(1000)
  both.receive(hex('88 82 00 00 00 00 03 e8'))
  expect(both.pong()).toBe(false)
  expect(both.takeOutput()).toEqual(hex('88 02 03 e8'))
})

test('a Close that a timeout has dropped is not reported as sent', () => {
  const connection = new Connection({ role: 'server', closeTimeout: 5 })
  connection.close(1000)
  connection.poll(0)
  expect(connection.poll(5)).toMatchObject([{ code: 1006, sentCode: undefined, error: { code: 'timeout' } }])
  expect(connection.takeOutput()).toBeUndefined()
})
