// A close waits for active readers with unread messages, and for nothing else.
import { describe, expect, test } from 'vitest'
import { ClosedError } from '../../src/streams/index.ts'
import { within } from '../peers/support.ts'
import { pattern } from '../wire.ts'
import { isPending, Puppet, quiet, readAll, rejection } from './pipes.ts'

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
      await writer.write(`answer to ${message}`)
    }
    expect(await isPending(peer.streams.closed)).toBe(true)
    expect((await reader.read()).done).toBe(true)
    expect(await peer.rest()).toMatchObject([
      { data: 'answer to one' },
      { data: 'answer to two' },
      { type: 'close', code: 1001 },
    ])
    expect(await peer.streams.closed).toMatchObject({ code: 1001, by: 'remote' })
  })

  test('stops waiting for a reader when the transport ends', async () => {
    const peer = new Puppet('server')
    peer.streams.readable.getReader()
    peer.connection.close(1001)
    await peer.send()
    expect(await isPending(peer.streams.closed)).toBe(true)
    await peer.end()
    expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1001 })
  })

  test.each(['close', 'abort'] as const)('stops waiting when the writer calls %s', async (verb) => {
    const peer = new Puppet('server')
    peer.streams.readable.getReader()
    peer.connection.close(1001)
    await peer.send()
    await quiet()
    const done = peer.streams.writable[verb]()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
    await within(done, verb)
    expect(await peer.streams.closed).toMatchObject({ code: 1001 })
  })

  test('allows replies up to the unread bytes plus readAhead', async () => {
    const peer = new Puppet('server', { readAhead: 1000 })
    peer.streams.readable.getReader()
    peer.connection.close(1001)
    await peer.send()
    await quiet()
    const writer = peer.streams.writable.getWriter()
    let written = 0
    const error = await rejection(
      (async () => {
        for (; written < 100; written++) {
          // The peer may have read on.
          await writer.write(pattern(400))
        }
      })(),
    )
    expect(error).toBeInstanceOf(ClosedError)
    expect(written).toBe(3)
    expect((await peer.rest()).map(({ type }) => type)).toEqual(['binary', 'binary', 'binary', 'close'])
  })
})

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
