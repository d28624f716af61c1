/**
 * What the adapters for WHATWG streams must do in every runtime, over that runtime's own streams: handshake, messages both ways,
 * backpressure, refusals and every kind of end.
 */

import { Connection, formatRequestHead, offerHandshake } from '../../../dist/index.js'
import { acceptStream, messageStreams, openStream } from '../../../dist/streams/index.js'
import { playAll } from './chaos.mjs'
import { bytesOf, concat, key, maskKeys, pattern, utf8 } from './tools.mjs'

/** Two connected transports; what passed through them, and how to cut them. */
function line() {
  const [toServer, toClient] = [pipe(), pipe()]
  return {
    client: { readable: toClient.readable, writable: toServer.writable },
    server: { readable: toServer.readable, writable: toClient.writable },
    sent: [toServer.passed, toClient.passed],
    cut: (error) => void [toServer, toClient].map((each) => each.fail(error)),
  }
}

function pipe() {
  const passed = []
  let fail
  const { readable, writable } = new TransformStream({
    start: (controller) => {
      fail = (error) => controller.error(error)
    },
    transform: (chunk, controller) => {
      passed.push(chunk.slice())
      controller.enqueue(chunk.slice())
    },
  })
  return { readable, writable, passed, fail }
}

/** Two connected WebSockets, already open. */
function both(options) {
  const between = line()
  const client = messageStreams(between.client, { role: 'client', maskKeys: maskKeys() })
  return { ...between, client, server: messageStreams(between.server, { role: 'server', ...options }) }
}

const messages = ['hello', 'wörld €𝄞', pattern(70_000), '', new Uint8Array(0)]

async function readAll(readable) {
  const all = []
  const reader = readable.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) all.push(next.value)
  return all
}

async function rejection(promise) {
  return promise.then(
    () => undefined,
    (error) => error,
  )
}

function tell({ code, reason, clean, by, error }) {
  return [code, reason, clean, by, error?.code]
}

export const streams = {
  'handshake, and an echo by a pipe'(transcript) {
    return echo(transcript, async (client) => {
      const writer = client.writable.getWriter()
      const read = readAll(client.readable)
      for (const message of messages) await writer.write(message)
      await writer.close()
      transcript.equal(await read, messages)
      transcript.equal(tell(await client.closed), [1000, '', true, 'local', undefined])
    })
  },

  async 'a writer waits for a reader'(transcript) {
    const { client, server, sent } = both({ readAhead: 1000 })
    const writer = client.writable.getWriter()
    let written = 0
    const all = (async () => {
      for (; written < 100; written++) await writer.write(pattern(1000))
      await writer.close()
    })()
    // Long enough for all of them, if nothing delays them.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
    transcript.equal(written < 10, true)
    transcript.equal(await readAll(server.readable), Array(100).fill(pattern(1000)))
    await all
    transcript.note(concat(...sent[0]))
  },

  async 'refusals are written'(transcript) {
    const origin = 'https://elsewhere.test'
    const offer = offerHandshake('ws://example.test/', { origin, key })
    const { client, server, sent } = line()
    const [opened, accepted] = await Promise.all([openStream(client, offer), acceptStream(server)])
    transcript.equal([accepted.ok, accepted.response.status, opened.ok, opened.kind], [false, 403, false, 'refused'])
    transcript.note(sent)
  },

  async 'truncated and invalid heads'(transcript) {
    for (const [bytes, code] of [
      [utf8('GET / HTTP/1.1\r\nHost'), 'head-syntax'],
      [utf8('\0\0\0\0\r\n\r\n'), 'method'],
    ]) {
      const { client, server } = line()
      const writer = client.writable.getWriter()
      const accepting = acceptStream(server)
      const answer = readAll(client.readable)
      await writer.write(bytes)
      await writer.close()
      const accepted = await accepting
      transcript.equal([accepted.ok, accepted.errors[0].code], [false, code])
      transcript.note(concat(...(await answer)))
    }
  },

  async 'every way to end'(transcript) {
    const ends = [
      [(client) => client.close(), [1005, '', true, 'remote', undefined]],
      [(client) => client.close(4000, 'enough'), [4000, 'enough', true, 'remote', undefined]],
      [(client) => client.writable.getWriter().close(), [1000, '', true, 'remote', undefined]],
      [(client) => client.readable.cancel(), [1000, '', true, 'remote', undefined]],
      [(client) => client.writable.abort(new Error('mine')), [1011, '', true, 'remote', undefined]],
      [(client) => client.writable.abort({ closeCode: 4001, reason: 'why' }), [4001, 'why', true, 'remote', undefined]],
    ]
    for (const [end, expected] of ends) {
      const { client, server } = both()
      const ended = Promise.resolve(end(client))
      const read = await rejection(readAll(server.readable))
      transcript.equal(tell(await server.closed), expected)
      transcript.note([read, await rejection(ended), tell(await client.closed)])
    }
  },

  async 'what a peer may not do'(transcript) {
    const { client, server } = line()
    const ours = messageStreams(server, { role: 'server' })
    const theirs = client.writable.getWriter()
    const answer = readAll(client.readable)
    await theirs.write(bytesOf('81 82 00 00 00 00 48 69 81 01 61'))
    const reader = ours.readable.getReader()
    transcript.equal((await reader.read()).value, 'Hi')
    const error = await rejection(reader.read())
    transcript.equal([error.name, error.code, error.closeCode], ['ProtocolError', 'unmasked', 1002])
    transcript.equal(tell(await ours.closed), [1002, '', false, 'local', 'unmasked'])
    transcript.note(concat(...(await answer)))
  },

  async 'a transport that fails'(transcript) {
    const { client, server, cut } = both()
    const reader = server.readable.getReader()
    const writer = client.writable.getWriter()
    await Promise.all([writer.write('before'), reader.read()])
    const reading = rejection(reader.read())
    cut(new Error('the line is cut'))
    transcript.equal((await reading).name, 'ClosedError')
    for (const end of [client, server])
      transcript.equal(tell(await end.closed).slice(0, 4), [1006, '', false, 'transport'])
    transcript.equal((await rejection(writer.write('after'))) instanceof Error, true)
  },

  async 'anything in any order, in fake time'(transcript) {
    await playAll({ messageStreams, Connection }, 1, 200)
    transcript.note('over')
  },
}

/** Opens a client on an echo server; `use` is what the client does, and ends. */
async function echo(transcript, use) {
  const { client, server, sent } = line()
  const offer = offerHandshake('ws://example.test/chat', { subprotocols: ['v1'], key })
  const served = acceptStream(server, { subprotocols: ['v1'] }).then(async (accepted) => {
    if (!accepted.ok) throw accepted.errors[0]
    await accepted.readable.pipeTo(accepted.writable)
    return accepted.closed
  })
  const opened = await openStream(client, offer, { maskKeys: maskKeys() })
  if (!opened.ok) throw opened.errors[0]
  transcript.equal([opened.subprotocol, concat(...sent[0])], ['v1', formatRequestHead(offer.request)])
  await use(opened)
  transcript.note(tell(await served))
  transcript.note(concat(...sent[0]))
  transcript.note(concat(...sent[1]))
}
