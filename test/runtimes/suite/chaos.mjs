/**
 * One WebSocket as streams, whose user and peer do anything in any order, in fake time: reads, writes, cancels, aborts, closes, pings and
 * signals; bytes, Closes, errors, resets, ends, silence and writes that get stuck. Whatever they do, the end is bounded, and leaves nothing
 * open. Needs only the language and the streams of the platform.
 */

import { chance, pattern } from './values.mjs'

const CLOSE_TIMEOUT = 1000
const KEEPALIVE = { interval: 700, timeout: 400 }

/** A clock that advances only when told to, and its timers. */
class Time {
  timers = new Set()
  #now = 0

  now() {
    return this.#now
  }

  set(callback, ms) {
    const timer = { callback, at: this.#now + ms }
    this.timers.add(timer)
    return timer
  }

  clear(timer) {
    this.timers.delete(timer)
  }

  soon(callback) {
    turn().then(callback)
  }

  async advance(ms) {
    await quiet()
    const end = this.#now + ms
    for (;;) {
      const next = [...this.timers].sort((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await quiet()
    }
    this.#now = end
    await quiet()
  }
}

/** The next turn of the event loop. */
function turn() {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}

/** Waits until everything that needs no time has happened. */
async function quiet() {
  for (let i = 0; i < 4; i++) await turn()
}

/** A transport whose other end the game controls. */
class Wire {
  /** What the other end has received. */
  taken = []
  /** Whether writes are not taken. */
  stuck = false
  ended = false
  #waiting = []

  constructor(closes) {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.incoming = controller
      },
      cancel: () => {
        this.ended = true
      },
    })
    const take = () => (this.stuck ? new Promise((resolve) => this.#waiting.push(resolve)) : undefined)
    this.writable = new WritableStream({
      start: (controller) => {
        this.outgoing = controller
      },
      write: async (chunk) => {
        await take()
        this.taken.push(chunk.slice())
      },
      close: take,
    })
    // As with a `Deno.Conn` that was closed before.
    if (closes)
      this.close = () => {
        throw new Error('BadResource')
      }
  }

  unstick() {
    this.stuck = false
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  push(bytes) {
    if (!this.ended && bytes !== undefined && bytes.length > 0) this.incoming.enqueue(bytes)
  }

  finish() {
    if (!this.ended) this.incoming.close()
    this.ended = true
  }

  fail(error) {
    if (!this.ended) this.incoming.error(error)
    this.ended = true
    this.outgoing.error(error)
  }
}

const reasons = [undefined, new Error('mine'), { closeCode: 4001, reason: 'x'.repeat(200) }, { closeCode: 1006 }, null]

/** One game. */
class Game {
  time = new Time()
  aborter = new AbortController()
  /** What has not settled, by its description. */
  pending = new Map()
  log = []

  constructor({ messageStreams, Connection }, seed) {
    this.chance = chance(seed * 2_654_435_761 || 1)
    for (let i = 0; i < 10; i++) this.chance()
    const role = this.pick(['client', 'server'])
    const options = {
      readAhead: this.pick([0, 500, 65_536]),
      keepalive: this.pick([KEEPALIVE, KEEPALIVE, false]),
      fragmentSize: this.pick([undefined, 1000]),
    }
    this.options = options
    this.log.push(role, JSON.stringify(options))
    this.wire = new Wire(this.pick([true, false]))
    this.theirs = new Connection({ role: role === 'client' ? 'server' : 'client', autoClose: this.pick([true, false]) })
    this.streams = messageStreams(this.wire, {
      role,
      ...options,
      closeTimeout: CLOSE_TIMEOUT,
      timers: this.time,
      signal: this.aborter.signal,
    })
    this.streams.closed.then((closed) => {
      this.closed = closed
    })
  }

  pick(list) {
    return list[this.chance() % list.length]
  }

  /** Notes a promise until it settles. A careless user handles none of them. */
  watch(what, promise) {
    const key = {}
    this.pending.set(key, what)
    promise.then(
      () => this.pending.delete(key),
      () => this.pending.delete(key),
    )
  }

  ours = {
    read: () => {
      if (this.piped) return
      this.reader ??= this.streams.readable.getReader()
      this.watch('read', this.reader.read())
    },
    release: () => {
      // Older runtimes refuse it while a read is pending.
      if (this.reader === undefined || [...this.pending.values()].includes('read')) return
      this.reader.releaseLock()
      this.reader = undefined
    },
    write: () => this.write('short'),
    'write much': () => this.write(pattern(this.pick([5000, 300_000]))),
    'write nonsense': () => this.pick([true, false, false]) && this.write(42),
    'close the writable': () => this.watch('close', this.writer()?.close() ?? Promise.resolve()),
    'abort the writable': () => this.abort(),
    cancel: () => this.cancel(),
    close: () => this.streams.close(this.pick([undefined, 1000, 4000])),
    ping: () => this.watch('ping', this.streams.ping()),
    signal: () => this.pick([true, false]) && this.aborter.abort(this.pick(reasons)),
    pipe: () => {
      if (this.reader !== undefined || this.piped || this.streams.writable.locked) return
      this.piped = true
      this.watch('pipe', this.streams.readable.pipeTo(this.streams.writable))
    },
  }

  theirActions = {
    send: () => this.say(() => this.theirs.sendText('hello')),
    'send much': () => this.say(() => this.theirs.sendBinary(pattern(this.pick([400, 70_000])))),
    ping: () => this.say(() => this.theirs.ping('x')),
    close: () => this.say(() => this.theirs.close(this.pick([undefined, 1000, 4000]))),
    'break a rule': () => this.wire.push(Uint8Array.of(0xff, 0xff)),
    end: () => this.wire.finish(),
    reset: () => this.pick([true, false]) && this.wire.fail(new Error('reset')),
    'get stuck': () => {
      this.wire.stuck = true
    },
    'take again': () => this.wire.unstick(),
    answer: () => this.answer(),
  }

  writer() {
    if (!this.piped) this.held ??= this.streams.writable.getWriter()
    return this.held
  }

  write(message) {
    const writer = this.writer()
    // Node throws while a close is pending, where other runtimes reject.
    if (writer !== undefined) this.watch('write', new Promise((resolve) => resolve(writer.write(message))))
  }

  abort() {
    const { writable } = this.streams
    if (this.held !== undefined) this.watch('abort', this.held.abort(this.pick(reasons)))
    else if (!writable.locked) this.watch('abort', writable.abort(this.pick(reasons)))
  }

  cancel() {
    const { readable } = this.streams
    if (this.reader !== undefined) this.watch('cancel', this.reader.cancel(this.pick(reasons)))
    else if (!readable.locked) this.watch('cancel', readable.cancel(this.pick(reasons)))
  }

  giveUp() {
    this.abort()
    this.cancel()
  }

  say(act) {
    act()
    this.wire.push(this.theirs.takeOutput())
  }

  /** The peer reads the bytes that it received, and answers as a connection does. */
  answer() {
    for (const chunk of this.wire.taken.splice(0)) this.theirs.receive(chunk)
    while (this.theirs.hasPending) this.theirs.receive(new Uint8Array(0))
    this.wire.push(this.theirs.takeOutput())
  }

  async play() {
    const steps = this.chance() % 25
    for (let i = 0; i < steps; i++) {
      const side = this.chance() % 20
      if (side === 0) {
        const ms = this.pick([1, 300, 1100, 3000])
        this.log.push(`${ms} ms`)
        await this.time.advance(ms)
      } else {
        const [who, actions] = side < 11 ? ['we', this.ours] : ['they', this.theirActions]
        const name = this.pick(Object.keys(actions))
        this.log.push(`${who} ${name}`)
        actions[name]()
        // Some things happen in one turn.
        if (this.pick([true, false])) await quiet()
      }
    }
    await this.end()
  }

  /** Ends the game in one way or another; then the end must be in time. */
  async end() {
    const { keepalive } = this.options
    const ends = {
      'close, and continue': [() => this.streams.close(), 2 * CLOSE_TIMEOUT],
      signal: [() => this.aborter.abort(), CLOSE_TIMEOUT],
      ...(!this.piped && { 'give up': [() => this.giveUp(), CLOSE_TIMEOUT] }),
      // Timeouts are postponed while nothing is read; a ping that is taken, and any bytes that are, restart the time.
      ...(keepalive && { silence: [() => {}, 40 * (keepalive.interval + keepalive.timeout) + 2 * CLOSE_TIMEOUT] }),
    }
    const name = this.pick(Object.keys(ends))
    this.log.push(name)
    const [begin, span] = ends[name]
    begin()
    await this.time.advance(span)
    this.require(this.closed !== undefined, '`closed` is pending')
    this.require(this.time.timers.size === 0, 'a timer is left')
    this.require(!this.wire.readable.locked && !this.wire.writable.locked, 'the transport is locked')
    await this.drain()
    this.require(this.pending.size === 0, `pending: ${[...this.pending.values()].join()}`)
  }

  /** The user gives up both streams. */
  async drain() {
    if (!this.piped) {
      const reader = this.reader ?? this.streams.readable.getReader()
      let reads = 0
      let over = false
      while (!over && reads++ < 10_000) {
        let settled = false
        reader.read().then(
          ({ done }) => {
            settled = true
            over = done
          },
          () => {
            settled = over = true
          },
        )
        for (let i = 0; i < 10 && !settled; i++) await turn()
        this.require(settled, 'a read is pending')
      }
      this.require(over, 'the readable does not end')
      const writer = this.writer()
      writer.ready.catch(() => {})
      let settled = false
      const note = () => {
        settled = true
      }
      writer.closed.then(note, note)
      await quiet()
      this.require(settled, 'the writable has not ended')
    }
    await quiet()
  }

  require(holds, what) {
    if (!holds) throw new Error(what)
  }
}

/**
 * Plays one game.
 *
 * @param api `{ messageStreams, Connection }`: of the built package, or of its source.
 * @param seed A whole number from 1 on. Replays the same game, for one order of turns.
 */
export async function play(api, seed) {
  const game = new Game(api, seed)
  try {
    await game.play()
  } catch (error) {
    throw new Error(`seed ${seed}: ${error.message}: ${game.log.join(', ')}`, { cause: error })
  }
}

/** Plays many games, a few at a time, and reports unhandled rejections. */
export async function playAll(api, first, count) {
  for (let seed = first; seed < first + count; seed += 20)
    await Promise.all(Array.from({ length: Math.min(20, first + count - seed) }, (_, i) => play(api, seed + i)))
}
