// permessage-deflate with the runtime's CompressionStream, which is asynchronous: messages arrive still compressed, and the program
// decompresses them in order.   node examples/asynchronous-deflate.mjs
import {
  acceptHandshake,
  Connection,
  defineExtension,
  offerHandshake,
  Rsv,
  sendEncoded,
  verifyHandshake,
} from 'websocket-primitives'
import { answerDeflateOffer, offerDeflate, verifyDeflateResponse } from 'websocket-primitives/deflate'

// Each message gets its own stream, so no context is taken over from one message to the next.
const preferences = { serverNoContextTakeover: true, clientNoContextTakeover: true }
const deflate = defineExtension({
  name: 'permessage-deflate',
  rsv: Rsv.RSV1,
  offer: () => offerDeflate(preferences),
  accept: (offer) => answerDeflateOffer(offer, preferences),
  verify: verifyDeflateResponse,
  open: () => undefined, // the work is asynchronous
})

/** @typedef {import('websocket-primitives').Bytes} Bytes */
/** @param {Bytes[]} pieces @param {CompressionStream | DecompressionStream} stream */
const through = async (pieces, stream) =>
  new Uint8Array(await new Response(new Blob(pieces).stream().pipeThrough(stream)).arrayBuffer())

/** Ends with a final block and the first byte of an empty one (RFC 7692 §7.2.3.4). @param {string} text */
const compress = async (text) =>
  Uint8Array.of(...(await through([new TextEncoder().encode(text)], new CompressionStream('deflate-raw'))), 0)

/** Accepts messages that end with a final block, as this sender's do. @param {Bytes} data */
const decompress = (data) => through([data.slice(0, -1)], new DecompressionStream('deflate-raw'))

const extensions = [deflate]
const offer = offerHandshake('ws://localhost/', { extensions })
const accepted = acceptHandshake(offer.request, { extensions })
const verified = verifyHandshake(accepted.response, offer)
if (!accepted.ok || !verified.ok) throw new Error('no agreement')
const client = new Connection({ role: 'client', agreement: verified, extensions })
const server = new Connection({ role: 'server', agreement: accepted, extensions })

for (const text of ['hello '.repeat(100), 'and once more '.repeat(50)])
  sendEncoded(client, { of: 'text', rsv: Rsv.RSV1, data: await compress(text) })
client.sendText('short')

// Each message waits for the previous one, compressed or not.
let before = Promise.resolve()
for (const event of server.receive(client.takeOutput() ?? new Uint8Array(0))) {
  before = before.then(async () => {
    if (event.type === 'encoded')
      console.log(event.data.length, 'bytes for', new TextDecoder().decode(await decompress(event.data)).length)
    if (event.type === 'text') console.log(event.data)
  })
}
await before
