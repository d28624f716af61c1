// A close waits for active readers with unread messages, and for nothing else.
import { describe, expect, test } from 'vitest'
import { within } from '../peers/support.ts'
import { pattern } from '../wire.ts'
import { isPending, Puppet, quiet, readAll, rejection, released } from './pipes.ts'
import { Time } from './time.ts'

describe("the answer to the peer's Close", () => {
  test('is sent at once without a reader, and unread messages are kept', async () => {
    const peer = new Puppet('server')
    peer.connection.sendText('one')
    peer.connection.sendText('two')
    peer.connection.close(1001)
    await peer.send()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
    expect(await peer.streams.closed).toMatchObject({ code: 1001 })
    expect(await readAll(peer.streams.readable)).toEqual(['one', 'two'])
  })

  test('is sent at once to a reader that has nothing to reply to', async () => {
    const peer = new Puppet('server')
    const reader = peer.streams.readable.getReader()
    const writer = peer.streams.writable.getWriter()
    peer.connection.close(1001)
    await peer.send()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
    expect(await rejection(writer.write('late'))).toMatchObject({ name: 'ClosedError', closeCode: 1001 })
    expect((await reader.read()).done).toBe(true)
  })

  test('waits for a reader, whose replies are sent first', async () => {
    const peer = new Puppet('server')
    const writer = peer.streams.writable.getWriter()
    const reader = peer.streams.readable.getReader()
    peer.connection.sendText('one')
    peer.connection.sendText('two')
    peer.connection.close(1001)
    await peer.send()
    for (const message of ['one', 'two']) {
      expect((await reader.read()).value).toBe(message)
      await quiet()
      const written = writer.write(`answer to ${message}`)
      expect(await peer.next()).toMatchObject([{ data: `answer to ${message}` }])
      await written
    }
    expect(await isPending(peer.streams.closed)).toBe(true)
    expect((await reader.read()).done).toBe(true)
    expect(await peer.rest()).toMatchObject([{ type: 'close', code: 1001 }])
    expect(await peer.streams.closed).toMatchObject({ code: 1001, sentCode: 1001, by: 'remote' })
  })

  test('waits for a reader although the peer has ended its direction, because it may still read', async () => {
    const peer = new Puppet('server')
    const piping = peer.streams.readable.pipeTo(peer.streams.writable)
    peer.connection.sendText('one')
    peer.connection.sendText('two')
    peer.connection.close(1001)
    await peer.send()
    await peer.end()
    await quiet()
    expect(await peer.rest()).toMatchObject([{ data: 'one' }, { data: 'two' }, { type: 'close', code: 1001 }])
    await within(piping, 'the pipe')
    expect(await peer.streams.closed).toMatchObject({ code: 1001, sentCode: 1001 })
    await released(peer.between.server)
  })

  test('stops waiting for a reader when the transport fails', async () => {
    const peer = await waiting()
    peer.between.toServer.fail(new Error('cut'))
    expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1001, sentCode: undefined })
    await released(peer.between.server)
  })

  test.each(['close', 'abort'] as const)('stops waiting when the writer calls %s', async (verb) => {
    const peer = await waiting()
    const done = peer.streams.writable[verb]()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
    await within(done, verb)
    expect(await peer.streams.closed).toMatchObject({ code: 1001 })
  })

  test('stops waiting when the readable is canceled', async () => {
    const peer = new Puppet('server')
    const reader = peer.streams.readable.getReader()
    peer.connection.sendText('one')
    peer.connection.close(1001)
    await peer.send()
    await quiet()
    await reader.cancel()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
  })

  test('stops waiting when a write finds that the reader was released', async () => {
    const peer = new Puppet('server')
    const reader = peer.streams.readable.getReader()
    peer.connection.sendText('one')
    peer.connection.close(1001)
    await peer.send()
    await quiet()
    reader.releaseLock()
    expect(await rejection(peer.streams.writable.getWriter().write('late'))).toMatchObject({ closeCode: 1001 })
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
  })

  test('waits for at most one second for a reader that takes nothing, whatever is written', async () => {
    const time = new Time()
    const peer = await waiting(time)
    const writer = peer.streams.writable.getWriter()
    await time.advance(999)
    const written = writer.write('not late')
    expect(await peer.next()).toMatchObject([{ data: 'not late' }])
    await written
    await time.advance(1)
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
    expect(await rejection(writer.write('late'))).toMatchObject({ closeCode: 1001 })
    expect(await peer.streams.closed).toMatchObject({ code: 1001 })
  })

  test('waits another second for a reader that takes something', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    const reader = peer.streams.readable.getReader()
    for (let i = 0; i < 5; i++) peer.connection.sendText(String(i))
    peer.connection.close(1001)
    await peer.send()
    for (let i = 0; i < 5; i++) {
      await time.advance(999)
      expect((await reader.read()).value).toBe(String(i))
    }
    const answer = peer.next()
    await time.advance(999)
    expect(await isPending(answer)).toBe(true)
    await time.advance(1)
    expect(await answer).toMatchObject([{ type: 'close', code: 1001 }])
  })

  test('waits for a pipe whose reply the peer takes slowly, for at most closeTimeout', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    const piping = peer.streams.readable.pipeTo(peer.streams.writable)
    peer.connection.sendText('one')
    peer.connection.sendText('two')
    peer.connection.close(1001)
    await peer.send()
    await time.advance(5000)
    expect(await peer.next()).toMatchObject([{ data: 'one' }])
    await time.advance(4000)
    expect(await peer.next()).toMatchObject([{ data: 'two' }])
    expect(await peer.rest()).toMatchObject([{ type: 'close', code: 1001 }])
    await peer.end()
    await within(piping, 'the pipe')
    expect(await peer.streams.closed).toMatchObject({ code: 1001, sentCode: 1001 })

    const stuck = new Puppet('server', { timers: time })
    const failing = rejection(stuck.streams.readable.pipeTo(stuck.streams.writable))
    stuck.connection.sendText('one')
    stuck.connection.close(1001)
    await stuck.send()
    await time.advance(20_000)
    expect(await within(stuck.streams.closed, 'the end')).toMatchObject({ code: 1001 })
    await failing
    await released(stuck.between.server)
    expect(time.timers.size).toBe(0)
  })
})

/** A peer's Close that has arrived after a message that a reader has not read. */
async function waiting(timers?: Time): Promise<Puppet> {
  const peer = new Puppet('server', { timers })
  peer.streams.readable.getReader()
  peer.connection.sendText('one')
  peer.connection.close(1001)
  await peer.send()
  expect(await isPending(peer.streams.closed)).toBe(true)
  return peer
}

describe('messages that arrive after our Close', () => {
  const send = async (peer: Puppet): Promise<void> => {
    for (let i = 0; i < 200; i++) {
      peer.connection.sendBinary(pattern(1000))
      await peer.send()
    }
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1000 }])
    await peer.send()
  }

  test('are all delivered to an active reader', async () => {
    const peer = new Puppet('server')
    const reader = peer.streams.readable.getReader()
    peer.streams.close(1000)
    const sending = send(peer)
    expect(await isPending(peer.streams.closed)).toBe(true)
    for (let i = 0; i < 200; i++) expect((await reader.read()).value).toHaveLength(1000)
    expect((await reader.read()).done).toBe(true)
    await sending
    expect(await peer.streams.closed).toMatchObject({ code: 1000 })
  })

  test('do not delay the end without a reader; a later reader gets an error for the dropped ones', async () => {
    const peer = new Puppet('server')
    peer.streams.close(1000)
    await send(peer)
    expect(await peer.streams.closed).toMatchObject({ code: 1000, clean: true })
    const reader = peer.streams.readable.getReader()
    let taken = 0
    const error = await rejection(
      (async () => {
        for (; taken < 200; taken++) await reader.read()
      })(),
    )
    expect(error).toMatchObject({ name: 'ClosedError', closeCode: 1000 })
    expect(taken).toBeGreaterThan(60)
    expect(taken).toBeLessThan(70)
  })
})
