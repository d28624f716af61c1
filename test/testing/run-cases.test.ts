import { describe, expect, test } from 'vitest'
import { acceptSocket, Endpoint } from '../../src/adapters/node/index.ts'
import { closing, messages, send, text } from '../../src/cases/build.ts'
import type { Case } from '../../src/testing/case.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
import { openPeer } from '../../src/testing/open-peer.ts'
import { runCases } from '../../src/testing/run-cases.ts'
import { caseOf, client, open } from './agents.ts'
import { quickTimers } from './quick-timers.ts'

const hello = [open(), send(text('Hello')), messages(), ...closing()]
const when = { messages: [{ text: 'Hello' }], close: 1000 } as const

function numbered(count: number): readonly Case[] {
  return Array.from({ length: count }, (_, index) => ({ ...caseOf('server', hello, when), id: `server/test/${index}` }))
}

const endpoint = new Endpoint({ message: (peer, data) => void peer.send(data) })

function serve() {
  const [near, far] = memoryPair()
  acceptSocket(endpoint, far)
  return near
}

test('returns results in the order of the cases, runs so many at a time, and reports each one at once', async () => {
  let active = 0
  let most = 0
  const told: string[] = []
  const results = await runCases(
    numbered(10),
    () => {
      most = Math.max(most, ++active)
      return serve()
    },
    {
      parallel: 3,
      onResult({ id }) {
        active--
        told.push(id)
      },
    },
  )
  expect(results.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(numbered(10).map(({ id }) => `${id} pass`))
  expect(told.sort()).toEqual(numbered(10).map(({ id }) => id))
  expect(most).toBe(3)
})

test('runs cases that send a lot one at a time, after all others', async () => {
  const large = [open(), send(text({ text: '*', repeat: 1_048_576 })), messages(), ...closing()]
  const cases = numbered(8).map((one, at) =>
    at % 2 === 0 ? { ...caseOf('server', large, { close: 1000 }), id: one.id } : one,
  )
  const begun: string[] = []
  const active = new Set<string>()
  let most = 0
  const results = await runCases(
    cases,
    ({ id }) => {
      begun.push(id)
      active.add(id)
      if (Number(id.at(-1)) % 2 === 0) most = Math.max(most, active.size)
      return serve()
    },
    { parallel: 3, onResult: ({ id }) => active.delete(id) },
  )
  expect(begun.map((id) => Number(id.at(-1)))).toEqual([1, 3, 5, 7, 0, 2, 4, 6])
  expect(most).toBe(1)
  expect(results.map(({ id }) => id)).toEqual(cases.map(({ id }) => id))
})

describe('a server that sends nothing at all, perhaps because it is busy', () => {
  /** Returns the cases in the order in which they began, and their results. */
  async function runWith(
    cases: readonly Case[],
    isSilent: (id: string, times: number) => boolean,
    open: (id: string, times: number) => ReturnType<typeof memoryPair>[0] = serve,
  ) {
    const begun: string[] = []
    const told: string[] = []
    const timers = quickTimers()
    const results = await runCases(
      cases,
      ({ id }) => {
        begun.push(id)
        const times = begun.filter((other) => other === id).length
        if (!isSilent(id, times)) return open(id, times)
        const [near, far] = memoryPair({ timers })
        far.resume()
        return near
      },
      { timers, onResult: ({ id }) => told.push(id) },
    )
    const ids = (list: readonly string[]) => list.map((id) => Number(id.split('/')[2]))
    return { begun: ids(begun), told: ids(told), results, verdicts: results.map(({ verdict }) => verdict) }
  }

  test('runs its case once more, alone, and reports it once', async () => {
    const { begun, told, verdicts } = await runWith(numbered(4), (id, times) => times === 1 && /[02]$/.test(id))
    expect(begun).toEqual([0, 1, 2, 3, 0, 2])
    expect(told.toSorted()).toEqual([0, 1, 2, 3])
    expect(told.slice(2)).toEqual([0, 2])
    expect(verdicts).toEqual(Array(4).fill('pass'))
  })

  test('repeats at most ten cases', async () => {
    const { begun, verdicts } = await runWith(numbered(13), (id, times) => times === 1 && !id.endsWith('/0'))
    expect(begun.slice(13)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(verdicts).toEqual([...Array(11).fill('pass'), 'fail', 'fail'])
  })

  test('repeats no case if the server has answered none', async () => {
    const { begun, told, results } = await runWith(numbered(3), () => true)
    expect([begun, told]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
    expect(results.map(({ reason, duration }) => [reason, duration])).toEqual(
      Array(3).fill(['It sent no response to a valid request within 2000 ms.', 2000]),
    )
  })

  test('keeps the first result if there is no second one', async () => {
    const { results } = await runWith(
      numbered(2),
      (id, times) => times === 1 && id.endsWith('1'),
      (_, times) => {
        if (times === 2) throw new Error('gone')
        return serve()
      },
    )
    expect(results[1]).toMatchObject({ verdict: 'fail', reason: expect.stringMatching(/^It sent no response/) })
  })

  test('repeats no case in which silence is right or the server ended the connection', async () => {
    const silent = { ...caseOf('server', [open()], { status: 'none', end: 'none' }), id: 'server/test/9' }
    const { begun, verdicts } = await runWith(
      [...numbered(2), silent],
      (id) => id.endsWith('9'),
      (id) => {
        if (id.endsWith('0')) return serve()
        const [near, far] = memoryPair()
        far.end()
        return near
      },
    )
    expect([begun, verdicts]).toEqual([
      [0, 1, 9],
      ['pass', 'fail', 'pass'],
    ])
  })

  test('repeats no case with a client, which may never connect again', async () => {
    const clients = numbered(2).map((one) => ({
      ...caseOf('client', hello, when),
      id: one.id.replace('server', 'client'),
    }))
    const { begun, verdicts } = await runWith(
      clients,
      (id) => id.endsWith('1'),
      () => {
        const [near, far] = memoryPair()
        void openPeer(near).then(async (peer) => {
          await peer.send({ opcode: 1, payload: (await peer.message()).data })
          await peer.closed()
          await peer.close(1000)
        })
        return far
      },
    )
    expect([begun, verdicts]).toEqual([
      [0, 1],
      ['pass', 'fail'],
    ])
  })
})

test('gives the verdict error only to the case without a connection', async () => {
  const results = await runCases(numbered(3), ({ id }) => {
    if (id.endsWith('1')) throw new Error('connect ECONNREFUSED')
    return id.endsWith('2') ? Promise.reject('nobody') : serve()
  })
  expect(results.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['pass', 'as it must'],
    ['error', 'No connection: connect ECONNREFUSED'],
    ['error', 'No connection: nobody'],
  ])
})

test('opens no connection for a skipped case', async () => {
  const cases = [caseOf('server', hello, when, { needs: ['echo'] })]
  const results = await runCases(cases, () => Promise.reject(new Error('not called')), { echo: false })
  expect(results).toMatchObject([{ verdict: 'skip', reason: 'The agent does not echo messages.' }])
})

test('finds a client that uses a key twice', async () => {
  const one = caseOf('client', [open()], { freshKey: true })
  const key = () => {
    const [near, far] = memoryPair()
    near.on('error', () => {})
    near.write(
      Buffer.from(
        'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      ),
    )
    near.resume()
    return far
  }
  const results = await runCases([one, one], key, { parallel: 1 })
  expect(results.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['pass', 'as it must'],
    ['fail', 'Expected a key that no earlier connection had (RFC 6455 §5.1).'],
  ])
})

test('ends running and waiting cases when the signal aborts', async () => {
  const aborter = new AbortController()
  const results = await runCases(
    numbered(4),
    () => {
      const [near, far] = memoryPair()
      far.resume()
      setImmediate(() => aborter.abort())
      return near
    },
    { signal: aborter.signal, parallel: 2, timers: quickTimers() },
  )
  expect(results.map(({ verdict, reason }) => [verdict, reason])).toEqual(
    Array(4).fill(['error', 'The run was stopped.']),
  )
})

test('ends a wait for a connection when the signal aborts, and destroys one that arrives later', async () => {
  const aborter = new AbortController()
  const late: ReturnType<typeof memoryPair>[0][] = []
  const opens = [
    () => new Promise<never>(() => {}),
    async () => {
      await new Promise((resolve) => aborter.signal.addEventListener('abort', () => setImmediate(resolve)))
      late.push(memoryPair()[0])
      return late[0] as ReturnType<typeof memoryPair>[0]
    },
    () =>
      Promise.reject(new Error('nobody')).catch(async (error) => {
        await new Promise((resolve) => aborter.signal.addEventListener('abort', () => setImmediate(resolve)))
        throw error
      }),
  ]
  setImmediate(() => aborter.abort())
  const results = await runCases(numbered(3), ({ id }) => (opens[Number(id.at(-1))] as (typeof opens)[number])(), {
    signal: aborter.signal,
  })
  expect(results.map(({ verdict, reason }) => [verdict, reason])).toEqual(
    Array(3).fill(['error', 'The run was stopped.']),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(late[0]?.destroyed).toBe(true)
})

test.each([[undefined], [null], [{}], ['socket']])('reports an error of the case if open returns %j', async (value) => {
  expect(await runCases(numbered(1), () => value as never)).toMatchObject([
    { verdict: 'error', reason: expect.stringMatching(/^No connection: the result of `open` must be a stream/) },
  ])
})

test('names wrong options', async () => {
  const run = (options: object) => runCases([], () => memoryPair()[0], options)
  await expect(run({ paralel: 1 })).rejects.toThrow('did you mean `parallel`?')
  await expect(run({ parallel: 0 })).rejects.toThrow(RangeError)
  await expect(run({ timeout: 1.5 })).rejects.toThrow(RangeError)
})

test('a client under test', async () => {
  const cases = [caseOf('client', hello, when)]
  const results = await runCases(cases, () => {
    const [near, far] = memoryPair()
    void client(async (peer) => {
      await peer.send({ opcode: 1, payload: 'Hello' })
      await peer.closed()
      await peer.send({ opcode: 8, payload: Uint8Array.of(3, 232) })
    })(near)
    return far
  })
  expect(results).toMatchObject([{ verdict: 'pass' }])
})
