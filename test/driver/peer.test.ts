// One peer over a fake stream and fake time: what is read, written and reported, in which order.

import { Duplex } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { type AnyPeer, acceptUpgrade, drained, drive, Endpoint, sent } from '../../src/adapters/node/index.ts'
import { Connection, prepareText } from '../../src/connection/index.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import { Clock, closeFrame, FakeStream, frame, noHead, text, upgradeRequest } from './fakes.ts'
import { open } from './opened.ts'

const big = new Uint8Array(70_000)

describe('sending', () => {
  test('writes once per turn', async () => {
    const { peer, stream } = await open()
    peer.send('a')
    peer.send(Uint8Array.of(1))
    peer.send({ type: 'text', data: 'b' })
    peer.send(prepareText('c'))
    expect([stream.written, peer.bufferedAmount]).toEqual([[], 12])
    await Promise.resolve()
    expect(stream.written).toHaveLength(1)
    expect(stream.sent).toBe('810161820101810162810163')
  })

  test('writes output added to the connection itself', async () => {
    const { peer, stream } = await open()
    peer.connection.sendText('a')
    await Promise.resolve()
    expect(stream.sent).toBe('810161')
  })

  test('answers in the turn in which it reads', async () => {
    const { stream } = await open({ message: (peer, data) => peer.send(data) })
    stream.data(text('a'), text('b'))
    expect(stream.written).toHaveLength(1)
    expect(stream.sent).toBe('810161810162')
  })

  test('is refused after the end', async () => {
    const { peer, stream, clock } = await open()
    peer.close(1000)
    const told: unknown[] = []
    expect(peer.send('a', { written: (error) => told.push(error?.message) })).toBe(false)
    expect(told).toEqual([])
    await clock.settle()
    expect(told).toEqual(['not written: the WebSocket has ended'])
    expect(stream.sent).toBe('880203e8')
  })

  test('rejects a wrong option and a wrong message', async () => {
    const { peer } = await open()
    expect(() => peer.send('a', { compressed: true } as object)).toThrow('did you mean `compress`?')
  })

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [3, '3'],
    [null, 'null'],
    [{}, 'an object'],
    [[1, 2], 'an array'],
    [new Blob(['a']).stream(), 'a ReadableStream'],
    [Promise.resolve('a'), 'a promise'],
  ])('%o is no message', async (message, described) => {
    const { peer, stream, clock } = await open()
    const expected = 'a message must be a string, an ArrayBuffer, a view of one or an object with `type` and `data`'
    expect(() => peer.send(message as string)).toThrow(new TypeError(`${expected}, not ${described}`))
    await clock.settle()
    expect(stream.sent).toBe('')
  })

  const shared = new SharedArrayBuffer(2)
  new Uint8Array(shared).set([1, 2])
  const some = Uint8Array.of(0, 1, 2, 3).buffer
  test.each<[string, ArrayBufferLike | ArrayBufferView]>([
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer],
    ['a SharedArrayBuffer', shared],
    ['a DataView', new DataView(some, 1, 2)],
    ['other numbers', Uint16Array.of(0x0201)],
    ['a Buffer', Buffer.from('0102', 'hex')],
    ['bytes of another realm', runInNewContext('Uint8Array.of(1, 2)')],
    ['a buffer of another realm', runInNewContext('Uint8Array.of(1, 2).buffer')],
    ['a view of another realm', runInNewContext('new DataView(Uint8Array.of(1, 2).buffer)')],
  ])('takes %s', async (_, message) => {
    const { peer, stream, clock } = await open()
    peer.send(message)
    await sent(peer, message)
    await clock.settle()
    expect(stream.sent).toBe('8202010282020102')
  })
})

describe('a large payload over a socket of Node’s', () => {
  test('is written without a copy, in one call with its header', async () => {
    const calls: string[] = []
    const taken: Uint8Array[] = []
    class Socket extends FakeStream {
      setNoDelay(): void {}
      cork(): void {
        calls.push('cork')
      }
      uncork(): void {
        calls.push('uncork')
      }
      override write(chunk: Uint8Array, callback?: () => void): boolean {
        calls.push(`write ${chunk.length}`)
        taken.push(chunk)
        return super.write(chunk, callback)
      }
    }
    const clock = new Clock()
    const endpoint = new Endpoint({ timers: clock, ownsMessages: true })
    const socket = new Socket()
    acceptUpgrade(endpoint, upgradeRequest, socket, noHead)
    await clock.settle()
    const [peer] = endpoint.peers
    calls.length = 0
    const told: unknown[] = []
    peer?.send(big, { written: (error) => told.push(error) })
    await clock.settle()
    expect(calls).toEqual(['cork', 'write 10', 'write 70000', 'uncork'])
    expect(taken.at(-1)).toBe(big)
    expect([told, peer?.bufferedAmount]).toEqual([[undefined], 0])
  })

  test('is copied for any other stream', async () => {
    const { peer, stream } = await open({ ownsMessages: true })
    peer.send(big)
    await Promise.resolve()
    expect(stream.written.map(({ length }) => length)).toEqual([70_010])
  })
})

describe('backpressure', () => {
  test("has at most `highWaterMark` in flight, whatever `write` returns, and does not need the stream's `drain`", async () => {
    const { peer, stream, log, clock } = await open()
    stream.takes = false
    peer.send(big)
    peer.send(big)
    await clock.settle()
    expect(stream.written).toHaveLength(1)
    expect([peer.bufferedAmount, peer.full, peer.writable]).toEqual([140_020, true, false])
    // Full, and still open.
    expect(peer.connection.state).toBe('open')
    expect(peer.send('c')).toBe(true)
    stream.take(1)
    await clock.settle()
    stream.take(1)
    await clock.settle()
    expect([peer.bufferedAmount, peer.full, peer.writable, log]).toEqual([0, false, true, ['drain']])
  })

  test('stops reading while it is full, with one listener', async () => {
    const { stream, clock } = await open({ message: (peer, data) => peer.send(data) })
    stream.takes = false
    const listeners = stream.listenerCount('drain') + stream.listenerCount('data')
    stream.data(text('x'.repeat(70_000)))
    expect(stream.flowing).toBe(false)
    expect(stream.listenerCount('drain') + stream.listenerCount('data')).toBe(listeners)
    stream.take()
    await clock.settle()
    expect(stream.flowing).toBe(true)
  })

  test('calls `drain` once for each time that the peer was full', async () => {
    const { peer, stream, log, clock } = await open()
    stream.takes = false
    for (let i = 0; i < 3; i++) {
      peer.send(big)
      await clock.settle()
      stream.take()
      await clock.settle()
    }
    peer.send('a')
    await clock.settle()
    stream.take()
    await clock.settle()
    expect(log).toEqual(['drain', 'drain', 'drain'])
  })

  test('`drained` waits until the peer is not full, or has ended', async () => {
    const { peer, stream, clock } = await open()
    const seen: string[] = []
    await drained(peer)
    stream.takes = false
    peer.send(big)
    void drained(peer).then(() => seen.push('drained'))
    await clock.settle()
    expect(seen).toEqual([])
    stream.take()
    await clock.settle()
    expect(seen).toEqual(['drained'])
    peer.send(big)
    void drained(peer).then(() => seen.push('end'))
    stream.destroy()
    await clock.settle()
    expect(seen).toEqual(['drained', 'end'])
    await drained(peer)
  })
})

describe('`written`', () => {
  test('may be undefined, and so may `compress`, whether or not another message has a `written`', async () => {
    const { peer, stream, clock } = await open()
    const options = [{ written: undefined }, { compress: undefined }, { compress: false, written: undefined }, {}]
    stream.takes = false
    for (const one of options) expect(peer.send('a', one)).toBe(true)
    peer.send('b', { written: () => {} })
    for (const one of options) expect(peer.send('a', one)).toBe(true)
    await clock.settle()
    expect(peer.connection.state).toBe('open')
  })

  test('hides no mistake in another option', async () => {
    const { peer } = await open()
    const wrong = { compres: true, written: () => {} }
    expect(() => peer.send('a', wrong)).toThrow('unknown option "compres"; did you mean `compress`?')
    expect(() => peer.send('a', 'text' as never)).toThrow('the options of a message must be')
    const inherited = Object.assign(Object.create({ compress: 1 }), { written: undefined })
    expect(() => peer.send('a', inherited)).toThrow('`compress` must be')
  })

  test('is called once each, in order, when the stream has taken the last byte', async () => {
    const { peer, stream, clock } = await open()
    const told: unknown[] = []
    stream.takes = false
    peer.send('a', { written: (error) => told.push('a', error) })
    peer.send(big, { written: (error) => told.push('b', error) })
    await clock.settle()
    peer.send('c', { written: (error) => told.push('c', error) })
    await clock.settle()
    expect(told).toEqual([])
    stream.take(1)
    await clock.settle()
    expect(told).toEqual(['a', undefined, 'b', undefined])
    stream.take(1)
    await clock.settle()
    expect(told).toEqual(['a', undefined, 'b', undefined, 'c', undefined])
  })

  test('is never early when a pong overtakes', async () => {
    const { peer, stream, clock } = await open()
    const told: unknown[] = []
    stream.takes = false
    peer.send(big)
    await clock.settle()
    for (let i = 0; i < 5; i++) peer.send(`${i}`, { written: () => told.push(i) })
    stream.data(frame(9, 'ping'))
    expect(told).toEqual([])
    stream.take(1)
    expect(told).toEqual([])
    stream.take(1)
    expect(told).toEqual([0, 1, 2, 3, 4])
    await clock.settle()
  })

  test('is called with an error for output that is lost', async () => {
    const { peer, stream, clock } = await open()
    const told: unknown[] = []
    stream.takes = false
    peer.send(big, { written: (error) => told.push(error?.message) })
    await clock.settle()
    peer.send('b', { written: (error) => told.push(error?.message) })
    stream.emit('error', new Error('ECONNRESET'))
    await clock.settle()
    const lost = 'not written: the WebSocket has ended'
    expect(told).toEqual([lost, lost])
  })

  test("is called with an error for output that a peer's error drops, after the output in flight", async () => {
    const { peer, stream, clock, log } = await open()
    const told: unknown[] = []
    stream.takes = false
    peer.send(big, { written: (error) => told.push('a', error?.message) })
    await clock.settle()
    peer.send('dropped', { written: (error) => told.push('b', error?.message) })
    stream.written.length = 0
    stream.data(frame(3))
    expect(told).toEqual([])
    stream.take()
    await clock.settle()
    expect(told).toEqual(['a', undefined, 'b', 'not written: the WebSocket has ended'])
    expect([log, stream.sent]).toEqual([[1002], '880203ea'])
  })

  test('that throws closes with 1011', async () => {
    const errors: unknown[] = []
    const { peer, stream, clock } = await open({ error: (error, from) => errors.push(error, from) })
    peer.send('a', {
      written() {
        throw new Error('mine')
      },
    })
    await clock.settle()
    expect(errors).toEqual([new Error('mine'), peer])
    expect(stream.sent).toBe('810161880203f3')
  })

  test('`sent` returns a promise of it', async () => {
    const { peer, stream, clock } = await open()
    await sent(peer, 'a')
    expect(stream.sent).toBe('810161')
    peer.terminate()
    await clock.settle()
    await expect(sent(peer, 'b')).rejects.toThrow('not written: the WebSocket has ended')
    await expect(sent(peer, null as unknown as string)).rejects.toThrow(TypeError)
  })
})

describe('handlers', () => {
  test('get `open` before anything is read, every event before its message, and the end, in order', async () => {
    const log: unknown[] = []
    const { stream, clock } = await open(
      {
        open: (peer) => log.push('open', peer.closed),
        event: (_, event) => log.push(event.type),
        message: (_, data) => log.push(data),
        close: (peer, closed) => log.push('close', peer.closed === closed),
        gone: () => log.push('gone'),
      },
      text('a'),
    )
    stream.data(closeFrame(1000))
    stream.finish()
    await clock.settle()
    expect(log).toEqual(['open', undefined, 'text', 'a', 'close', 'close', true, 'gone'])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('a handler that %s in mid-chunk: 1011, and the other events are still delivered', async (_, fail) => {
    const errors: unknown[] = []
    const { stream, log, clock, peer } = await open({
      message: (_, data) => (data === 'b' ? fail() : undefined),
      error: (error, from) => errors.push(error, from),
    })
    stream.data(text('a'), text('b'), text('c'))
    await clock.settle()
    expect(log).toEqual(['a', 'b', 'c'])
    expect(errors).toEqual([new Error('mine'), peer])
    expect(stream.sent).toBe('880203f3')
    stream.data(closeFrame(1011))
    await clock.settle()
    expect(log).toEqual(['a', 'b', 'c', 1011])
    expect(stream.ended).toBe(true)
  })

  test('`error` may close the peer itself: with another code, or at once', async () => {
    const how = [(peer: AnyPeer) => peer.close(4500, 'mine'), (peer: AnyPeer) => peer.terminate()]
    const ends: unknown[] = []
    for (const end of how) {
      const { stream, log, clock } = await open({
        message: () => Promise.reject(new Error('mine')),
        error: (_, peer) => void (peer !== undefined && end(peer)),
        close: (_, closed) => void ends.push(closed.sentCode),
      })
      stream.data(text('a'))
      await clock.settle()
      ends.push(stream.sent)
      stream.data(closeFrame(4500))
      await clock.settle()
      ends.push(log)
    }
    expect(ends).toEqual(['880611946d696e65', 4500, ['a', 4500], undefined, '', ['a', 1006, 'gone']])
  })

  test.each(['open', 'close', 'gone', 'drain', 'event'] as const)(
    '`%s` that throws is reported, and nothing is left',
    async (name) => {
      const errors: unknown[] = []
      const { stream, clock, endpoint, peer } = await open({
        [name]() {
          throw new Error(name)
        },
        error: (error) => errors.push(error),
      })
      peer.send(big)
      await clock.settle()
      stream.data(closeFrame(1000))
      stream.finish()
      await clock.settle()
      expect(errors).toContainEqual(new Error(name))
      expect([endpoint.streams, endpoint.peers.size, clock.timers.size]).toEqual([0, 0, 0])
    },
  )

  test('without `error`, what they throw is an uncaught exception', async () => {
    const uncaught: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    try {
      const { stream } = await open({
        message() {
          throw new Error('mine')
        },
      })
      stream.data(text('a'))
      expect(stream.sent).toBe('880203f3')
      await new Promise(setImmediate)
      expect(uncaught).toEqual([new Error('mine')])
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })
})

describe('pausing', () => {
  test('stops reading, and continues', async () => {
    const { peer, stream, clock, log } = await open()
    peer.pause()
    expect(stream.flowing).toBe(false)
    // The stream already had these bytes.
    stream.data(text('a'))
    expect(log).toEqual(['a'])
    expect(stream.flowing).toBe(false)
    peer.resume()
    await clock.settle()
    expect(stream.flowing).toBe(true)
  })

  test('in a handler still delivers the other events of the chunk', async () => {
    const { stream, log } = await open({ message: (peer) => peer.pause() })
    stream.data(text('a'), text('b'))
    expect([log, stream.flowing]).toEqual([['a', 'b'], false])
  })

  test('ends with the WebSocket: after a Close everything is read', async () => {
    const { peer, stream, clock, log } = await open()
    peer.pause()
    peer.close(1000)
    await clock.settle()
    expect(stream.flowing).toBe(true)
    stream.data(closeFrame(1000))
    stream.finish()
    await clock.settle()
    expect(log).toEqual([1000, 'gone'])
  })

  test('holds back pending input, and a paused start holds back the bytes that came with the head', async () => {
    const clock = new Clock()
    const log: unknown[] = []
    const endpoint = new Endpoint({ timers: clock, message: (_, data) => log.push(data) })
    const stream = new FakeStream()
    const peer = drive(endpoint, stream, new Connection({ role: 'server' }), { rest: text('a'), paused: true })
    await clock.settle()
    expect([log, stream.flowing]).toEqual([[], false])
    peer.resume()
    await clock.settle()
    expect([log, stream.flowing]).toEqual([['a'], true])
  })

  test('a chunk with very many messages is read in parts, and `pause` stops between them', async () => {
    let count = 0
    const { peer, stream, clock, log } = await open({
      message(from) {
        if (++count === 1) from.pause()
      },
    })
    stream.data(...Array.from({ length: 40_000 }, () => text('')))
    expect(count).toBeLessThan(40_000)
    expect(stream.flowing).toBe(false)
    const before = count
    await clock.settle()
    expect(count).toBe(before)
    peer.resume()
    await clock.settle()
    expect([count, stream.flowing, log.length]).toEqual([40_000, true, 40_000])
  })
})

describe('the end', () => {
  test('their Close: ours is written, and our direction ends', async () => {
    const { stream, clock, endpoint, log } = await open()
    stream.data(closeFrame(4000))
    expect([stream.sent, stream.ended, log, endpoint.peers.size, endpoint.streams]).toEqual([
      '88020fa0',
      true,
      [4000],
      0,
      1,
    ])
    stream.finish()
    await clock.settle()
    expect([stream.destroyed, log, endpoint.streams, clock.timers.size]).toEqual([true, [4000, 'gone'], 0, 0])
  })

  test.each([
    ['never ends', 20_000, () => {}],
    ['continues to send forever', 20_000, (stream: FakeStream) => stream.data(new Uint8Array(100))],
    ['takes nothing', 10_000, (stream: FakeStream) => (stream.takes = false)],
  ])('a peer that %s after its Close is released within %i ms', async (_, bound, misbehave) => {
    const { peer, stream, clock, log } = await open()
    if (bound === 10_000) stream.takes = false
    peer.send(big)
    await clock.settle()
    stream.data(closeFrame(1000))
    for (let time = 0; time < bound; time += 1000) {
      expect(stream.destroyed).toBe(false)
      misbehave(stream)
      await clock.advance(1000)
    }
    expect([stream.destroyed, log.filter((entry) => entry !== 'drain')]).toEqual([true, [1000, 'gone']])
  })

  test('our Close, and silence: 1006 after `closeTimeout`', async () => {
    const { peer, stream, clock, log } = await open({ closeTimeout: 3000, keepalive: false })
    peer.close(1000, 'bye')
    await clock.advance(2_999)
    expect([stream.sent, log]).toEqual(['880503e8627965', []])
    await clock.advance(1)
    expect([stream.destroyed, log, clock.timers.size]).toEqual([true, [1006, 'gone'], 0])
  })

  test.each<[string, (stream: FakeStream) => void]>([
    ['ends', (stream) => stream.finish()],
    ['fails', (stream) => stream.emit('error', new Error('ECONNRESET'))],
    ['closes', (stream) => stream.destroy()],
    ['fails and closes', (stream) => stream.emit('error', new Error('x')) && stream.destroy()],
  ])('a stream that %s: 1006, once', async (_, end) => {
    const { stream, clock, log, endpoint } = await open()
    end(stream)
    await clock.settle()
    expect([stream.destroyed, log, endpoint.streams, clock.timers.size]).toEqual([true, [1006, 'gone'], 0, 0])
    stream.emit('error', new Error('a late one ends no process'))
    stream.emit('close')
    expect(log).toEqual([1006, 'gone'])
  })

  test('an error of one write alone is also an end', async () => {
    const { peer, stream, clock, log } = await open()
    stream.takes = false
    peer.send('a')
    await clock.settle()
    stream.callbacks.splice(0)[0]?.(new Error('EPIPE'))
    await clock.settle()
    expect([stream.destroyed, log]).toEqual([true, [1006, 'gone']])
  })

  test('a stream that never emits `close` is released nevertheless', async () => {
    const { peer, stream, clock, log } = await open()
    stream.closes = false
    peer.terminate()
    await clock.settle()
    expect(log).toEqual([1006, 'gone'])
  })

  test('of a Duplex with `emitClose: false`', async () => {
    const clock = new Clock()
    const log: unknown[] = []
    const endpoint = new Endpoint({
      timers: clock,
      close: (_, { code }) => log.push(code),
      gone: () => log.push('gone'),
    })
    const stream = new Duplex({ emitClose: false, read() {}, write: (_chunk, _encoding, done) => done() })
    drive(endpoint, stream, new Connection({ role: 'server' }))
    await clock.settle()
    stream.push(closeFrame(1000))
    stream.push(null)
    await new Promise(setImmediate)
    await clock.settle()
    expect([stream.destroyed, log]).toEqual([true, [1000, 'gone']])
  })

  test('of a stream that was destroyed, or had ended, before the start', async () => {
    for (const ending of ['destroyed', 'readableEnded'] as const) {
      const clock = new Clock()
      const log: unknown[] = []
      const endpoint = new Endpoint({
        timers: clock,
        close: (_, { code }) => log.push(code),
        gone: () => log.push('gone'),
      })
      const stream = Object.assign(new FakeStream(), { [ending]: true })
      drive(endpoint, stream, new Connection({ role: 'server' }))
      expect(log).toEqual([])
      await clock.settle()
      expect([log, clock.timers.size]).toEqual([[1006, 'gone'], 0])
    }
  })

  test('of a stream that had ended before the start comes after the bytes that came with the head', async () => {
    const clock = new Clock()
    const log: unknown[] = []
    const endpoint = new Endpoint({
      timers: clock,
      message: (_, data) => log.push(data),
      close: (_, { code }) => log.push(code),
    })
    const stream = Object.assign(new FakeStream(), { readableEnded: true })
    drive(endpoint, stream, new Connection({ role: 'server' }), { rest: text('a') })
    await clock.settle()
    expect(log).toEqual(['a', 1006])
  })

  test("has the stream's error as the `cause`", async () => {
    const causes: unknown[] = []
    const { stream } = await open({ close: (_, { cause }) => causes.push(cause) })
    stream.emit('error', new Error('ECONNRESET'))
    expect(causes).toEqual([new Error('ECONNRESET')])
  })

  test('`terminate` reports the end after the code that runs, and no more messages', async () => {
    const { stream, clock, log } = await open({ message: (peer) => peer.terminate() })
    stream.data(text('a'), text('b'), closeFrame(1000))
    expect(stream.destroyed).toBe(true)
    await clock.settle()
    // Their Close had arrived.
    expect(log).toEqual(['a', 1000, 'gone'])
  })

  test('bytes read before the stream is lost are delivered first, in spite of a pause', async () => {
    let count = 0
    const { stream, clock, log } = await open({
      message(peer) {
        count++
        peer.pause()
      },
    })
    stream.data(...Array.from({ length: 40_000 }, () => text('')))
    stream.destroy()
    await clock.settle()
    expect([count, log.slice(-2)]).toEqual([40_000, [1006, 'gone']])
  })

  test('an error of the peer is answered, and the rest is dropped', async () => {
    const { stream, clock, log } = await open()
    stream.data(text('a'), frame(3), text('b'))
    expect([stream.sent, stream.ended, log]).toEqual(['880203ea', true, ['a', 1002]])
    await clock.advance(20_000)
    expect([stream.destroyed, log]).toEqual([true, ['a', 1002, 'gone']])
  })

  test('an extension that throws is the `cause`, and closes with 1011', async () => {
    const broken = defineExtension({
      name: 'x-broken',
      rsv: 4,
      offer: () => [{}],
      accept: () => ({ params: null, response: {} }),
      verify: () => null,
      open: () => ({
        encode: (piece) => piece,
        decode() {
          throw new Error('mine')
        },
      }),
    })
    const agreement = { subprotocol: undefined, extensions: [{ name: 'x-broken', params: null }] }
    const clock = new Clock()
    const log: unknown[] = []
    const endpoint = new Endpoint({
      timers: clock,
      message: (_, data) => log.push(data),
      close: (_, { code, cause }) => log.push(code, cause),
      gone: () => log.push('gone'),
    })
    const stream = new FakeStream()
    drive(endpoint, stream, new Connection({ role: 'server', agreement, extensions: [broken] }))
    await clock.settle()
    stream.data(text('a'), frame(1, 'b', { rsv: 4 }), text('c'))
    await clock.settle()
    expect(log).toEqual(['a', 1006, new Error('mine')])
    expect([stream.sent, stream.ended]).toEqual(['880203f3', true])
    await clock.advance(20_000)
    expect(log.at(-1)).toBe('gone')
  })

  test('a stream that delivers something other than bytes is reported as the `cause`', async () => {
    const causes: unknown[] = []
    const { stream, clock, log } = await open({ close: (_, { cause }) => causes.push(cause) })
    stream.emit('data', 'text')
    await clock.settle()
    expect([stream.sent, log, causes]).toEqual(['880203f3', [1006], [expect.any(TypeError)]])
  })

  test('bytes after the end are bounded', async () => {
    const { stream, clock, log } = await open({ limits: { maxMessageSize: 10 } })
    stream.data(closeFrame(1000))
    stream.data(new Uint8Array(1_048_576))
    expect(stream.destroyed).toBe(false)
    stream.data(new Uint8Array(1))
    await clock.settle()
    expect([stream.destroyed, log]).toEqual([true, [1000, 'gone']])
  })

  test('`autoClose: false` and no answer: their code is sent back after `closeTimeout`', async () => {
    const { stream, clock, log } = await open({ autoClose: false, closeTimeout: 1000 })
    stream.data(closeFrame(4001))
    await clock.advance(999)
    expect(stream.sent).toBe('')
    await clock.advance(1)
    expect([stream.sent, log]).toEqual(['88020fa1', [4001]])
    await clock.advance(1000)
    expect([stream.destroyed, log]).toEqual([true, [4001, 'gone']])
  })
})

describe('keepalive', () => {
  test('pings, pings again, and terminates', async () => {
    const { stream, clock, log } = await open({ keepalive: { interval: 1000, timeout: 400 } })
    await clock.advance(1000)
    expect(stream.sent).toMatch(/^8904/)
    await clock.advance(200)
    expect(stream.sent).toMatch(/^8904/)
    await clock.advance(199)
    expect(log).toEqual([])
    await clock.advance(1)
    expect([stream.destroyed, log, clock.timers.size]).toEqual([true, [1006, 'gone'], 0])
  })

  test('reads the bytes that have arrived before it judges', async () => {
    const { stream, clock, log } = await open({ keepalive: { interval: 1000, timeout: 400 } })
    await clock.advance(1399)
    // The event loop was blocked, or the machine asleep, while the pong was in the kernel.
    clock.time += 3_600_000
    const [timer] = clock.timers
    clock.timers.clear()
    timer?.callback()
    stream.data(frame(10, ''))
    await clock.settle()
    expect([stream.destroyed, log]).toEqual([false, []])
  })

  test.each([
    ['paces itself', undefined],
    ['writes everything at once, over a connection without `maxOutput`', 2_000_000],
  ])('a stream that makes progress with its output is alive: the sender %s', async (_, size) => {
    const clock = new Clock()
    const stream = new FakeStream()
    const log: unknown[] = []
    const endpoint = new Endpoint({ timers: clock, close: (_, { code }) => log.push(code) })
    const connection = new Connection({ role: 'server', keepalive: { interval: 1000, timeout: 400 } })
    const peer = drive(endpoint, stream, connection)
    await clock.settle()
    stream.takes = false
    peer.send(new Uint8Array(size ?? 100_000))
    for (let turn = 0; turn < 7; turn++) {
      await clock.advance(900)
      stream.take(1)
      if (size === undefined) peer.send(new Uint8Array(100_000))
    }
    expect([stream.destroyed, log]).toEqual([false, []])
    // It takes nothing more: after two halves of the span it is judged.
    await clock.advance(10_000)
    expect([stream.destroyed, log]).toEqual([true, [1006]])
  })

  test('a paused peer is not judged for a while', async () => {
    const { peer, stream, clock, log } = await open({ keepalive: { interval: 1000, timeout: 400 } })
    peer.pause()
    await clock.advance(5_000)
    expect([stream.destroyed, log]).toEqual([false, []])
    await clock.advance(30_000)
    expect([stream.destroyed, log]).toEqual([true, [1006, 'gone']])
  })
})

describe('bytes that belong to somebody else', () => {
  test('an array that a pipe passes on is not changed', async () => {
    const { stream, log } = await open()
    const bytes = text('hello there')
    const copy = bytes.slice()
    stream.emit('data', bytes)
    expect([bytes, log]).toEqual([copy, ['hello there']])
  })

  test('bytes that a socket has read are unmasked in place, and messages share no memory', async () => {
    const clock = new Clock()
    const log: Uint8Array[] = []
    const endpoint = new Endpoint({ timers: clock, message: (_, data) => log.push(data as Uint8Array) })
    const stream = Object.assign(new FakeStream(), { setNoDelay() {} })
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
    await clock.settle()
    const chunk = Buffer.concat([frame(2, 'one'), frame(2, 'other')])
    stream.emit('data', chunk)
    expect(chunk.includes('other')).toBe(true)
    expect(log.map((bytes) => Buffer.from(bytes).toString())).toEqual(['one', 'other'])
    expect(new Set(log.map(({ buffer }) => buffer)).size).toBe(2)
  })
})

test('one timer serves all peers, and keeps the process only for streams that must be released', async () => {
  const clock = new Clock()
  const endpoint = new Endpoint({ timers: clock })
  const streams = Array.from({ length: 5 }, () => new FakeStream())
  for (const stream of streams)
    drive(endpoint, stream, new Connection({ role: 'server', keepalive: { interval: 10, timeout: 10 } }))
  await clock.settle()
  expect([...clock.timers].map(({ keepsProcess }) => keepsProcess)).toEqual([false])
  streams[0]?.data(closeFrame(1000))
  await clock.settle()
  expect([...clock.timers].map(({ keepsProcess }) => keepsProcess)).toEqual([true])
})

test('`drain` follows `full`, even if the stream takes everything before anything more is written', async () => {
  const { clock, stream, peer, log } = await open()
  stream.takes = false
  peer.send('x'.repeat(40_000))
  await clock.settle()
  peer.send('x'.repeat(40_000))
  const done = drained(peer)
  expect(peer.full).toBe(true)
  stream.take()
  expect([peer.full, log]).toEqual([false, ['drain']])
  await done
})

describe("streams that do not behave like Node's", () => {
  test('one that takes everything at once: `drain` follows `full`', async () => {
    const { clock, stream, peer, log } = await open()
    stream.write = (_, callback) => {
      callback?.()
      return true
    }
    peer.send('x'.repeat(100_000))
    expect(peer.full).toBe(true)
    await clock.settle()
    expect(log).toEqual(['drain'])
  })

  test('one that is destroyed and never reports it: `written` is called nevertheless, before `gone`', async () => {
    const { clock, endpoint, stream, peer, log } = await open()
    stream.takes = false
    stream.destroy = () => {
      stream.destroyed = true
    }
    for (let i = 0; i < 3; i++)
      peer.send('x'.repeat(60_000), { written: (error) => log.push(`${i} ${error === undefined}`) })
    peer.close()
    await clock.advance(20_000)
    expect(log).toEqual([1006, '0 false', '1 false', '2 false', 'gone'])
    expect([endpoint.streams, clock.timers.size]).toEqual([0, 0])
    for (const callback of stream.callbacks) callback(new Error('late'))
    await clock.settle()
    expect(log).toHaveLength(5)
  })

  test('one that emits `close` inside `destroy`: no message follows `close`', async () => {
    const { clock, stream, log } = await open({
      message() {
        stream.destroyed = true
        stream.emit('close')
      },
    })
    stream.data(text('a'), text('b'))
    await clock.settle()
    expect(log).toEqual(['a', 1006, 'gone'])
  })
})

test('a connection whose end was already reported can be driven: its Close is written, and the stream is released', async () => {
  const clock = new Clock()
  let gone = 0
  const endpoint = new Endpoint({ timers: clock, gone: () => gone++ })
  const connection = new Connection({ role: 'server' })
  connection.receive(closeFrame(1000))
  const stream = new FakeStream()
  drive(endpoint, stream, connection)
  await clock.settle()
  expect([stream.sent, stream.ended]).toEqual(['880203e8', true])
  await clock.advance(20_000)
  expect([gone, endpoint.streams, endpoint.peers.size, clock.timers.size]).toEqual([1, 0, 0, 0])
})

test('many messages in one turn, each with its `written`, take time in proportion', async () => {
  const { clock, peer } = await open()
  let written = 0
  for (let i = 0; i < 200_000; i++) peer.send('x', { written: () => written++ })
  await clock.settle()
  expect(written).toBe(200_000)
})
