import { expect, test } from 'vitest'
import { acceptSocket, Endpoint } from '../../src/adapters/node/index.ts'
import { closing, messages, send, text } from '../../src/cases/build.ts'
import type { Case } from '../../src/testing/case.ts'
import { memoryPair } from '../../src/testing/memory-pair.ts'
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

test('results in the order of the cases, so many at a time, each told as it comes', async () => {
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

test('no connection is the verdict error, of that case only', async () => {
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

test('a case that is skipped opens nothing', async () => {
  const cases = [caseOf('server', hello, when, { needs: ['echo'] })]
  const results = await runCases(cases, () => Promise.reject(new Error('not called')), { echo: false })
  expect(results).toMatchObject([{ verdict: 'skip', reason: 'The agent does not send messages back.' }])
})

test('a client that uses a key twice', async () => {
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

test('a signal ends the run: what is under way, and what waits', async () => {
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

test('wrong options are named', async () => {
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
