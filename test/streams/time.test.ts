// Time: keepalive, pings, the timeouts for heads and for the end. All time is fake.
import { describe, expect, test } from 'vitest'
import { formatRequestHead, offerHandshake } from '../../src/index.ts'
import { acceptStream, ClosedError, openStream } from '../../src/streams/index.ts'
import { within } from '../peers/support.ts'
import { pattern } from '../wire.ts'
import { isPending, line, Puppet, quiet, readBytes, rejection, released } from './pipes.ts'
import { Time } from './time.ts'

const offer = offerHandshake('ws://a.example/')
const request = formatRequestHead(offer.request)

describe('keepalive', () => {
  test('pings a silent peer twice, and then gives up', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    const reading = rejection(peer.streams.readable.getReader().read())
    await time.advance(30_000)
    expect(await peer.next()).toMatchObject([{ type: 'ping' }])
    await time.advance(15_000)
    expect(await peer.next()).toMatchObject([{ type: 'ping' }])
    await time.advance(15_000)
    expect(await peer.streams.closed).toMatchObject({ code: 1006, clean: false, error: { code: 'timeout' } })
    expect(await reading).toMatchObject({ code: 'timeout' })
    await released(peer.between.server)
    expect(time.timers.size).toBe(0)
  })

  test('keeps a peer that answers, and uses its options', async () => {
    const time = new Time()
    const peer = new Puppet('client', { timers: time, keepalive: { interval: 100, timeout: 50 } })
    for (let i = 0; i < 10; i++) {
      await time.advance(100)
      expect(await peer.next()).toMatchObject([{ type: 'ping' }])
      await peer.send()
    }
    expect(await isPending(peer.streams.closed)).toBe(true)
    await time.advance(151)
    expect(await peer.streams.closed).toMatchObject({ code: 1006 })
  })

  test('can be turned off', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time, keepalive: false })
    await time.advance(1e6)
    expect(time.timers.size).toBe(0)
    expect(await isPending(peer.streams.closed)).toBe(true)
  })

  test('judges a peer that writes and does not read the echo of a pipe', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    const piping = rejection(peer.streams.readable.pipeTo(peer.streams.writable))
    const flooding = rejection(
      (async () => {
        for (;;) {
          peer.connection.sendBinary(pattern(10_000))
          await peer.send()
        }
      })(),
    )
    await quiet()
    await time.advance(60_000)
    expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1006, error: { code: 'timeout' } })
    await Promise.all([piping, flooding])
  })

  test('does not judge a peer that must wait for a slow reader', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time, readAhead: 0 })
    peer.rest().catch(() => {})
    await time.advance(200_000)
    expect(await isPending(peer.streams.closed)).toBe(true)
  })
})

describe('ping()', () => {
  test('resolves to the time until its pong', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    const pinged = peer.streams.ping('hello')
    expect(await peer.next()).toMatchObject([{ type: 'ping', data: Uint8Array.from(Buffer.from('hello')) }])
    await time.advance(42)
    await peer.send()
    expect(await within(pinged, 'the pong')).toBe(42)
  })

  test('has its own data, and a pong also answers the pings before it', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    const pings = [peer.streams.ping(), peer.streams.ping(Uint8Array.of(7)), peer.streams.ping()]
    const asked = (await peer.next())?.map((event) => (event.type === 'ping' ? Buffer.from(event.data).toString() : ''))
    expect(asked).toEqual(['1', '\x07', '2'])
    peer.connection.takeOutput()
    await time.advance(5)
    peer.connection.pong(Uint8Array.of(7))
    await peer.send()
    expect(await Promise.all(pings.slice(0, 2))).toEqual([5, 5])
    expect(await isPending(pings[2] as Promise<number>)).toBe(true)
    await peer.end()
    expect(await rejection(pings[2] as Promise<number>)).toMatchObject({ name: 'ClosedError', closeCode: 1006 })
  })

  test('rejects for too much data, and after the end', async () => {
    const peer = new Puppet('server')
    expect(await rejection(peer.streams.ping('x'.repeat(126)))).toBeInstanceOf(RangeError)
    peer.streams.close(4000, 'enough')
    expect(await rejection(peer.streams.ping())).toMatchObject({ closeCode: 4000, reason: 'enough' })
  })

  test('is not confused by an unsolicited pong', async () => {
    const peer = new Puppet('server')
    const pinged = peer.streams.ping('a')
    await peer.next()
    peer.connection.takeOutput()
    peer.connection.pong('b')
    await peer.send()
    expect(await isPending(pinged)).toBe(true)
  })
})

test('a pong goes out between the fragments of a long message', async () => {
  const peer = new Puppet('server', { fragmentSize: 65_536 })
  const written = peer.streams.writable.getWriter().write(pattern(4_000_000))
  await quiet()
  peer.connection.ping('now')
  await peer.send()
  let before = 0
  for (let found = false; !found; ) {
    for (const event of (await peer.next()) ?? []) if (event.type === 'pong') found = true
    before++
  }
  // What the transport had already taken, which is at most two writes, and the write that contains the pong.
  expect(before).toBeLessThanOrEqual(3)
  peer.rest().catch(() => {})
  await written
})

test('a flood of control frames is closed with 1008; the same number over a longer time is not', async () => {
  const time = new Time()
  const limits = { maxControlFrames: 10, controlWindow: 1000 }
  const flooded = new Puppet('server', { timers: time, limits })
  for (let i = 0; i < 11; i++) flooded.connection.pong('x')
  await flooded.send()
  expect(await flooded.next()).toMatchObject([{ type: 'close', code: 1008 }])
  const patient = new Puppet('server', { timers: time, limits })
  for (let i = 0; i < 50; i++) {
    await time.advance(100)
    patient.connection.pong('x')
    await patient.send()
  }
  expect(await isPending(patient.streams.closed)).toBe(true)
})

describe('closeTimeout', () => {
  test('ends a close that the peer does not answer', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time, closeTimeout: 500 })
    const closing = rejection(peer.streams.writable.close())
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1000 }])
    await time.advance(499)
    expect(await isPending(peer.streams.closed)).toBe(true)
    await time.advance(1)
    const closed = { code: 1006, sentCode: 1000, clean: false, by: 'local', error: { code: 'timeout' } }
    expect(await peer.streams.closed).toMatchObject(closed)
    expect(await closing).toMatchObject({ code: 'timeout' })
    await released(peer.between.server)
  })

  test('ends a write that the peer does not take', async () => {
    const time = new Time()
    const peer = new Puppet('client', { timers: time })
    const writing = rejection(peer.streams.writable.getWriter().write('stuck'))
    await quiet()
    peer.streams.close(1000)
    await time.advance(10_000)
    expect(await writing).toMatchObject({ code: 'timeout' })
    expect(await peer.streams.closed).toMatchObject({ code: 1006, clean: false })
    await released(peer.between.client)
  })

  test('ends a transport whose other end stays open after both Closes', async () => {
    const time = new Time()
    const peer = new Puppet('server', { timers: time })
    peer.connection.close(1000)
    await peer.send()
    expect(await peer.rest()).toMatchObject([{ type: 'close', code: 1000 }])
    expect(await peer.streams.closed).toMatchObject({ code: 1000, clean: true })
    await time.advance(19_999)
    expect(peer.between.server.readable.locked).toBe(true)
    await time.advance(1)
    await released(peer.between.server)
    expect(time.timers.size).toBe(0)
  })
})

describe('headTimeout', () => {
  test('answers a request that is not complete in time with 408', async () => {
    const time = new Time()
    const { client, server } = line()
    const accepting = acceptStream(server, { timers: time, headTimeout: 300 })
    const answer = readBytes(client.readable)
    await client.writable.getWriter().write(request.subarray(0, -1))
    await time.advance(300)
    const refused = await within(accepting, 'a refusal')
    expect(refused).toMatchObject({ ok: false, request: undefined, response: { status: 408 } })
    expect(!refused.ok && refused.errors[0]).toMatchObject({ code: 'timeout', status: 408 })
    expect(Buffer.from(await answer).toString()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    // Bytes that still arrive are dropped, for `closeTimeout`.
    await time.advance(10_000)
    await released(server)
    expect(time.timers.size).toBe(0)
  })

  test('releases a client that has sent nothing', async () => {
    const time = new Time()
    const { client, server } = line()
    const accepting = acceptStream(server, { timers: time })
    const reading = rejection(client.readable.getReader().read())
    await time.advance(10_000)
    expect(await accepting).toMatchObject({ ok: false, response: { status: 408 } })
    await released(server)
    await reading
  })

  test('ends the wait for a response', async () => {
    const time = new Time()
    const { client, server } = line()
    const opening = openStream(client, offer, { timers: time })
    expect((await server.readable.getReader().read()).value).toEqual(request)
    await server.writable.getWriter().write(Uint8Array.from(Buffer.from('HTTP/1.1 101 ')))
    await time.advance(10_000)
    const rejected = await within(opening, 'a result')
    expect(rejected).toMatchObject({ ok: false, kind: 'invalid', status: undefined, response: undefined })
    // It is not a server's answer: it has no status.
    expect(!rejected.ok && rejected.errors[0]).toMatchObject({ code: 'timeout', reference: '', status: undefined })
    await released(client)
    expect(time.timers.size).toBe(0)
  })
})

describe('signal', () => {
  test('gives up an opening with its reason, and destroys the transport', async () => {
    const aborter = new AbortController()
    const [one, other] = [line(), line()]
    const accepting = rejection(acceptStream(one.server, { signal: aborter.signal }))
    const opening = rejection(openStream(other.client, offer, { signal: aborter.signal }))
    await quiet()
    const reason = new Error('enough')
    aborter.abort(reason)
    expect([await accepting, await opening]).toEqual([reason, reason])
    expect(await rejection(acceptStream(line().server, { signal: aborter.signal }))).toBe(reason)
    await released(one.server)
    await released(other.client)
    await rejection(one.client.writable.getWriter().write(request))
  })

  test('gives up a refusal that the peer does not take', async () => {
    const time = new Time()
    const aborter = new AbortController()
    const { client, server } = line()
    const accepting = rejection(acceptStream(server, { timers: time, signal: aborter.signal }))
    await client.writable.getWriter().write(Uint8Array.from(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')))
    await quiet()
    const reason = new Error('enough')
    aborter.abort(reason)
    expect(await accepting).toBe(reason)
    await released(server)
    expect(time.timers.size).toBe(0)
  })

  test('also gives up the refusal if a function among the options aborts it', async () => {
    const aborter = new AbortController()
    const { client, server } = line()
    const origins = (): boolean => {
      aborter.abort('enough')
      return false
    }
    const accepting = rejection(acceptStream(server, { origins, signal: aborter.signal }))
    const crossOrigin = [...Buffer.from(request).subarray(0, -2), ...Buffer.from('Origin: http://b.example\r\n\r\n')]
    await client.writable.getWriter().write(Uint8Array.from(crossOrigin))
    expect(await accepting).toBe('enough')
    await released(server)
  })

  test.each([
    [undefined, 1001],
    [new ClosedError('mine', { closeCode: 4001 }), 4001],
    [new Error('whatever'), 1011],
  ])('closes an open WebSocket as `abort` does (%s)', async (reason, code) => {
    const aborter = new AbortController()
    const peer = new Puppet('server', { signal: aborter.signal })
    const writer = peer.streams.writable.getWriter()
    const failing = [rejection(writer.write('being written')), rejection(writer.write('waits'))]
    await quiet()
    aborter.abort(reason)
    const failed = { name: 'ClosedError', closeCode: code }
    expect(await Promise.all(failing)).toMatchObject([failed, failed])
    expect(await peer.next()).toMatchObject([{ data: 'being written' }])
    expect(await peer.next()).toMatchObject([{ type: 'close', code }])
    peer.connection.sendText('unread')
    await peer.send()
    expect(await peer.streams.closed).toMatchObject({ code, clean: true })
  })

  test('that was aborted before closes at once', async () => {
    const peer = new Puppet('client', { signal: AbortSignal.abort() })
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
  })

  test('leaves no listener', async () => {
    let listeners = 0
    const signal = {
      aborted: false,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    }
    const peer = new Puppet('server', { signal })
    expect(listeners).toBe(1)
    peer.connection.close()
    await peer.send()
    expect(await peer.rest()).toMatchObject([{ type: 'close', code: 1005 }])
    await peer.end()
    await released(peer.between.server)
    await quiet()
    expect(listeners).toBe(0)
  })
})

describe('giving up both streams', () => {
  test.each(['silent', 'stuck', 'closed'])(
    'has nothing pending and nothing locked after closeTimeout (%s)',
    async (kind) => {
      const time = new Time()
      const peer = new Puppet('server', { timers: time })
      const { readable, writable, closed } = peer.streams
      const writer = writable.getWriter()
      const settled: Promise<unknown>[] = []
      if (kind === 'stuck') settled.push(rejection(writer.write('stuck')), rejection(writer.write('queued')))
      else peer.rest().catch(() => {})
      await quiet()
      if (kind === 'closed') {
        peer.connection.close(4000)
        await peer.send()
      } else settled.push(writer.close().catch(() => {}))
      // Neither waits for anything.
      await within(Promise.all([writer.abort(), readable.cancel()]), 'to give up')
      await within(Promise.all(settled), 'writes to fail')
      await time.advance(10_000)
      await within(closed, 'the end')
      await released(peer.between.server)
      expect(time.timers.size).toBe(0)
    },
  )

  test('abort rejects the pending write at once', async () => {
    const peer = new Puppet('server')
    const writer = peer.streams.writable.getWriter()
    const writes = [rejection(writer.write('stuck')), rejection(writer.write('queued'))]
    await quiet()
    const reason = new ClosedError('enough', { closeCode: 4002, reason: 'enough' })
    await within(writer.abort(reason), 'abort')
    expect(await Promise.all(writes)).toMatchObject([{ closeCode: 4002 }, { closeCode: 4002 }])
    expect(await peer.next()).toMatchObject([{ data: 'stuck' }])
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 4002, reason: 'enough' }])
  })
})

test('a pipe that a signal aborts closes with 1001', async () => {
  const peer = new Puppet('server')
  const aborter = new AbortController()
  const piping = rejection(peer.streams.readable.pipeTo(peer.streams.writable, { signal: aborter.signal }))
  aborter.abort()
  expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
  await piping
})

test.each<[string, () => string | ArrayBufferView | ArrayBufferLike, number[]]>([
  ['an ArrayBuffer', () => Uint8Array.of(1, 2, 3).buffer, [1, 2, 3]],
  ['a SharedArrayBuffer', () => new SharedArrayBuffer(2), [0, 0]],
  ['a DataView', () => new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2), [2, 3]],
  ['a Uint16Array', () => Uint16Array.of(0x0101, 0x0202).subarray(1), [2, 2]],
])('%s is a binary message', async (_, make, expected) => {
  const peer = new Puppet('server')
  const written = peer.streams.writable.getWriter().write(make())
  expect(await peer.next()).toMatchObject([{ type: 'binary', data: Uint8Array.from(expected) }])
  await written
})

test.each<[string, () => ArrayBufferView | ArrayBufferLike]>([
  ['an ArrayBuffer that was transferred', () => transferred(new ArrayBuffer(4))],
  ['a DataView of one', () => new DataView(new ArrayBuffer(4))],
  ['a Uint8Array of one', () => new Uint8Array(4)],
  ['a Uint16Array of one', () => new Uint16Array(4)],
])('%s is an error', async (_, make) => {
  const peer = new Puppet('server')
  const message = make()
  if (ArrayBuffer.isView(message)) transferred(message.buffer)
  expect(await rejection(peer.streams.writable.getWriter().write(message))).toBeInstanceOf(TypeError)
  expect(await peer.next()).toMatchObject([{ type: 'close', code: 1011 }])
})

function transferred<Moved extends ArrayBufferLike>(buffer: Moved): Moved {
  structuredClone(buffer, { transfer: [buffer as unknown as ArrayBuffer] })
  return buffer
}

test.each([Uint8Array, Uint16Array])(
  'a view that is out of bounds is an error, but an empty one is not',
  async (View) => {
    const peer = new Puppet('server')
    const writer = peer.streams.writable.getWriter()
    const written = writer.write(new View(0))
    expect(await peer.next()).toMatchObject([{ type: 'binary', data: new Uint8Array(0) }])
    await written
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer & Resizes
    const buffer = new Resizable(8, { maxByteLength: 8 })
    const view = new View(buffer, 4, 2)
    buffer.resize(4)
    expect(await rejection(writer.write(view))).toBeInstanceOf(TypeError)
  },
)

interface Resizes {
  resize(size: number): void
}
