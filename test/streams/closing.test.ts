// The closing handshake: which side starts it, the code, the order of the ends, and messages in flight.
import { describe, expect, test } from 'vitest'
import { ProtocolError, type Role } from '../../src/index.ts'
import { ClosedError } from '../../src/streams/index.ts'
import { within } from '../peers/support.ts'
import { pattern } from '../wire.ts'
import { both, isPending, Puppet, quiet, readAll, rejection, released } from './pipes.ts'

const roles: Role[] = ['client', 'server']

describe.each(roles)('close() of a %s', (role) => {
  test.each([
    [1000, 'done'],
    [1001, ''],
    [4999, 'x'.repeat(123)],
  ])('with %s gives both sides the code and reason', async (code, reason) => {
    const ends = both()
    const [ours, theirs] =
      role === 'client' ? [ends.clientStreams, ends.serverStreams] : [ends.serverStreams, ends.clientStreams]
    ours.close(code, reason)
    // Further calls have no effect.
    ours.close(4000)
    expect(await ours.closed).toMatchObject({ code, clean: true, by: 'local' })
    expect(await theirs.closed).toMatchObject({ code, reason, clean: true, by: 'remote' })
    expect(await readAll(ours.readable)).toEqual([])
    expect(await readAll(theirs.readable)).toEqual([])
    await released(ends.client)
    await released(ends.server)
    for (const { writable } of [ours, theirs]) {
      const error = await rejection(writable.getWriter().write('late'))
      expect(error).toBeInstanceOf(ClosedError)
      expect(error).toMatchObject({ name: 'ClosedError', closeCode: code })
    }
  })

  test('without a code is 1005 for both', async () => {
    const peer = new Puppet(role)
    peer.streams.close()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1005 }])
    await peer.send()
    if (role === 'client') await peer.end()
    expect(await peer.streams.closed).toMatchObject({ code: 1005, clean: true, by: 'local' })
  })

  test('throws for an invalid code or reason, without an effect', async () => {
    const peer = new Puppet(role)
    expect(() => peer.streams.close(1006)).toThrow(RangeError)
    expect(() => peer.streams.close(1000, 'x'.repeat(124))).toThrow(RangeError)
    expect(() => peer.streams.close(undefined, 'why')).toThrow(TypeError)
    const writing = peer.streams.writable.getWriter().write('still open')
    expect(await peer.next()).toMatchObject([{ data: 'still open' }])
    await writing
  })

  test('fails pending writes', async () => {
    const peer = new Puppet(role)
    const writer = peer.streams.writable.getWriter()
    const written = writer.write('on its way')
    const overtaken = rejection(writer.write('waits'))
    await quiet()
    peer.streams.close(4000, 'enough')
    expect(await rejection(writer.ready)).toMatchObject({ closeCode: 4000, reason: 'enough' })
    expect(await peer.next()).toMatchObject([{ data: 'on its way' }])
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 4000 }])
    await written
    expect(await overtaken).toBeInstanceOf(ClosedError)
  })
})

describe('the transport is ended', () => {
  test('by a server, after both Closes are sent', async () => {
    const peer = new Puppet('server')
    peer.streams.close(1000)
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1000 }])
    expect(peer.between.server.writable.locked).toBe(true)
    await peer.send()
    expect(await peer.next()).toBeUndefined()
    expect(await peer.streams.closed).toMatchObject({ code: 1000, clean: true })
    // Bytes in flight must not turn a clean end into an abrupt one, so the peer's end is awaited.
    expect(peer.between.server.readable.locked).toBe(true)
    await peer.end()
    await released(peer.between.server)
  })

  test('by a client, after the server', async () => {
    const peer = new Puppet('client')
    peer.connection.close(1000)
    await peer.send()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1000 }])
    expect(await peer.streams.closed).toMatchObject({ code: 1000, clean: true, by: 'remote' })
    expect(await isPending(peer.next())).toBe(true)
    expect(peer.between.client.writable.locked).toBe(true)
    await peer.end()
    await released(peer.between.client)
  })

  test.each(roles)('a %s discards a limited number of bytes after the Close, then ends', async (role) => {
    const peer = new Puppet(role, { limits: { maxMessageSize: 1000 } })
    peer.connection.close(1000)
    await peer.send()
    await peer.next()
    const junk = pattern(60_000)
    const sending = (async () => {
      for (let i = 0; i < 100; i++) await peer.send(junk)
    })()
    await rejection(sending)
    expect(await peer.streams.closed).toMatchObject({ code: 1000, clean: true })
    const { toServer, toClient } = peer.between
    expect((role === 'client' ? toClient : toServer).passed).toBeLessThan(2 ** 20 + 200_000)
    await released(peer.between[role])
  })
})

describe('writable.close()', () => {
  test('sends 1000 after all messages, and waits for the answer', async () => {
    const peer = new Puppet('server')
    const writer = peer.streams.writable.getWriter()
    void writer.write('one')
    void writer.write('two')
    const closing = writer.close()
    expect(await peer.next()).toMatchObject([{ data: 'one' }])
    expect(await peer.next()).toMatchObject([{ data: 'two' }])
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1000, reason: '' }])
    expect(await isPending(closing)).toBe(true)
    peer.connection.sendText('too late')
    await peer.send()
    await within(closing, 'the end')
  })

  test('fails if the transport ends instead', async () => {
    const peer = new Puppet('server')
    const closing = peer.streams.writable.close()
    await peer.end()
    expect(await rejection(closing)).toMatchObject({ name: 'ClosedError', closeCode: 1006 })
    expect(await peer.streams.closed).toMatchObject({ code: 1006, clean: false, by: 'local' })
  })
})

const reasons: [reason: unknown, code: number, text: string][] = [
  [new Error('whatever'), 1011, ''],
  [{ closeCode: 4001, reason: 'as told' }, 4001, 'as told'],
  [{ closeCode: 4001 }, 4001, ''],
  [new ClosedError('lost', { closeCode: 1006 }), 1011, ''],
  [new ClosedError('without a code', { closeCode: 1005 }), 1005, ''],
  [{ closeCode: 1015, reason: 'TLS' }, 1011, ''],
  [{ closeCode: 4001, reason: 'x'.repeat(124) }, 4001, 'x'.repeat(123)],
  [{ closeCode: 4001, reason: `x${'€'.repeat(41)}` }, 4001, `x${'€'.repeat(40)}`],
  [{ closeCode: 4001, reason: '\ud800' }, 4001, '\ufffd'],
  [{ closeCode: null }, 1011, ''],
  [null, 1011, ''],
  [AbortSignal.abort().reason, 1001, ''],
  [new DOMException('too late', 'TimeoutError'), 1001, ''],
  [{ closeCode: '1000' }, 1011, ''],
  [new ProtocolError('utf8', 'no text', { closeCode: 1007 }), 1007, ''],
  ['a string', 1011, ''],
]

describe.each([...reasons, [undefined, 1011, ''] as const])('writable.abort(%o)', (reason, code, text) => {
  test(`closes with ${code}`, async () => {
    const peer = new Puppet('client')
    await peer.streams.writable.abort(reason)
    expect(await peer.next()).toMatchObject([{ type: 'close', code, reason: text }])
    await peer.send()
    expect(await peer.streams.closed).toMatchObject({ code, clean: true, by: 'local' })
    expect(await readAll(peer.streams.readable)).toEqual([])
  })
})

describe.each([...reasons, [undefined, 1000, ''] as const])('readable.cancel(%o)', (reason, code, text) => {
  test(`closes with ${code}`, async () => {
    const peer = new Puppet('client')
    await peer.streams.readable.cancel(reason)
    expect(await peer.next()).toMatchObject([{ type: 'close', code, reason: text }])
    for (let i = 0; i < 100; i++) {
      peer.connection.ping()
      await peer.send(Uint8Array.of(0x82, 126, 0x10, 0, ...new Uint8Array(0x1000)))
    }
    await peer.send()
    expect(await peer.streams.closed).toMatchObject({ code, clean: true, by: 'local' })
    expect(await rejection(peer.streams.writable.getWriter().write('late'))).toMatchObject({ closeCode: code })
  })
})

test.each(['name', 'closeCode', 'reason'])('a reason whose `%s` throws closes with 1011', async (name) => {
  const reason = Object.defineProperty({ closeCode: 4001 }, name, {
    get() {
      throw new Error('mine')
    },
  })
  const aborter = new AbortController()
  const [one, two, three] = [
    new Puppet('client'),
    new Puppet('client'),
    new Puppet('client', { signal: aborter.signal }),
  ]
  await within(one.streams.readable.cancel(reason), 'the cancel')
  await within(two.streams.writable.abort(reason), 'the abort')
  aborter.abort(reason)
  for (const peer of [one, two, three]) {
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1011 }])
    await peer.send()
    await peer.end()
    expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1011, clean: true })
    await released(peer.between.client)
  }
})

test('leaving a loop over messages closes with 1000', async () => {
  const peer = new Puppet('server')
  peer.connection.sendText('one')
  peer.connection.sendText('two')
  await peer.send()
  for await (const message of peer.streams.readable) {
    expect(message).toBe('one')
    break
  }
  expect(await peer.next()).toMatchObject([{ type: 'close', code: 1000 }])
})
