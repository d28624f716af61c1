/** Our client on Chromium's DevTools protocol: many commands at once, messages of megabytes, and its end. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { inflateSync } from 'node:zlib'
import { permessageDeflate } from 'websocket-primitives'
import { zlib } from 'websocket-primitives/codec/zlib'
import { Endpoint, HandshakeError } from 'websocket-primitives/node'
import { command, open, openPage, startChromium } from './devtools.mjs'
import { expectNothingLeft } from './support.mjs'

let chromium
before(async () => {
  chromium = await startChromium()
})
after(() => chromium.stop())
expectNothingLeft()

async function connect(context, options) {
  const peer = await open(chromium.url, options)
  context.after(() => peer.terminate())
  return peer
}

test('200 commands at once, each with its own answer', async (context) => {
  const page = await openPage(await connect(context), 'about:blank')
  const results = await Promise.all(Array.from({ length: 200 }, (_, n) => page.evaluate(`'Käse '.repeat(${n})`)))
  assert.deepEqual(
    results,
    Array.from({ length: 200 }, (_, n) => 'Käse '.repeat(n)),
  )
})

/** A canvas that does not compress: noise of a fixed seed. */
const noise = (size) => `<body style="margin:0"><canvas></canvas><script>
  const canvas = document.querySelector('canvas')
  canvas.width = canvas.height = ${size}
  const context = canvas.getContext('2d')
  const image = context.createImageData(${size}, ${size})
  let seed = 1
  for (let i = 0; i < image.data.length; i++) {
    seed = (seed * 48271) % 2147483647
    image.data[i] = i % 4 === 3 ? 255 : seed >> 8 & 255
  }
  context.putImageData(image, 0, 0)
</script>`

/** The pixels of a PNG of one format, checked. */
function readPng(png) {
  assert.equal(png.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n')
  const compressed = []
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') compressed.push(png.subarray(at + 8, at + 8 + size))
    at += 12 + size
    assert.ok(at <= png.length)
  }
  // Checks a sum over all of it.
  const pixels = inflateSync(Buffer.concat(compressed))
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), size: pixels.length }
}

test('a screenshot of megabytes, several times', async (context) => {
  const size = 1200
  const peer = await connect(context)
  const page = await openPage(peer, `data:text/html,${encodeURIComponent(noise(size))}`)
  const clip = { x: 0, y: 0, width: size, height: size, scale: 1 }
  const shots = []
  for (let n = 0; n < 3; n++)
    shots.push((await page.say('Page.captureScreenshot', { clip, captureBeyondViewport: true })).data)
  assert.ok(shots[0].length > 4_000_000)
  assert.deepEqual(readPng(Buffer.from(shots[0], 'base64')), { width: size, height: size, size: size * (1 + size * 3) })
  assert.ok(shots[1] === shots[0] && shots[2] === shots[0])
})

test('a command of megabytes, and its answer', async (context) => {
  const page = await openPage(await connect(context), 'about:blank')
  const text = 'long 文 '.repeat(300_000)
  assert.equal(await page.evaluate(`${JSON.stringify(text)}.length`), text.length)
  assert.equal(await page.evaluate(JSON.stringify(text)), text)
})

test('compression, which Chromium agrees to', async (context) => {
  const extensions = [permessageDeflate({ codec: zlib })]
  const peer = await connect(context, { options: { extensions } })
  assert.equal(peer.agreement.extensions.length, 1)
  const page = await openPage(peer, 'about:blank')
  const text = 'long 文 '.repeat(100_000)
  assert.equal(await page.evaluate(JSON.stringify(text)), text)
})

test('a message that is larger than we accept ends the connection with 1009, but not the browser', async (context) => {
  const closed = new Promise((resolve) => {
    const endpoint = new Endpoint({ limits: { maxMessageSize: 100 }, close: (_, event) => resolve(event) })
    open(chromium.url, { endpoint }).then((peer) => peer.send(JSON.stringify({ id: 1, method: 'Browser.getVersion' })))
  })
  const { code, error } = await closed
  assert.deepEqual([code, error.code], [1009, 'too-large'])
  const { product } = await command(await connect(context), 'Browser.getVersion')
  assert.match(product, /Chrome/)
})

test('Chromium refuses an Origin, and the error reports it', async () => {
  const opening = open(chromium.url, { options: { headers: { origin: 'https://app.example' } } })
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof HandshakeError)
    assert.deepEqual([error.rejection.kind, error.rejection.status], ['refused', 403])
    return true
  })
})

test('a target that does not exist', async () => {
  const url = chromium.url.replace(/[^/]+$/, 'nothing')
  await assert.rejects(open(url), ({ rejection }) => rejection.status === 404)
})

test('when the browser quits, pending commands fail', async () => {
  const peer = await open(chromium.url)
  const page = await openPage(peer, 'about:blank')
  const waiting = assert.rejects(page.evaluate('new Promise(() => {})'), /^Error: 100[56]/)
  await command(peer, 'Browser.close')
  await waiting
  await chromium.exited
  assert.equal(peer.connection.state, 'closed')
})
