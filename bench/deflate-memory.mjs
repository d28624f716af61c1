/**
 * Measures the memory of an idle connection with permessage-deflate: the resident set of a process before and after it opens many,
 * each of which has sent and received enough to fill its windows. Prints bytes per connection.
 *
 *   node --expose-gc deflate-memory.mjs zlib|pako|ws
 */

import { pako } from '../dist/codec/pako.js'
import { zlib } from '../dist/codec/zlib.js'
import { permessageDeflate } from '../dist/index.js'
import { connect, createRandom, jsonText, wsReceiver, wsSender } from './deflate.mjs'

const CONNECTIONS = 1000
const SIZE = 2048
/** 40 KiB: more than a window. */
const MESSAGES = 20

const kind = process.argv[2]
const random = createRandom(1)
const texts = Array.from({ length: MESSAGES }, () => jsonText(SIZE, random))
const frames = clientFrames()
const kept = []
const make = kind === 'ws' ? openWs : openOurs({ zlib, pako }[kind])

// The first connections also pay for code and shared state.
for (let i = 0; i < 50; i++) kept.push(await make())
const before = await settle()
for (let i = 0; i < CONNECTIONS; i++) kept.push(await make())
console.log(((await settle()) - before) / CONNECTIONS)
if (kept.length === 0) throw new Error('nothing was kept')

/** Resident bytes after garbage collection. */
async function settle() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    globalThis.gc()
  }
  return process.memoryUsage().rss
}

function clientFrames() {
  const client = connect(zlib, 'client')
  return texts.map((text) => {
    client.sendText(text)
    return client.takeOutput()
  })
}

function openOurs(codec) {
  const extension = permessageDeflate({ codec, threshold: 0, level: 6 })
  return () => {
    const connection = connect(codec, 'server', extension)
    let received = 0
    for (const frame of frames) received += connection.receive(new Uint8Array(frame)).length
    for (const text of texts) {
      connection.sendText(text)
      connection.takeOutput()
    }
    if (received !== MESSAGES) throw new Error(`${received} messages came`)
    return connection
  }
}

async function openWs() {
  let finish
  let received = 0
  const all = new Promise((resolve) => {
    finish = resolve
  })
  const receiver = wsReceiver(() => ++received === MESSAGES && finish())
  const sender = wsSender(() => {})
  for (const frame of frames) receiver.write(Buffer.from(frame))
  await all
  const options = { binary: false, compress: true, fin: true, mask: false }
  await new Promise((resolve) => {
    let left = MESSAGES
    for (const text of texts) sender.send(text, options, () => --left === 0 && resolve())
  })
  return { receiver, sender }
}
