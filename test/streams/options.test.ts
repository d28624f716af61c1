// Options of the streams layer: each entry point passes on those of the connection and handshake, and rejects unknown ones.
import { describe, expect, test } from 'vitest'
import { parseClosePayload } from '../../src/frame/index.ts'
import { connectionOptions, handshakeOptions, offerHandshake } from '../../src/index.ts'
import { acceptStream, messageStreams, openStream } from '../../src/streams/index.ts'
import { line } from './pipes.ts'

const any = (options: unknown): never => options as never
const offer = offerHandshake('ws://a.example/')

/** The error of each entry point for these options. */
async function answers(options: unknown): Promise<string[]> {
  const { client, server } = line()
  const opened = openStream(client, offer, any(options)).then(String, String)
  const accepted = acceptStream(server, any(options)).then(String, String)
  const direct = await Promise.resolve()
    .then(() => messageStreams(line().server, any({ role: 'server', ...(options as object) })))
    .then(String, String)
  return [await opened, await accepted, direct]
}

describe('invalid options', () => {
  test('are rejected with their names, by each entry point', async () => {
    const { client, server } = line()
    expect(() => messageStreams(server, any({ role: 'server', maxPayload: 5 }))).toThrow(
      'the options of messageStreams: unknown option "maxPayload"; did you mean `limits.maxMessageSize`?',
    )
    expect(() => messageStreams(server, any(undefined))).toThrow(
      'the options of messageStreams must be an object, not undefined',
    )
    expect(() => messageStreams(server, any({ role: 'server', rest: 'GET' }))).toThrow(
      '`rest` must be a Uint8Array, not a string',
    )
    await expect(openStream(client, offer, any({ readahead: 5 }))).rejects.toThrow(
      'the options of openStream: unknown option "readahead"; did you mean `readAhead`?',
    )
    await expect(openStream(client, offer, any({ role: 'server' }))).rejects.toThrow(TypeError)
    await expect(acceptStream(server, any(null))).rejects.toThrow(
      'the options of acceptStream must be an object, not null',
    )
    await expect(acceptStream(any(undefined))).rejects.toThrow('`transport` must have a `readable` and a `writable`')
    await expect(openStream(any({ readable: 1, writable: 2 }), offer)).rejects.toThrow('this is an object without them')
    expect(() => messageStreams(any({ readable: client.readable }), any({ role: 'server' }))).toThrow(TypeError)
    // Nothing has been locked.
    expect([client.readable.locked, server.readable.locked, server.writable.locked]).toEqual([false, false, false])
  })

  test('include shared options that belong elsewhere', async () => {
    const { client, server } = line()
    const must = 'must be a literal, not shared options'
    await expect(acceptStream(server, any(handshakeOptions({})))).rejects.toThrow(`the options of acceptStream ${must}`)
    expect(() => messageStreams(client, any(connectionOptions({ role: 'client' })))).toThrow(
      `the options of messageStreams ${must}`,
    )
  })

  test('have the types of the connection’s options', async () => {
    for (const [options, message] of [
      [{ readAhead: '5' }, '`readAhead` must be a number, not a string'],
      [{ limits: { maxPayload: 5 } }, 'did you mean `maxMessageSize`?'],
      [{ keepalive: 30 }, '`keepalive` must be `{ interval, timeout }` or false, not 30'],
      [{ keepalive: { intervall: 1, timeout: 1 } }, 'did you mean `interval`?'],
      [{ closeTimeout: 0 }, '`closeTimeout` must be a finite number above 0, not 0'],
      [{ signal: 'abort' }, '`signal` must be an object, not a string'],
      [{ timers: {} }, '`timers.now` must be a function'],
      [{ idleTimeout: 5 }, 'did you mean `keepalive`?'],
    ] as const)
      for (const answer of await answers(options)) expect(answer).toContain(message)
  })
})

test('every stream option is passed on', async () => {
  const { client, server } = line()
  const own = {
    ownsChunks: true,
    fragmentSize: 4,
    loneSurrogates: 'error',
    readAhead: 0,
    limits: { maxFragments: 2 },
  } as const
  const [accepted, opened] = await Promise.all([
    acceptStream(server, { ...own, origins: 'any', subprotocols: ['a'], strictKey: true }),
    openStream(client, offerHandshake('ws://a.example/', { subprotocols: ['a'] }), own),
  ])
  if (!accepted.ok || !opened.ok) throw new Error('no agreement')
  expect(accepted.subprotocol).toBe('a')
  const writer = opened.writable.getWriter()
  writer.write('123456789').catch(() => {})
  await expect(accepted.readable.getReader().read()).rejects.toMatchObject({ code: 'too-many' })
})

test('a Close explains the error with explainErrors', async () => {
  for (const explainErrors of [undefined, true]) {
    const { client, server } = line()
    messageStreams(client, { role: 'client', explainErrors }).closed.catch(() => {})
    await server.writable.getWriter().write(Uint8Array.of(0x83, 0))
    const { value } = await server.readable.getReader().read()
    const masked = value?.subarray(2) as Uint8Array
    const payload = masked.subarray(4).map((byte, i) => byte ^ (masked[i % 4] as number))
    expect(parseClosePayload(payload).reason !== '').toBe(explainErrors === true)
  }
})
